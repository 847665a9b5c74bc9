"""The measured figures as a table, as goals that are met or not, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from measure import CONTESTANTS, Figure, Result

_MOST_MEGABYTES = 150
_MOST_TIMES_BARE = {"first": 5, "again": 3}
_TITLE_WIDTH = max(len(contestant.title) for contestant in CONTESTANTS) + 2
_COLUMN_WIDTH = 10


def table(results: Sequence[Result]) -> Iterator[str]:
    """The lines of the table, its footnotes included."""
    sizes = sorted({result.size for result in results})
    yield _row("", [f"{size:,}" for size in sizes for _ in ("first", "again")] + [""])
    yield _row("resources:", ["first", "again"] * len(sizes) + ["memory"])
    for contestant in CONTESTANTS:
        reason = contestant.missing()
        if reason:
            yield f"{contestant.title:{_TITLE_WIDTH}}SKIPPED: {reason}"
            continue
        own = {result.size: result for result in results if result.contestant == contestant}
        cells = [_cell(figure) for size in sizes for figure in (own[size].first, own[size].again)]
        yield _row(contestant.title, [*cells, _memory(list(own.values()))])
    yield from _footnotes(results)


def _row(title: str, cells: Sequence[str]) -> str:
    return f"{title:{_TITLE_WIDTH}}" + "".join(f"{cell:>{_COLUMN_WIDTH}}" for cell in cells)


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "failed"
    return f"{'~' if figure.is_extrapolated else ''}{duration(figure.median)}"


def duration(seconds: float) -> str:
    """A time as people read it.

    >>> duration(0.0123), duration(8.54), duration(615)
    ('12 ms', '8.5 s', '10 min')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _memory(results: Sequence[Result]) -> str:
    peak = _peak(results)
    return f"{peak:.0f} MB" if peak and results[0].contestant.is_ours else ""


def _peak(results: Sequence[Result]) -> float:
    figures = (figure for result in results for figure in (result.first, result.again))
    return max((figure.peak_mb for figure in figures if figure), default=0.0)


def _footnotes(results: Sequence[Result]) -> Iterator[str]:
    samples = {f.objects_done for r in results for f in (r.first, r.again) if f and f.is_extrapolated}
    if samples:
        yield (
            f"~ extrapolated from the first {max(samples)} of all objects, in a CIB that holds no others: "
            "at least that"
        )
    for result in results:
        if result.problem:
            yield f"FAILED: {result.contestant.title}, {result.size:,} resources: {result.problem}"


def goals(results: Sequence[Result]) -> list[dict[str, Any]]:
    """How the largest size that was measured compares with the goals."""
    largest = max(result.size for result in results)
    found = {r.contestant.name: r for r in results if r.size == largest}
    # Reading with cibadmin is what a live cluster needs, and the slower way.
    our, bare = found["ours-through-cibadmin"], found["bare"]
    judged = [
        _compared(
            "no-change apply", "cibadmin -Q and one parse", our.again, bare.again, _MOST_TIMES_BARE["again"]
        ),
        _compared(
            "first apply",
            "cibadmin --patch and one crm_simulate -R",
            our.first,
            bare.first,
            _MOST_TIMES_BARE["first"],
        ),
    ]
    peak = _peak([result for result in results if result.contestant.is_ours])
    judged.append(
        {
            "goal": f"peak memory of our own process below {_MOST_MEGABYTES} MB",
            "measured": f"{peak:.0f} MB",
            "met": 0 < peak < _MOST_MEGABYTES,
        }
    )
    return [{"resources": largest, **goal} for goal in judged]


def _compared(
    what: str, yardstick: str, our: Figure | None, bare: Figure | None, most: int
) -> dict[str, Any]:
    goal = f"{what} within {most} times {yardstick}"
    if our is None or bare is None:
        return {"goal": goal, "measured": "failed", "met": False}
    times = our.median / bare.median
    measured = f"{duration(our.median)} to {duration(bare.median)}, {times:.1f} times"
    return {"goal": goal, "measured": measured, "met": times <= most}


def goal_lines(judged: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A line for each goal."""
    for goal in judged:
        verdict = "met" if goal["met"] else "NOT MET"
        yield f"{verdict:8}{goal['resources']:,} resources: {goal['goal']}: {goal['measured']}"


def as_data(results: Sequence[Result]) -> dict[str, Any]:
    """Everything that was measured, for a JSON file."""
    return {
        "figures": [
            {
                "contestant": result.contestant.name,
                "resources": result.size,
                "apply": phase,
                "seconds": figure.median,
                "runs": list(figure.seconds),
                "objects": figure.objects,
                "objects_done": figure.objects_done,
                "peak_mb": figure.peak_mb,
            }
            for result in results
            for phase, figure in (("first", result.first), ("again", result.again))
            if figure
        ],
        "skipped": {c.name: reason for c in CONTESTANTS if (reason := c.missing())},
        "failed": {f"{r.contestant.name} {r.size}": r.problem for r in results if r.problem},
        "goals": goals(results),
    }
