"""Who comes from the ``pcs`` states of Salt 3006 is told the new names; the page's new states work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.adapters.old_pcs_states import DROPPED

# Salt 3006.28, salt/states/pcs.py: the arguments beside "name", and the state that takes its place.
OLD_STATES = {
    "stonith_present": (
        "resource_present",
        ["stonith_id", "stonith_device_type", "stonith_device_options", "cibname"],
    ),
    "resource_present": (
        "resource_present",
        ["resource_id", "resource_type", "resource_options", "cibname"],
    ),
    "constraint_present": (
        "order_present",
        ["constraint_id", "constraint_type", "constraint_options", "cibname"],
    ),
    "prop_has_value": ("property_present", ["prop", "extra_args", "cibname"]),
}


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "from-pcs-states.md").read_text()


def blocks(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("old", OLD_STATES)
def test_argument_of_an_old_state_is_refused_with_the_new_name(states: Any, cib_file: Path, old: str) -> None:
    new, arguments = OLD_STATES[old]
    for argument in arguments:
        answer = states[f"pacemaker.{new}"]("vip", **{argument: "x", "value": "x"})
        assert answer["result"] is False
        assert answer["comment"].startswith(f"{argument}: is from Salt's old pcs states")
        assert ("not needed" in answer["comment"]) is (argument in DROPPED)
    assert not cib_file.exists()


def test_value_of_the_old_property_state_is_taken_as_it_is(states: Any) -> None:
    assert states["pacemaker.property_present"]("stonith-enabled", value="false")["result"] is True


def test_every_old_state_is_on_the_page(page: str) -> None:
    named = set(re.findall(r"`pcs\.(\w+)`", page.partition("Salt 3006's")[2].partition("| old state")[2]))
    assert named >= {*OLD_STATES, "resource_defaults_to", "resource_op_defaults_to", "cib_present", "auth"}


def test_the_pages_new_states_succeed_and_then_change_nothing(
    modules: Any, state_tree: Path, page: str
) -> None:
    new = [block for block in blocks(page) if "  pcs." not in block]
    assert len(new) == 3
    (state_tree / "page.sls").write_text("\n".join(new))
    first, second = (list(modules.state.apply("page")) for _ in range(2))
    assert len(first) == sum(len(yaml.safe_load(block)) for block in new)
    assert [state.comment for state in first if state.result is not True] == []
    assert [state.changes for state in second if state.changes] == []


def test_the_pages_old_state_is_refused_under_its_new_name(modules: Any, state_tree: Path, page: str) -> None:
    (old,) = [block for block in blocks(page) if "  pcs." in block]
    (state_tree / "page.sls").write_text(old.replace("pcs.", "pacemaker."))
    (state,) = modules.state.apply("page")
    assert state.result is False
    assert "use name" in state.comment
