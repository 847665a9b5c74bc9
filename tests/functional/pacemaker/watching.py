"""Watching what a secret could leave by: programs' arguments and environment, files, errors."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

TOOLS = ("cibadmin", "crm_simulate", "crm_mon", "crm_resource", "pcs", "crm")
_PROCESS_EVENTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system")
_started: list[str] = []


def _note_start(event: str, arguments: tuple[object, ...]) -> None:
    if event in _PROCESS_EVENTS:
        _started.append(repr(arguments))


# A hook cannot be taken out again, so there is one for all tests.
sys.addaudithook(_note_start)


class Watch:
    """Stands between this process and Pacemaker's tools, and looks at the files meanwhile."""

    def __init__(self, folder: Path, cib: Path, monkeypatch: pytest.MonkeyPatch):
        self.cib = cib
        self.temporary = folder / "temporary"
        self._log = folder / "log"
        self._tools = folder / "tools"
        for made in (self.temporary, self._tools, cib.parent):
            made.mkdir(parents=True)
        for name in TOOLS:
            self._stand_before(name)
        self._first = len(_started)
        monkeypatch.setenv("PATH", str(self._tools), prepend=os.pathsep)
        monkeypatch.setenv("TMPDIR", str(self.temporary))
        monkeypatch.setattr(tempfile, "tempdir", str(self.temporary))

    def _stand_before(self, name: str) -> None:
        listing = f"find {self.temporary} {self.cib.parent} -printf 'file %m %y %p\\n' >> {self._log}"
        self.replace(
            name,
            f'echo "shadow {name} $CIB_shadow_dir" >> {self._log}\n'
            f"tr '\\0' '\\n' < /proc/$$/cmdline >> {self._log}\n"
            f"tr '\\0' '\\n' < /proc/$$/environ >> {self._log}\n"
            f'{listing}\n{shutil.which(name)} "$@"\ncode=$?\n{listing}\nexit $code',
        )

    def replace(self, name: str, script: str) -> None:
        """Let a script answer instead of the tool."""
        path = self._tools / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def of_processes(self) -> str:
        """Arguments and environment of every program: as started here, and as /proc showed it."""
        return "\n".join([*_started[self._first :], self._log.read_text()])

    def simulations_in_public(self) -> list[str]:
        """Runs of the scheduler that copied the CIB into Pacemaker's own folder for a moment."""
        found = [line for line in self._log.read_text().splitlines() if "shadow crm_sim" in line]
        assert found
        return [line for line in found if str(self.temporary) not in line]

    def open_files(self) -> list[str]:
        """Files that somebody else could have read while a tool was running."""
        listed = [
            line.split(" ", 3)[1:] for line in self._log.read_text().splitlines() if line.startswith("file ")
        ]
        private = {path for mode, kind, path in listed if kind == "d" and mode == "700"}
        return [
            f"{mode} {path}"
            for mode, kind, path in listed
            if kind == "f" and mode != "600" and private.isdisjoint(map(str, Path(path).parents))
        ]

    def files_left(self) -> list[str]:
        """Files beside the CIB that are still there."""
        found = (path for folder in (self.temporary, self.cib.parent) for path in folder.iterdir())
        return [str(path) for path in found if path != self.cib]


def files_of_pacemaker() -> Iterator[bytes]:
    """The content of what Pacemaker's own folders hold, as far as this user may read it."""
    for path in Path("/var/lib/pacemaker").rglob("*"):
        if os.access(path, os.R_OK) and stat.S_ISREG(path.lstat().st_mode):
            yield path.read_bytes()


def told(error: BaseException) -> str:
    """Everything that an error tells, in a log with its traceback too."""
    return "\n".join([str(error), repr(error), *traceback.format_exception(error)])
