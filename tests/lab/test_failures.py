"""A resource that cannot start makes the state False, with the agent's own reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .applying import apply, changers, comment_of
from .cluster import View
from .lab import Depth, Lab
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_SLS = "broken"
_UNIT = """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/false
"""
_CASES = {
    "parameter": (
        {
            "agent": "ocf:heartbeat:IPaddr2",
            "params": {"ip": "10.0.0.77", "cidr_netmask": 24, "nic": "eth7"},
            "operations": [{"name": "monitor", "interval": "30s"}],
        },
        "[findif] failed",
    ),
    "unit": (
        {
            "agent": "systemd:lab-broken",
            "operations": [{"name": "monitor", "interval": "60s"}],
        },
        "failed",
    ),
}


@pytest.fixture
def as_before(lab: Lab, view: View) -> Iterator[bytes]:
    """The configuration before the test, there again after it."""
    for machine in lab.controllers:
        machine.run("tee", "/etc/systemd/system/lab-broken.service", stdin=_UNIT)
        machine.run("systemctl", "daemon-reload")
    before = view.configuration()
    yield before
    view.replace_configuration(before)


def _write(salt: SaltSite, resource: dict[str, Any], **how: Any) -> None:
    arguments = [{"resources": {"broken": resource}}, *({k: v} for k, v in how.items())]
    salt.write_state(_SLS, {"broken resource": {"pacemaker.declared": arguments}})


@pytest.mark.parametrize("case", _CASES)
def test_start_that_fails_makes_the_state_false_with_the_reason(
    salt: SaltSite, as_before: bytes, case: str
) -> None:
    resource, reason = _CASES[case]
    _write(salt, resource)
    applied = apply(salt, "ctl1", _SLS)
    (state,) = applied["ctl1"]
    print(state["comment"])
    assert state["result"] is False
    assert "start of broken on" in state["comment"]
    assert reason in state["comment"]
    assert changers(applied) == ["ctl1"]


@pytest.mark.parametrize("case", _CASES)
def test_rollback_brings_the_previous_configuration_back(
    salt: SaltSite, view: View, as_before: bytes, case: str
) -> None:
    _write(salt, _CASES[case][0], rollback=True)
    applied = apply(salt, "ctl1", _SLS)
    print(comment_of(applied, "ctl1"))
    assert applied["ctl1"][0]["result"] is False
    assert "rolled back" in comment_of(applied, "ctl1")
    assert changers(applied) == []
    assert view.configuration() == as_before
    view.wait_idle()
    assert view.where("broken") == []
