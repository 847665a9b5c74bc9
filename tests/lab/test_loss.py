"""A node is lost without a word: the service goes on elsewhere, and the node comes back by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from .applying import apply, failures
from .cluster import View
from .conftest import Effort, Figure
from .host import wait_until
from .lab import Depth, Lab
from .network import CONTROLLERS, VIP
from .nodes import Node
from .probe import probing, wait_answers
from .salt_site import SaltSite

# What is lost is told by the tests with real Cinder as well.
pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.timeout(900)]
DEPTH = Depth.SALT

_VIP = "p_api-ip"
# Corosync's defaults take 8.0 s to declare a node of three lost; the rest is fencing and the start.
_LONGEST_GAP_SECONDS = 20.0
_LONGEST_SECONDS = 90.0


def _cut_from_peers(node: Node) -> None:
    node.cut(*_peers(node))


def _deafen_to_peers(node: Node) -> None:
    node.deafen(*_peers(node))


def _peers(node: Node) -> list[str]:
    return [name for name in CONTROLLERS if name != node.name]


@dataclass(frozen=True)
class _Loss:
    """How a node is lost, and which: the one that has the address, or the designated controller."""

    befall: Callable[[Node], None]
    is_controller: bool = False


_LOSSES = {
    "frozen": _Loss(Node.freeze),
    "cut off from both others": _Loss(_cut_from_peers),
    "deaf to both others": _Loss(_deafen_to_peers),
    "power, of the designated controller": _Loss(Node.power_off, is_controller=True),
    "frozen, of the designated controller": _Loss(Node.freeze, is_controller=True),
}


@pytest.mark.parametrize("loss", _LOSSES)
def test_address_answers_again_after_the_loss_of_a_node(
    lab: Lab, salt: SaltSite, view: View, figure: Figure, loss: str
) -> None:
    view.wait_online()
    assert failures(apply(salt)) == []
    victim = view.controller() if _LOSSES[loss].is_controller else view.where(_VIP)[0]
    gap = _lose(lab, salt, lab.node(victim), _LOSSES[loss].befall)
    figure(f"{VIP} away after the loss of a node ({loss})", f"{gap:.1f} s")


def test_address_answers_again_after_the_loss_of_each_node_in_turn(
    lab: Lab, salt: SaltSite, view: View, effort: Effort, figure: Figure
) -> None:
    view.wait_online()
    assert failures(apply(salt)) == []
    gaps: dict[str, list[float]] = {"with": [], "without": []}
    for name in itertools.islice(itertools.cycle(CONTROLLERS), effort.losses):
        kind = "with" if view.where(_VIP) == [name] else "without"
        gaps[kind].append(_lose(lab, salt, lab.node(name), Node.power_off))
    for kind, seconds in gaps.items():
        if seconds:
            what = f"{VIP} away after the power loss of a node {kind} it, {len(seconds)} times"
            figure(what, f"{min(seconds):.1f} to {max(seconds):.1f} s")


def _lose(lab: Lab, salt: SaltSite, victim: Node, befall: Callable[[Node], None]) -> float:
    """Lose a node, see all well again without a hand, and return for how long the address was away."""
    survivor = View(next(machine for machine in lab.controllers if machine.name != victim.name))
    fenced_before = survivor.fencings(victim.name)
    with probing(VIP) as probe:
        befall(victim)
        fenced = f"{victim.name} is fenced"
        wait_until(lambda: survivor.fencings(victim.name) > fenced_before, fenced, within=_LONGEST_SECONDS)
        survivor.wait_moved(_VIP, away_from=victim.name)
        wait_answers(VIP, within=30)
        survivor.wait_online()
    gap = probe.longest_gap()
    assert gap < _LONGEST_GAP_SECONDS
    assert survivor.fencings(victim.name) == fenced_before + 1

    survivor.wait_idle()
    salt.wait_ready()
    assert failures(apply(salt)) == []
    assert survivor.where("openstack-cinder-api") == list(CONTROLLERS)
    assert len(survivor.where("openstack-cinder-volume")) == 1
    return gap
