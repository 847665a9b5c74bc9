"""What is kept of a lab after a failure: the logs of every machine, and the end of each for the reader."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from .host import LOGS
from .nodes import Node

_FILES = (
    "var/log/pacemaker/pacemaker.log",
    "var/log/salt/minion",
    "var/log/salt/master",
    "var/lib/pacemaker/cib/cib.xml",
)
_SHOWN_LINES = 12
_JOURNAL_LINES = "2000"


def collect(machines: Iterable[Node], folder: Path) -> str:
    """Copy the logs of all machines into a folder, and return the last lines of each.

    What a machine has written can be read whether it is on or not; its journal only while it is on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shown = [f"All logs are in {folder}."]
    for machine in machines:
        for file in _FILES:
            found = machine.state / file
            if found.exists():
                shown += _kept(found, folder / machine.name / found.name)
        if machine.init is not None:
            journal = machine.run("journalctl", "--no-pager", "--lines", _JOURNAL_LINES, check=False)
            kept = folder / machine.name / "journal"
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(journal.stdout)
    for log in LOGS.glob("*"):
        shutil.copy(log, folder / log.name)
    return "\n".join(shown)


def _kept(source: Path, target: Path) -> list[str]:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    lines = target.read_text(errors="replace").splitlines()
    if source.suffix == ".xml":
        return []
    return [f"--- {target.parent.name}/{target.name}", *lines[-_SHOWN_LINES:]]
