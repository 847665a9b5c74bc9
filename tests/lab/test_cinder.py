"""Cinder for real: from nothing to a volume, and through the loss of every node that has a part in it."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from . import api
from .applying import FORMULA, apply, changers, failures
from .cluster import View
from .conftest import Figure
from .instances import instances
from .lab import Depth, Lab
from .network import CONTROLLERS
from .nodes import Node
from .openstack import cinder_endpoints, stored_volume
from .salt_site import SaltSite
from .volumes import Volumes

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
DEPTH = Depth.CINDER
LEAVES = Depth.RUNNING

_VOLUME = "openstack-cinder-volume"
_VIP = "p_api-ip"
_TABLES = "The database has the tables of this release"
_WRITTEN_BYTES = 3_000_000
# Corosync's defaults take 8.0 s to declare a node of three lost; the rest is fencing, the address, and an
# answer of a uwsgi that is busy with the same.
_LONGEST_GAP_SECONDS = 45.0


def test_three_minions_make_a_service_that_has_volumes(
    lab: Lab, salt: SaltSite, view: View, volumes: Volumes, figure: Figure
) -> None:
    began, before = time.monotonic(), view.epoch()
    applied = apply(salt, sls=FORMULA)
    figure("three minions apply everything at once, from nothing", f"{time.monotonic() - began:.0f} s")
    assert sorted(applied) == list(CONTROLLERS)
    assert failures(applied) == []
    assert view.epoch() == before + 1
    assert len(changers(applied, of=_TABLES)) == 1
    assert cinder_endpoints(lab.infra) == Counter(["admin", "internal", "public"])
    api.wait_answers(within=120)
    answering = time.monotonic() - began
    volumes.wait_up()
    volume = volumes.create("first")
    usable = time.monotonic() - began
    figure("from nothing to an answer of the API, and to a volume", f"{answering:.0f} s, {usable:.0f} s")
    assert list(api.running_on(lab.controllers)) == view.where(_VOLUME)
    assert volumes.delete(volume.id).status == "gone"
    assert not stored_volume(volume.id).exists()


def test_second_apply_changes_and_restarts_nothing(running: None, lab: Lab, salt: SaltSite) -> None:
    before = instances(lab.controllers)
    again = apply(salt, sls=FORMULA)
    assert failures(again) == []
    assert changers(again) == []
    assert instances(lab.controllers) == before


def test_changed_option_restarts_what_reads_it_and_not_the_api(
    running: None, lab: Lab, salt: SaltSite, view: View, volumes: Volumes, changed_report: dict[str, Any]
) -> None:
    before = instances(lab.controllers)
    salt.write_pillar(changed_report)
    with api.watching(lab.controllers) as watch:
        applied = apply(salt, sls=FORMULA)
    assert failures(applied) == []
    after = instances(lab.controllers)
    # The guide's chain binds cinder-volume to a scheduler: it may come back on another node.
    assert _by_unit(after) == _by_unit(before)
    untouched = {instance for instance in before.items() if instance in after.items()}
    assert {unit for (_, unit), _ in untouched} == {"cinder-api"}
    assert len(untouched) == len(CONTROLLERS)
    assert watch.together() == set(), "two writers"
    volumes.wait_up()


def _by_unit(instances: dict[tuple[str, str], str]) -> Counter[str]:
    """How many instances of each unit there are."""
    return Counter(unit for _, unit in instances)


def test_backup_restores_every_byte(running: None, volumes: Volumes) -> None:
    volume = volumes.create("kept")
    with stored_volume(volume.id).open("r+b") as file:
        file.write(os.urandom(_WRITTEN_BYTES))
    backup = volumes.backup(volume.id)
    assert backup.status == "available"
    restored = volumes.restore(backup.id, "restored")
    assert restored.status == "available"
    assert _beginning(restored.id) == _beginning(volume.id)


def _beginning(volume: str) -> bytes:
    with stored_volume(volume).open("rb") as file:
        return file.read(_WRITTEN_BYTES + 1)


def _node_with_volume_service(view: View) -> str:
    return view.where(_VOLUME)[0]


def _node_with_address(view: View) -> str:
    return view.where(_VIP)[0]


def _cut_from_peers(node: Node) -> None:
    node.cut(*(name for name in CONTROLLERS if name != node.name))


_VICTIMS: dict[str, Callable[[View], str]] = {
    "volume": _node_with_volume_service,
    "address": _node_with_address,
    "DC": View.coordinator,
    "ctl1": lambda _view: "ctl1",
    "ctl2": lambda _view: "ctl2",
    "ctl3": lambda _view: "ctl3",
}
_LOSSES: dict[str, Callable[[Node], None]] = {
    "power": Node.power_off,
    "frozen": Node.freeze,
    "partition": _cut_from_peers,
}
_CASES = [("power", "address"), ("frozen", "DC")]
_SOAK_CASES = [
    *(("power", victim) for victim in ("volume", "DC", *CONTROLLERS)),
    *(("partition", victim) for victim in ("volume", "address")),
]


@pytest.mark.parametrize(
    ("loss", "of"), [*_CASES, *(pytest.param(*case, marks=pytest.mark.soak) for case in _SOAK_CASES)]
)
def test_service_goes_on_after_the_loss_of_a_node(
    running: None,
    lab: Lab,
    salt: SaltSite,
    view: View,
    volumes: Volumes,
    figure: Figure,
    loss: str,
    of: str,
) -> None:
    victim = _VICTIMS[of](view)
    survivor = View(next(machine for machine in lab.controllers if machine.name != victim))
    fenced_before = survivor.fencings(victim)
    volume = volumes.create(f"before {loss} of {of}")

    with api.asking() as probe, api.watching(lab.controllers) as watch:
        began = time.monotonic()
        _LOSSES[loss](lab.node(victim))
        survivor.wait_fenced(victim, fenced_before + 1)
        survivor.wait_active(_VOLUME)
        api.wait_answers(within=120)
        later = volumes.create(f"after {loss} of {of}")
        usable = time.monotonic() - began
        survivor.wait_online()
        survivor.wait_idle(within=120)
        api.wait_answers(within=60)
    gap = probe.longest_gap()
    figure(f"{loss} of {of}: API away, and until a new volume", f"{gap:.1f} s, {usable:.1f} s")
    assert gap < _LONGEST_GAP_SECONDS, probe.statuses()
    assert watch.together() == set(), "two writers"
    assert list(watch.last()) == survivor.where(_VOLUME)
    assert survivor.fencings(victim) == fenced_before + 1

    assert volumes.delete(volume.id).status == "gone"
    assert volumes.delete(later.id).status == "gone"
    volumes.wait_up()
    salt.wait_ready()
    again = apply(salt, sls=FORMULA)
    assert failures(again) == []
    assert changers(again) == []
    assert survivor.where("openstack-cinder-api") == list(CONTROLLERS)
    for status in salt.call("cinder_ha.status").values():
        assert status["problems"] == []
