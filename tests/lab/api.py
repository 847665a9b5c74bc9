"""Cinder's API as clients outside of the cluster meet it, and who writes to its volumes."""

from __future__ import annotations

import contextlib
import subprocess
import threading
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
_VOLUME_SERVICE = "/usr/bin/cinder-volume"
_WATCH_SECONDS = 0.2


class ApiProbe:
    """Asks the API through its address, in a process of its own, while it is open."""

    def __init__(self, url: str):
        command = ["python3", "-c", _SCRIPT.read_text(), url]
        client = network.namespace_file(network.CLIENT)
        self._process = subprocess.Popen(from_base(command, client), stdout=subprocess.PIPE, text=True)
        self._lines: list[str] = []

    def close(self) -> None:
        """Stop asking, and read what came.

        :raises LabError: it had ended by itself
        """
        ended = self._process.poll()
        self._process.terminate()
        output, _ = self._process.communicate(timeout=10)
        if ended is not None:
            raise LabError(f"who asked the API ended with {ended}; its last line: {output[-100:]}")
        self._lines = output.splitlines()

    def statuses(self) -> Counter[int]:
        """How often each HTTP status came; 0 is no answer."""
        return Counter(int(line.split()[1]) for line in self._lines)

    def longest_gap(self) -> float:
        """The longest time without a good answer, in seconds.

        :raises LabError: there was none at all, or none any more at the end
        """
        good = [float(line.split()[0]) for line in self._lines if int(line.split()[1]) in _GOOD]
        if not good or int(self._lines[-1].split()[1]) not in _GOOD:
            raise LabError(f"{URL} does not answer; so far: {self.statuses()}")
        return max((b - a for a, b in pairwise(good)), default=0.0)


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


class WriterWatch:
    """Looks which machines have a process of cinder-volume, five times a second, while it is open."""

    def __init__(self, machines: Iterable[Node]):
        self._machines = tuple(machines)
        self._seen: list[frozenset[str]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def together(self) -> set[frozenset[str]]:
        """The machines that had one at the same moment, where they were several."""
        return {writers for writers in self._seen if len(writers) > 1}

    def last(self) -> frozenset[str]:
        """The machines that had one at the end."""
        return self._seen[-1]

    def _watch(self) -> None:
        while True:
            self._seen.append(writers(self._machines))
            if self._over.wait(_WATCH_SECONDS):
                return


@contextlib.contextmanager
def watching(machines: Iterable[Node]) -> Iterator[WriterWatch]:
    """Watch for a second writer while something happens to the cluster."""
    watch = WriterWatch(machines)
    try:
        yield watch
    finally:
        watch.close()


def writers(machines: Iterable[Node]) -> frozenset[str]:
    """Return the machines that have a process of cinder-volume, whoever started it."""
    return frozenset(machine.name for machine in machines if machine.has_process(_VOLUME_SERVICE))
