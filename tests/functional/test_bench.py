"""``make bench`` shows every figure that it promises; how long anything takes is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.one_salt

CONTESTANTS = (
    "this package, on a file",
    "this package, reading with cibadmin -Q",
    "pcs -f, one call per object",
    "crm configure load update",
    "Salt 3006, its own states.pcs",
    "bare tools, our patch (yardstick)",
    "bare tools, crm_diff's patch",
)


@pytest.fixture(scope="module")
def quick(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, Any]]:
    """The lines and the data of one quick run."""
    data = tmp_path_factory.mktemp("bench") / "figures.json"
    done = subprocess.run(
        [sys.executable, "bench/run.py", "--quick", "--json", data],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines(), json.loads(data.read_text())


@pytest.mark.parametrize("title", CONTESTANTS)
def test_every_contestant_has_a_row_with_all_figures_or_the_reason_why_not(quick, title):
    lines, data = quick
    (row,) = [line.removeprefix(title) for line in lines if line.startswith(title)]
    if "SKIPPED" in row:
        assert any(reason in row for reason in data["skipped"].values())
    else:
        assert len([word for word in row.split() if word in ("ms", "s", "min")]) == 4


def test_what_was_not_measured_is_marked(quick):
    lines, data = quick
    partly = {f["contestant"] for f in data["figures"] if f["objects_done"] < f["objects"]}
    assert partly <= {"pcs", "salt-pcs"}
    assert any(line.startswith("~ extrapolated from the first 1 of") for line in lines) == bool(partly)


def test_the_goals_are_judged(quick):
    lines, data = quick
    assert len(data["goals"]) == 3
    for goal in data["goals"]:
        (line,) = [line for line in lines if goal["goal"] in line]
        assert line.startswith("met" if goal["met"] else "NOT MET")
