"""What an operator has set for a while survives an apply; what does not start because of it is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .applying import apply, comment_of, failures
from .cluster import View
from .lab import Depth, Lab
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT
LEAVES = DEPTH


@pytest.fixture(autouse=True)
def as_before(view: View) -> Iterator[None]:
    before = view.configuration()
    yield
    view.replace_configuration(before)


def test_maintenance_survives_and_names_what_is_not_started(lab: Lab, salt: SaltSite, view: View) -> None:
    lab.node("ctl2").run("pcs", "property", "set", "maintenance-mode=true")
    applied = apply(salt, "ctl1")
    comment = comment_of(applied, "ctl1")
    assert failures(applied) == []
    assert "openstack-cinder-volume is not running: the cluster is in maintenance mode" in comment
    assert view.where("openstack-cinder-volume") == []
    assert view.property("maintenance-mode") == "true"


def test_standby_of_all_nodes_survives_and_names_what_is_not_started(
    lab: Lab, salt: SaltSite, view: View
) -> None:
    lab.node("ctl1").run("pcs", "node", "standby", "--all")
    applied = apply(salt, "ctl1")
    comment = comment_of(applied, "ctl1")
    assert failures(applied) == []
    assert (
        "openstack-cinder-volume is not running: every node is offline, in standby or in maintenance"
        in comment
    )
    assert view.where("openstack-cinder-volume") == []


def test_standby_ban_and_disabled_survive_a_further_apply(lab: Lab, salt: SaltSite, view: View) -> None:
    assert failures(apply(salt)) == []
    lab.node("ctl2").run("pcs", "node", "standby", "ctl3")
    lab.node("ctl2").run("crm_resource", "--ban", "--resource", "p_api-ip", "--node", "ctl2")
    lab.node("ctl2").run("pcs", "resource", "disable", "openstack-cinder-backup")
    view.wait_idle()
    by_hand = view.configuration()

    applied = apply(salt)
    assert failures(applied) == []
    assert view.configuration() == by_hand
    for name in ("ctl3", "p_api-ip", "openstack-cinder-backup"):
        assert name in comment_of(applied, "ctl1")


def test_status_and_apply_say_that_there_is_no_fencing(lab: Lab, salt: SaltSite, view: View) -> None:
    for machine in lab.controllers:
        lab.node("ctl1").run("pcs", "resource", "delete", f"fence-{machine.name}")
    problem = "fencing is enabled (stonith-enabled), but there is no fencing device"
    comment = comment_of(apply(salt, "ctl1"), "ctl1")
    assert (
        "openstack-cinder-volume is not running: fencing is on (stonith-enabled), but there is no" in comment
    )
    for function in ("pacemaker.status", "cinder_ha.status"):
        for status in salt.call(function).values():
            assert problem in status["problems"], function
            assert status["healthy"] is False
