"""An independent observer: does the virtual address answer, and for how long did it not?"""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator

from . import network
from .host import LabError, wait_until
from .image import from_base

_INTERVAL_SECONDS = 0.1
_ANSWER = re.compile(r"\[(?P<time>[\d.]+)\].*ttl=")


class Probe:
    """Pings an address from outside of the cluster, ten times a second, while it is open."""

    def __init__(self, address: str):
        ping = ["ping", "-D", "-n", "-i", str(_INTERVAL_SECONDS), address]
        client = network.namespace_file(network.CLIENT)
        self._process = subprocess.Popen(
            from_base(ping, client), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        # What happens before the first answer would be no gap between two.
        self._begun = self._process.stdout.readline() + self._process.stdout.readline()
        self._answers: list[float] | None = None

    def close(self) -> None:
        """Stop pinging, and read what came."""
        self._process.terminate()
        output, _ = self._process.communicate(timeout=10)
        found = map(_ANSWER.match, (self._begun + output).splitlines())
        self._answers = [float(answer["time"]) for answer in found if answer]

    def longest_gap(self) -> float:
        """The longest time without an answer, in seconds.

        :raises LabError: there was none at all, or none any more at the end
        """
        if self._answers is None or len(self._answers) < 2:
            raise LabError("the address never answered")
        return max(b - a for a, b in zip(self._answers, self._answers[1:], strict=False))


@contextlib.contextmanager
def probing(address: str) -> Iterator[Probe]:
    """Observe an address while something happens to the cluster."""
    wait_answers(address, within=30)
    probe = Probe(address)
    try:
        yield probe
    finally:
        probe.close()


def wait_answers(address: str, *, within: float) -> None:
    """Wait until an address answers the client; ``within`` in seconds."""
    client = network.namespace_file(network.CLIENT)
    once = from_base(["ping", "-n", "-c", "1", "-W", "1", address], client)

    def answers() -> bool:
        return subprocess.run(once, capture_output=True, check=False).returncode == 0

    wait_until(answers, f"{address} answers", within=within)
