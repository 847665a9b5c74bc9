"""Cinder's API as clients outside of the cluster meet it, and who writes to its volumes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from . import network
from .host import LabError, wait_until
from .image import from_base
from .nodes import Node
from .services import API_PORT

URL = f"http://{network.VIP}:{API_PORT}/"
"""The list of versions, which nobody needs an account for."""

_GOOD = (200, 300)
_SCRIPT = Path(__file__).parent / "scripts" / "ask.py"
VOLUME_SERVICE = "/usr/bin/cinder-volume"
API_SERVICE = "/etc/cinder/cinder-api-uwsgi.ini"
_WATCH_SECONDS = 0.2
# A server that has just started may need longer for an answer than the script waits.
_LAST_ANSWER_SECONDS = 15.0


class ApiProbe:
    """Asks the API through its address, in a process of its own, from its first answer until it is closed."""

    def __init__(self, url: str):
        command = ["python3", "-c", _SCRIPT.read_text(), url]
        client = network.namespace_file(network.CLIENT)
        self._process = subprocess.Popen(from_base(command, client), stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        # What happens before the first answer would be no gap between two.
        self._lines = [self._process.stdout.readline()]

    def close(self) -> None:
        """Stop asking after one more good answer, and read what came.

        :raises LabError: it had ended by itself
        """
        ended = self._process.poll()
        if ended is None:
            self._read_until_good(time.time())
        self._process.terminate()
        output, _ = self._process.communicate(timeout=10)
        if ended is not None:
            raise LabError(f"who asked the API ended with {ended}; its last line: {output[-100:]}")
        self._lines += output.splitlines()

    def _read_until_good(self, begun: float) -> None:
        """Read answers until a good one that was asked for after ``begun``, for some seconds at most."""
        assert self._process.stdout is not None
        # Each line comes within the patience of the script, so this ends.
        while line := self._process.stdout.readline():
            self._lines.append(line)
            asked = float(line.split()[0])
            if asked >= begun and (_is_good(line) or asked > begun + _LAST_ANSWER_SECONDS):
                return

    def statuses(self) -> Counter[int]:
        """How often each HTTP status came; 0 is no answer."""
        return Counter(int(line.split()[1]) for line in self._lines)

    def longest_gap(self) -> float:
        """The longest time without a good answer, in seconds.

        :raises LabError: there was none at first, or none any more at the end
        """
        good = [float(line.split()[0]) for line in self._lines if _is_good(line)]
        if not (_is_good(self._lines[0]) and _is_good(self._lines[-1])):
            raise LabError(f"{URL} did not answer at first or in the end: {self.statuses()}")
        return max((b - a for a, b in pairwise(good)), default=0.0)


def _is_good(line: str) -> bool:
    return int(line.split()[1]) in _GOOD


@contextlib.contextmanager
def asking(url: str = URL) -> Iterator[ApiProbe]:
    """Observe the API while something happens to the cluster."""
    wait_answers(within=60)
    probe = ApiProbe(url)
    try:
        yield probe
    finally:
        probe.close()


def wait_answers(*, within: float) -> None:
    """Wait until the API answers through its address; ``within`` in seconds."""
    get = ["curl", "--silent", "--output", "/dev/null", "--max-time", "2", "--write-out", "%{http_code}", URL]
    once = from_base(get, network.namespace_file(network.CLIENT))

    def answers() -> bool:
        done = subprocess.run(once, capture_output=True, text=True, check=False)
        return done.stdout in map(str, _GOOD)

    wait_until(answers, f"{URL} answers", within=within)


class ProcessWatch:
    """Looks which machines have a process of a program, five times a second, while it is open."""

    def __init__(self, machines: Iterable[Node], program: str):
        self._machines = tuple(machines)
        self._program = program
        self._seen: list[frozenset[str]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def together(self) -> set[frozenset[str]]:
        """The machines that had one at the same moment, where they were several."""
        return {seen for seen in self._seen if len(seen) > 1}

    def fewest(self) -> int:
        """The least number of machines that had one at the same moment."""
        return min(map(len, self._seen))

    def last(self) -> frozenset[str]:
        """The machines that had one at the end."""
        return self._seen[-1]

    def _watch(self) -> None:
        while True:
            self._seen.append(running_on(self._machines, self._program))
            if self._over.wait(_WATCH_SECONDS):
                return


@contextlib.contextmanager
def watching(machines: Iterable[Node], program: str = VOLUME_SERVICE) -> Iterator[ProcessWatch]:
    """Watch who runs a program while something happens to the cluster.

    :param program: its path, or another of its arguments
    """
    watch = ProcessWatch(machines, program)
    try:
        yield watch
    finally:
        watch.close()


def running_on(machines: Iterable[Node], program: str = VOLUME_SERVICE) -> frozenset[str]:
    """Return the machines that have a process of a program, whoever started it."""
    return frozenset(machine.name for machine in machines if machine.has_process(program))
