"""What the lab needs of the host: programs to run, folders to work in, waits with an end."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / ".lab-cache"
"""Packages and the base image; kept when the lab goes."""

RUNTIME = REPOSITORY / ".lab"
"""Everything of the lab that is up; gone when it goes."""

LOGS = RUNTIME / "log"

NAME = os.environ.get("LAB_NAME", "cinderlab")
"""What namespaces and control groups are called by on the host; a second lab needs a second name."""

_POLL_SECONDS = 0.05
_Result = TypeVar("_Result")


class LabError(Exception):
    """The lab cannot do what was asked; the message says why."""


class DeadlineError(LabError):
    """Something awaited did not come in time."""


def run(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    timeout: float = 60,
    check: bool = True,
    log: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    :param stdin: text for its standard input
    :param timeout: seconds until it is ended
    :param check: whether an exit code other than 0 raises
    :param log: a file that its output is added to, in the place of being returned
    :raises LabError: it failed; the message has the end of its output
    """
    if log is None:
        done = _captured(argv, stdin, timeout)
    else:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as stream:
            done = subprocess.run(
                argv, input=stdin, timeout=timeout, text=True, stdout=stream, stderr=subprocess.STDOUT
            )
    if check and done.returncode != 0:
        output = log.read_text(errors="replace") if log else f"{done.stdout}{done.stderr}"
        raise LabError(f"{' '.join(argv)[:200]}: exit code {done.returncode}\n{output[-2000:]}")
    return done


def _captured(argv: Sequence[str], stdin: str | None, timeout: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=stdin or "", timeout=timeout, text=True, capture_output=True)


def wait_until(condition: Callable[[], _Result], what: str, *, within: float) -> _Result:
    """Wait for an event and return what the condition returned when it came.

    :param condition: asked again and again until its answer is true
    :param what: the event in words, for the error
    :param within: seconds
    :raises DeadlineError: the event did not come
    """
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise DeadlineError(f"{what}: not within {within:g} s")
        time.sleep(_POLL_SECONDS)


def process_start(pid: int) -> str | None:
    """Return when a process started (in ticks since boot), None when it is gone or a zombie.

    Together with the number it names one process for good: numbers are used again.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file, with the folders that it needs, for root."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.chmod(path, mode)
