"""Let contestants apply the workload, each time in a fresh process and from a fresh CIB."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_OLD_SALT = _HERE.parent / ".venv-3006" / "bin" / "python"
_CASE_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True)
class Contestant:
    """A way to apply the workload; ``name`` is the one that ``case.py`` knows it by."""

    name: str
    title: str
    programs: tuple[str, ...] = ()
    python: Path = Path(sys.executable)
    is_per_object: bool = False
    is_ours: bool = False

    def missing(self) -> str | None:
        """Why it cannot run on this machine, None where it can."""
        absent = [name for name in self.programs if shutil.which(name) is None]
        if absent:
            return f"{', '.join(absent)} not installed (see `make system`)"
        return None if self.python.exists() else f"no {self.python} (see `make venv-3006`)"


CONTESTANTS = (
    Contestant("ours", "this package, on a file", is_ours=True),
    Contestant("ours-through-cibadmin", "this package, reading with cibadmin -Q", is_ours=True),
    Contestant("pcs", "pcs -f, one call per object", ("pcs",), is_per_object=True),
    Contestant("crm", "crm configure load update", ("crm",)),
    Contestant("salt-pcs", "Salt 3006, its own states.pcs", ("pcs",), _OLD_SALT, is_per_object=True),
    Contestant("bare", "bare tools, our patch (yardstick)"),
    Contestant("bare-crm-diff", "bare tools, crm_diff's patch"),
)


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure.

    :param sizes: numbers of resources
    :param rounds: how often each contestant runs at most; the median counts
    :param seconds: after how long a contestant gets no further round of one size
    :param counted_up_to: up to how many resources per-object contestants do all of it
    :param sample: how many objects they do beyond that; the rest is extrapolated
    """

    sizes: tuple[int, ...] = (10, 100, 1000)
    rounds: int = 5
    seconds: float = 20.0
    counted_up_to: int = 100
    sample: int = 20


QUICK = Effort(sizes=(10, 100), rounds=1, counted_up_to=0, sample=1)


@dataclass(frozen=True)
class Figure:
    """What one apply took, in seconds, each time that it was measured."""

    seconds: tuple[float, ...]
    objects: int
    objects_done: int
    peak_mb: float

    @property
    def is_extrapolated(self) -> bool:
        return self.objects_done < self.objects

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) * self.objects / self.objects_done


@dataclass(frozen=True)
class Result:
    """What one contestant took for one size, or why there is no figure."""

    contestant: Contestant
    size: int
    first: Figure | None = None
    again: Figure | None = None
    problem: str | None = None


@dataclass
class _Runs:
    first: list[dict[str, float]] = field(default_factory=list)
    again: list[dict[str, float]] = field(default_factory=list)
    problem: str | None = None

    @property
    def seconds(self) -> float:
        return sum(run["seconds"] for run in (*self.first, *self.again))


def measure(effort: Effort, announce: Callable[[str], None]) -> Iterator[Result]:
    """Measure every contestant that is installed, for every size; say before each step what it is."""
    present = [contestant for contestant in CONTESTANTS if contestant.missing() is None]
    for size in effort.sizes:
        found = {contestant: _Runs() for contestant in present}
        # Round by round, so that whatever else the machine does meets all alike.
        for number in range(effort.rounds):
            for contestant, runs in found.items():
                if runs.problem is None and runs.seconds <= effort.seconds:
                    announce(f"{contestant.title}: {size} resources, round {number + 1}")
                    _run_round(contestant, size, effort, runs)
        for contestant, runs in found.items():
            yield Result(contestant, size, _figure(runs.first), _figure(runs.again), runs.problem)


def _run_round(contestant: Contestant, size: int, effort: Effort, runs: _Runs) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for phase in (runs.first, runs.again):
            done = _run_case(contestant, size, effort, folder)
            if done.returncode:
                runs.problem = (done.stderr.strip().splitlines() or ["no message"])[-1]
                return
            phase.append(json.loads(done.stdout))


def _run_case(
    contestant: Contestant, size: int, effort: Effort, folder: str
) -> subprocess.CompletedProcess[str]:
    limited = contestant.is_per_object and size > effort.counted_up_to
    most_objects = effort.sample if limited else sys.maxsize
    return subprocess.run(
        [contestant.python, _HERE / "case.py", contestant.name, str(size), folder, str(most_objects)],
        capture_output=True,
        text=True,
        timeout=_CASE_TIMEOUT_SECONDS,
        check=False,
    )


def _figure(runs: list[dict[str, float]]) -> Figure | None:
    if not runs:
        return None
    return Figure(
        seconds=tuple(run["seconds"] for run in runs),
        objects=int(runs[0]["objects"]),
        objects_done=int(runs[0]["objects_done"]),
        peak_mb=max(run["peak_mb"] for run in runs),
    )
