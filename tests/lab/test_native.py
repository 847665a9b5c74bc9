"""Lines of pcs and crm on the live cluster, and a standby that only lasts until a node's restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .applying import apply, changers, failures
from .cluster import View
from .host import wait_until
from .lab import Depth, Lab
from .nodes import Node
from .salt_site import SaltSite, salt_call

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_SLS = "native"
_FRONT = "native-front"
_PCS = """\
pcs resource create native-front ocf:pacemaker:Dummy op monitor interval=30s --no-default-ops
pcs resource create native-back ocf:pacemaker:Dummy op monitor interval=30s --no-default-ops
pcs tag create native native-front
pcs tag update native add native-back
"""
_PCS_ORDER = "pcs constraint order native-front then native-back\n"
_CRM = """\
primitive native-front ocf:pacemaker:Dummy op monitor interval=30s
primitive native-back ocf:pacemaker:Dummy op monitor interval=30s
order order-native-front-native-back-mandatory Mandatory: native-front:start native-back:start
tag native: native-front native-back
"""
_STANDBY_UNTIL_RESTART = {
    # By the cluster's attribute manager, and past it.
    "crm_standby": ("crm_standby", "--node", "ctl2", "--lifetime", "reboot", "--update", "on"),
    "crm": ("crm", "node", "standby", "ctl2", "reboot"),
}
_TRANSIENT_STANDBY = "status/node_state[@uname='ctl2']/transient_attributes//nvpair[@name='standby']"


@pytest.fixture(autouse=True)
def as_before(view: View) -> Iterator[bytes]:
    before = view.configuration()
    yield before
    view.replace_configuration(before)


def _write(salt: SaltSite, **text: str) -> None:
    """Write the one document, in lines of either tool."""
    state = "pacemaker.pcs_commands" if "commands" in text else "pacemaker.crm_configured"
    salt.write_state(_SLS, {"native": {state: [text]}})


def test_lines_are_written_once_and_what_they_no_longer_say_goes(
    salt: SaltSite, view: View, as_before: bytes
) -> None:
    epoch = view.epoch()
    _write(salt, commands=_PCS + _PCS_ORDER)
    first = apply(salt, sls=_SLS)
    assert failures(first) == []
    assert len(changers(first)) == 1
    assert view.epoch() == epoch + 1
    assert view.where(_FRONT) != []

    again = apply(salt, sls=_SLS)
    assert (failures(again), changers(again)) == ([], [])
    _write(salt, text=_CRM)
    by_crm = apply(salt, sls=_SLS)
    assert (failures(by_crm), changers(by_crm)) == ([], [])
    assert view.epoch() == epoch + 1

    _write(salt, commands=_PCS)
    fewer = apply(salt, sls=_SLS)
    assert failures(fewer) == []
    assert len(changers(fewer)) == 1
    assert "order-native-front" not in view.configuration().decode()
    assert view.where(_FRONT) != []

    salt.call("pacemaker.apply", declaration={}, document="native", target="ctl3")
    assert view.configuration() == as_before


@pytest.mark.parametrize(
    ("tool", "how"),
    [
        ("pcs", "crm"),
        ("crm", "crm_standby"),
        pytest.param("pcs", "crm_standby", marks=pytest.mark.soak),
        pytest.param("crm", "crm", marks=pytest.mark.soak),
    ],
)
def test_standby_until_a_restart_is_taken_back_for_good(lab: Lab, view: View, tool: str, how: str) -> None:
    node = lab.node("ctl1")
    node.run(*_STANDBY_UNTIL_RESTART[how])
    wait_until(lambda: view.query().xpath(_TRANSIENT_STANDBY), "the CIB shows the standby", within=30)
    view.wait_idle()
    status = _call(node, tool, "status")
    assert status["nodes"]["ctl2"]["standby"] is True
    assert status["interventions"] == ["ctl2 is in standby until it restarts"]

    predicted = _call(node, tool, "unstandby", "ctl2", "test=True")
    done = _call(node, tool, "unstandby", "ctl2")
    assert (done["result"], done["failures"], done["missing"]) == (True, [], []), done
    assert done["actions"] == predicted["actions"]
    assert done["changes"]["nodes"] == {"ctl2": {"old": {"standby (transient)": "on"}, "new": {}}}

    # What the attribute manager still knew would be in the CIB again.
    node.run("attrd_updater", "--refresh")
    view.wait_idle()
    assert _call(node, tool, "status")["nodes"]["ctl2"]["standby"] is False
    assert "already; nothing is changed" in _call(node, tool, "unstandby", "ctl2")["comment"]


def _call(node: Node, tool: str, function: str, *arguments: str) -> dict[str, Any]:
    settings = {"tool": tool, "timeout": 120}
    answer = salt_call(node, f"pacemaker.{function}", *arguments, timeout=200, pacemaker=settings)
    found: dict[str, Any] = json.JSONDecoder().raw_decode(answer)[0]["local"]
    assert isinstance(found, dict), found
    return found
