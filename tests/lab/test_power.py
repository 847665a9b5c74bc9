"""Power goes without a word: the service goes on elsewhere, and the node comes back by itself."""

from __future__ import annotations

import pytest

from .applying import apply, failures
from .cluster import View
from .lab import Depth, Lab
from .network import VIP
from .probe import probing, wait_answers
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT

_VIP = "p_api-ip"
# Corosync's defaults take 8.0 s to declare a node of three lost; the rest is fencing and the start.
_LONGEST_GAP_SECONDS = 20.0


def test_address_answers_again_after_the_loss_of_its_node(lab: Lab, salt: SaltSite, view: View) -> None:
    assert failures(apply(salt)) == []
    (victim,) = view.where(_VIP)
    survivor = View(next(machine for machine in lab.controllers if machine.name != victim))
    with probing(VIP) as probe:
        lab.node(victim).power_off()
        survivor.wait_moved(_VIP, away_from=victim)
        wait_answers(VIP, within=30)
        survivor.wait_online()
    gap = probe.longest_gap()
    print(f"{VIP} was away for {gap:.2f} s")
    assert gap < _LONGEST_GAP_SECONDS
    assert survivor.fenced() == {victim}

    survivor.wait_idle()
    salt.wait_ready()
    again = apply(salt)
    assert failures(again) == []
    assert view.where("openstack-cinder-api") == [machine.name for machine in lab.controllers]
