"""A node needs only one of the operators' two tools, and none of them for what this package writes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .applying import apply, changers, failures
from .cluster import View
from .lab import Depth, Lab
from .nodes import Node
from .salt_site import SaltSite, salt_call

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_PLACES = {"pcs": "/usr/sbin/pcs", "crm": "/usr/sbin/crm"}
_AWAY = ".away"
# The same change by hand, with each tool.
_DRIFT = {
    "pcs": ("pcs", "resource", "meta", "openstack-cinder-api", "migration-threshold=8"),
    "crm": ("crm", "resource", "meta", "openstack-cinder-api", "set", "migration-threshold", "8"),
}


@pytest.fixture(params=_PLACES)
def tool(request: pytest.FixtureRequest, lab: Lab, view: View) -> Iterator[str]:
    """The one tool that all controllers have; the other is absent, as are the other's daemons."""
    present: str = request.param
    absent = {place for name, place in _PLACES.items() if name != present}
    before = view.configuration()
    _on_all(lab, lambda node: [node.run("mv", place, place + _AWAY) for place in absent])
    if present != "pcs":
        _on_all(lab, lambda node: node.run("systemctl", "stop", "pcsd"))
    yield present
    _on_all(lab, lambda node: [node.run("mv", place + _AWAY, place) for place in absent])
    _on_all(lab, lambda node: node.run("systemctl", "start", "pcsd"))
    view.replace_configuration(before)


def _on_all(lab: Lab, act: Callable[[Node], object]) -> None:
    for machine in lab.controllers:
        act(machine)


def test_formula_works_with_one_tool(lab: Lab, salt: SaltSite, view: View, tool: str) -> None:
    node = lab.node("ctl2")
    for name in _PLACES:
        assert (node.run("sh", "-c", f"command -v {name}", check=False).returncode == 0) is (name == tool)

    assert failures(apply(salt)) == []
    assert changers(apply(salt)) == []

    node.run(*_DRIFT[tool])
    predicted = apply(salt, "ctl1", test=True)["ctl1"][0]
    assert predicted["result"] is None
    drifted = predicted["changes"]["resources"]["openstack-cinder-api"]
    assert drifted["old"] == {"meta.migration-threshold": "8"}
    exported = salt.call("pacemaker.export", "openstack-cinder-api", target="ctl3")["ctl3"]
    assert exported["declaration"]["resources"]["openstack-cinder-api"]["meta"]["migration-threshold"] == "8"
    assert failures(apply(salt)) == []
    for status in salt.call("cinder_ha.status").values():
        assert status["problems"] == []
        assert status["drift"] == {}


def test_verbs_take_the_tool_that_is_there(lab: Lab, salt: SaltSite, view: View, tool: str) -> None:
    """``auto`` finds it, and one that is named and absent is one sentence."""
    (other,) = set(_PLACES) - {tool}
    node = lab.node("ctl1")
    refused = salt_call(node, "pacemaker.standby", "ctl3", pacemaker={"tool": other})
    assert f"the program {other} is not installed" in refused
    assert "Traceback" not in refused
    standby = salt.call("pacemaker.standby", "ctl3", target="ctl1")["ctl1"]
    assert standby["changes"]["nodes"]["ctl3"]["new"] == {"standby": "on"}
    assert salt.call("pacemaker.unstandby", "ctl3", target="ctl1")["ctl1"]["result"] is True
    change = "cluster-recheck-interval=14min"
    line = {"pcs": f"pcs property set {change}", "crm": f"property {change}"}[tool]
    assert salt.call(f"pacemaker.{tool}", line, target="ctl2")["ctl2"]["result"] is True
    assert view.property("cluster-recheck-interval") == "14min"
