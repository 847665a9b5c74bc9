"""A node is lost without a word: the service goes on elsewhere, and the node comes back by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .applying import apply, failures
from .cluster import View
from .lab import Depth, Lab
from .network import CONTROLLERS, VIP
from .nodes import Node
from .probe import probing, wait_answers
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT

_VIP = "p_api-ip"
# Corosync's defaults take 8.0 s to declare a node of three lost; the rest is fencing and the start.
_LONGEST_GAP_SECONDS = 20.0


def _cut_from_peers(node: Node) -> None:
    node.cut(*(name for name in CONTROLLERS if name != node.name))


_LOSSES: dict[str, Callable[[Node], None]] = {
    "power": Node.power_off,
    "frozen": Node.freeze,
    "partition": _cut_from_peers,
}


@pytest.mark.parametrize("loss", _LOSSES)
def test_address_answers_again_after_the_loss_of_its_node(
    lab: Lab, salt: SaltSite, view: View, loss: str
) -> None:
    view.wait_online()
    assert failures(apply(salt)) == []
    (victim,) = view.where(_VIP)
    survivor = View(next(machine for machine in lab.controllers if machine.name != victim))
    fenced_before = survivor.fencings(victim)
    with probing(VIP) as probe:
        _LOSSES[loss](lab.node(victim))
        survivor.wait_moved(_VIP, away_from=victim)
        wait_answers(VIP, within=30)
        survivor.wait_online()
    gap = probe.longest_gap()
    print(f"{loss}: {VIP} was away for {gap:.2f} s")
    assert gap < _LONGEST_GAP_SECONDS
    assert survivor.fencings(victim) == fenced_before + 1

    survivor.wait_idle()
    salt.wait_ready()
    assert failures(apply(salt)) == []
    assert survivor.where("openstack-cinder-api") == list(CONTROLLERS)
