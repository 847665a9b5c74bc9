"""No write of ours loses anybody's write, on three nodes that write at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from .cluster import View
from .conftest import Effort, Figure
from .lab import Depth, Lab
from .nodes import Node

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_SCRIPTS = Path(__file__).parent / "scripts"
_TIMES = 30
# On a busy machine the noise wins most of the time.
_LONGEST_SECONDS = 600.0
# As often as a cluster of some size has results of monitors; without a pause nobody else would get a word in.
_NOISE = "i=0; while :; do i=$((i+1)); attrd_updater --name lab-noise --update $i; sleep 0.2; done"
_NOISE_UNIT = "lab-noise"
# What an operator would type; a property that nobody else sets.
_RIVALS = {
    "pcs": ("pcs", "property", "set", "--force", "{name}={value}"),
    "crm": ("crm", "configure", "property", "{name}={value}"),
}
_BATCH = 5


@pytest.fixture(scope="module", autouse=True)
def as_before(view: View) -> Iterator[None]:
    before = view.configuration()
    yield
    view.replace_configuration(before)


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
        return int(lab.node(name).run_script(_SCRIPTS / script, name, str(_TIMES), timeout=_LONGEST_SECONDS))

    with ThreadPoolExecutor() as pool:
        return list(pool.map(on, [machine.name for machine in lab.controllers]))


def _properties(view: View) -> dict[str, str]:
    found = view.query().iterfind("configuration/crm_config/cluster_property_set/nvpair")
    return {pair.get("name", ""): pair.get("value", "") for pair in found}


def test_three_writers_of_the_same_value_lose_no_increment(
    lab: Lab, view: View, noise: None, figure: Figure
) -> None:
    refused = _everywhere(lab, "increment.py")
    figure(f"3 x {_TIMES} increments of one value: writes refused and done again", str(sum(refused)))
    counted = _properties(view)
    assert counted["lab-shared"] == str(3 * _TIMES)
    assert [counted[f"lab-{machine.name}"] for machine in lab.controllers] == [str(_TIMES)] * 3
    assert sum(refused) > 0, "nobody was in anybody's way, so nothing is proven"


def test_three_transactions_at_once_all_land(lab: Lab, view: View, noise: None, figure: Figure) -> None:
    attempts = _everywhere(lab, "commit.py")
    figure(f"3 x {_TIMES} transactions: attempts", str(sum(attempts)))
    landed = _properties(view)
    for machine in lab.controllers:
        for number in range(_TIMES):
            assert landed[f"lab-{machine.name}-{number}"] == str(number)
    assert sum(attempts) > 3 * _TIMES, "nobody was in anybody's way, so nothing is proven"


@pytest.mark.parametrize("rivals", [["pcs"], ["crm"], ["pcs", "crm"]], ids="-".join)
def test_nothing_of_the_other_tools_is_lost_by_us(
    lab: Lab, view: View, effort: Effort, figure: Figure, rivals: list[str]
) -> None:
    label = "-".join(rivals)
    ours, *others = lab.controllers
    with ThreadPoolExecutor() as pool:
        busy = [
            pool.submit(_write_on, node, tool, label, effort.rival_writes)
            for tool, node in zip(rivals, others, strict=False)
        ]
        counted, refused = _increment_while(busy, ours, label)
    landed = _properties(view)
    lost = {tool: _missing(landed, tool, label, effort.rival_writes) for tool in rivals}
    figure(
        f"{counted} increments of ours beside {effort.rival_writes} changes by {' and '.join(rivals)}",
        f"refused and done again {refused}, lost by them {counted - int(landed[f'lab-{label}'])}; "
        + ", ".join(f"changes of {tool} lost {len(names)}" for tool, names in lost.items()),
    )
    # Of what one of a pair lacks, nobody knows who lost it.
    if len(rivals) == 1:
        assert lost == {rivals[0]: []}


def _write_on(node: Node, tool: str, label: str, times: int) -> None:
    for number in range(times):
        pair = {"name": _rival_name(tool, label, number), "value": number}
        node.run(*(word.format(**pair) for word in _RIVALS[tool]))


def _rival_name(tool: str, label: str, number: int) -> str:
    return f"lab-{label}-by-{tool}-{number}"


def _increment_while(busy: list[Future[None]], node: Node, label: str) -> tuple[int, int]:
    """Count up as long as the others write; return how often, and how many writes were refused."""
    counted = refused = 0
    while not all(future.done() for future in busy):
        refused += int(node.run_script(_SCRIPTS / "increment.py", label, str(_BATCH)))
        counted += _BATCH
    for future in busy:
        future.result()
    return counted, refused


def _missing(landed: dict[str, str], tool: str, label: str, times: int) -> list[str]:
    names = [_rival_name(tool, label, number) for number in range(times)]
    return [name for number, name in enumerate(names) if landed.get(name) != str(number)]
