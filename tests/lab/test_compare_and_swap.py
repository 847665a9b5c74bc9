"""No write of ours loses anybody's write, on three nodes that write at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .cluster import View
from .lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

_SCRIPTS = Path(__file__).parent / "scripts"
_TIMES = 30
# As often as a cluster of some size has results of monitors; without a pause nobody else would get a word in.
_NOISE = "i=0; while :; do i=$((i+1)); attrd_updater --name lab-noise --update $i; sleep 0.2; done"
_NOISE_UNIT = "lab-noise"


@pytest.fixture
def noise(lab: Lab) -> Iterator[None]:
    """Node attributes that change all the time: each moves the version of the CIB."""
    for machine in lab.controllers:
        machine.run("systemd-run", f"--unit={_NOISE_UNIT}", "sh", "-c", _NOISE)
    yield
    for machine in lab.controllers:
        machine.run("systemctl", "stop", _NOISE_UNIT)


def _everywhere(lab: Lab, script: str) -> list[int]:
    """Run a script on all nodes at the same moment; return the number that each printed."""

    def on(name: str) -> int:
        return int(lab.node(name).run_script(_SCRIPTS / script, name, str(_TIMES)))

    with ThreadPoolExecutor() as pool:
        return list(pool.map(on, [machine.name for machine in lab.controllers]))


def _properties(view: View) -> dict[str, str]:
    found = view.query().iterfind("configuration/crm_config/cluster_property_set/nvpair")
    return {pair.get("name", ""): pair.get("value", "") for pair in found}


def test_three_writers_of_the_same_value_lose_no_increment(lab: Lab, view: View, noise: None) -> None:
    refused = _everywhere(lab, "increment.py")
    print(f"refused and done again: {refused}")
    counted = _properties(view)
    assert counted["lab-shared"] == str(3 * _TIMES)
    assert [counted[f"lab-{machine.name}"] for machine in lab.controllers] == [str(_TIMES)] * 3
    assert sum(refused) > 0, "nobody was in anybody's way, so nothing is proven"


def test_three_transactions_at_once_all_land(lab: Lab, view: View, noise: None) -> None:
    attempts = _everywhere(lab, "commit.py")
    print(f"attempts: {attempts}")
    landed = _properties(view)
    for machine in lab.controllers:
        for number in range(_TIMES):
            assert landed[f"lab-{machine.name}-{number}"] == str(number)
    assert sum(attempts) > 3 * _TIMES, "nobody was in anybody's way, so nothing is proven"
