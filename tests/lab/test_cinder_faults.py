"""What Cinder stands on fails, or has no room: applies say so or do their work, and break nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from . import api
from .applying import FORMULA, apply, changers, failures
from .cluster import View
from .conftest import Figure
from .instances import instances
from .lab import Depth, Lab
from .nodes import Node
from .salt_site import SaltSite
from .volumes import Volumes

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
DEPTH = Depth.RUNNING
LEAVES = DEPTH

_CONF = "/etc/cinder/cinder.conf"
_DATABASE_PORT, _QUEUE_PORT, _KEYSTONE_PORT = 3306, 5672, 5000
_DELAY_MILLISECONDS = 100
_ENDPOINTS = "Cinder is in Keystone's catalog"


@pytest.fixture
def infra(running: None, lab: Lab) -> Iterator[Node]:
    """The machine with the database, the message queue and Keystone, below a service that runs."""
    yield lab.infra
    lab.infra.heal()


@pytest.mark.soak
def test_slow_database_slows_and_changes_nothing(
    infra: Node, lab: Lab, salt: SaltSite, volumes: Volumes, figure: Figure
) -> None:
    before = instances(lab.controllers)
    for machine in lab.controllers:
        machine.delay(_DELAY_MILLISECONDS, infra.name, port=_DATABASE_PORT)
    try:
        began = time.monotonic()
        applied = apply(salt, sls=FORMULA)
        figure(
            f"an apply without change, each packet to the database {_DELAY_MILLISECONDS} ms late",
            f"{time.monotonic() - began:.0f} s",
        )
        volume = volumes.create("slow")
        assert volumes.delete(volume.id).status == "gone"
    finally:
        for machine in lab.controllers:
            machine.heal()
    assert failures(applied) == []
    assert changers(applied) == []
    assert instances(lab.controllers) == before


@pytest.mark.soak
def test_without_the_message_queue_nothing_restarts_and_volumes_come_again_with_it(
    infra: Node, lab: Lab, salt: SaltSite, view: View, volumes: Volumes, figure: Figure
) -> None:
    before, fenced = instances(lab.controllers), _fencings(lab, view)
    infra.silence(_QUEUE_PORT)
    applied = apply(salt, sls=FORMULA)
    assert failures(applied) == []
    assert changers(applied) == []
    api.wait_answers(within=30)
    infra.heal()
    began = time.monotonic()
    volume = volumes.create("after the queue")
    figure("RabbitMQ is back: until a new volume", f"{time.monotonic() - began:.0f} s")
    assert volumes.delete(volume.id).status == "gone"
    assert instances(lab.controllers) == before
    assert _fencings(lab, view) == fenced


def test_without_keystone_only_the_catalog_fails_and_says_why(
    infra: Node, lab: Lab, salt: SaltSite, view: View, figure: Figure
) -> None:
    before, epoch = instances(lab.controllers), view.epoch()
    infra.silence(_KEYSTONE_PORT)
    began = time.monotonic()
    applied = apply(salt, sls=FORMULA)
    figure("an apply while Keystone answers nobody", f"{time.monotonic() - began:.0f} s")
    for states in applied.values():
        (failed,) = (state for state in states if state["result"] is not True)
        assert failed["__id__"] == _ENDPOINTS
        assert f":{_KEYSTONE_PORT}" in failed["comment"]
        assert "Traceback" not in failed["comment"]
    assert changers(applied) == []
    assert (instances(lab.controllers), view.epoch()) == (before, epoch)
    infra.heal()
    assert failures(apply(salt, sls=FORMULA)) == []


def test_full_disk_leaves_the_old_file_and_the_service_that_runs_with_it(
    infra: Node, lab: Lab, salt: SaltSite, changed_report: dict[str, Any]
) -> None:
    node, *others = lab.controllers
    before = instances([node])
    conf = node.run("cat", _CONF).stdout
    node.fill("/etc/cinder")
    try:
        salt.write_pillar(changed_report)
        applied = apply(salt, sls=FORMULA)
        assert node.run("cat", _CONF).stdout == conf
    finally:
        node.heal()
    assert [name for name in applied if failures({name: applied[name]})] == [node.name]
    assert any("No space left on device" in comment for comment in failures(applied))
    assert instances([node])[node.name, "cinder-api"] == before[node.name, "cinder-api"]
    for machine in others:
        assert machine.run("cat", _CONF).stdout != conf
    again = apply(salt, sls=FORMULA)
    assert failures(again) == []
    assert changers(again) == [node.name]
    assert node.run("cat", _CONF).stdout == others[0].run("cat", _CONF).stdout


def _fencings(lab: Lab, view: View) -> dict[str, int]:
    return {machine.name: view.fencings(machine.name) for machine in lab.controllers}
