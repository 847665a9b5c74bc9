"""Many minions at once make one set of endpoints, whether they know of each other or not."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from ..pillars import Pillar, entries
from ..services import Rest, Server

pytestmark = pytest.mark.one_salt

PROCESSES, ROUNDS = 8, 10


def _apply(auth: dict[str, Any], cib: str, owner: str, vip: str) -> tuple[bool | None, str]:
    pillar = Pillar(auth, Path(cib))
    pillar.timeout = 120
    pillar.vips["internal"]["ip"] = vip
    answer = pillar.apply(owner)
    return answer.result, answer.comment


@pytest.mark.timeout(900)
@pytest.mark.parametrize("known_to_each_other", [True, False])
def test_eight_processes_at_once_leave_exactly_the_desired_catalog(
    keystone: Server, admin: Rest, auth: dict[str, Any], tmp_path: Path, known_to_each_other: bool
) -> None:
    # Without a common CIB they are as minions that are in no cluster: there is no lock to take.
    cibs = [str(tmp_path / ("one" if known_to_each_other else str(n)) / "cib.xml") for n in range(PROCESSES)]
    for cib in cibs:
        Path(cib).parent.mkdir(exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        for number in range(ROUNDS):
            if number % 2 == 0:
                for service in admin.services():
                    admin.call("DELETE", f"/services/{service['id']}")
            vip = f"10.0.0.{11 + number}"
            arguments = [(auth, cib, f"ctl{n}", vip) for n, cib in enumerate(cibs)]
            answers = pool.starmap(_apply, arguments, chunksize=1)
            assert [comment for result, comment in answers if result is not True] == []
            assert admin.catalog() == entries(f"http://{vip}:8776/v3")


def test_minion_that_finds_all_as_declared_takes_no_lock(
    keystone: Server, auth: dict[str, Any], tmp_path: Path
) -> None:
    Pillar(auth, tmp_path / "cib.xml").apply()
    other = tmp_path / "other.xml"
    Pillar(auth, other).apply()
    assert not other.exists()
