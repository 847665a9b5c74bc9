"""What this process does while a test watches: the programs that it starts and the files that it opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Observation:
    """Names of started programs and paths of opened files, in their order."""

    programs: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def openings(self, path: Path) -> int:
        """How often a file was opened under its own name."""
        return self.opened.count(str(path))


_watching: list[Observation] = []


@contextmanager
def observed() -> Iterator[Observation]:
    """Watch this process, by Python's own audit events."""
    observation = Observation()
    _watching.append(observation)
    try:
        yield observation
    finally:
        _watching.remove(observation)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    for observation in _watching:
        if event == "subprocess.Popen":
            observation.programs.append(os.path.basename(os.fsdecode(arguments[0])))
        elif event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
            observation.opened.append(os.fsdecode(arguments[0]))


# There is no way to take it out again; with nobody watching it does nothing.
sys.addaudithook(_hook)
