"""``salt '*' state.apply cinder_ha.resources`` on three minions at the same moment."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from .applying import RESOURCES, apply, changers, failures
from .cluster import View
from .conftest import Effort, Figure
from .lab import Depth, Lab
from .network import PUBLIC_VIP, VIP
from .probe import wait_answers
from .salt_site import MINION_UNIT, SaltSite, example_pillar

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_SERVICES = ("openstack-cinder-api", "openstack-cinder-scheduler", "openstack-cinder-volume")


@pytest.fixture(scope="module", autouse=True)
def bare(view: View) -> Iterator[bytes]:
    """The configuration before anything was applied; it is there again in the end."""
    before = view.configuration()
    yield before
    view.replace_configuration(before)


@pytest.fixture
def nothing(view: View, bare: bytes) -> None:
    """A cluster without anything but its fencing."""
    view.replace_configuration(bare)


def test_three_minions_make_one_configuration_in_one_transaction(
    lab: Lab, salt: SaltSite, view: View, bare: bytes, effort: Effort, figure: Figure
) -> None:
    seconds = []
    for _ in range(effort.applies):
        view.replace_configuration(bare)
        before = view.epoch()

        began = time.monotonic()
        applied = apply(salt)
        seconds.append(time.monotonic() - began)
        assert sorted(applied) == [machine.name for machine in lab.controllers]
        assert failures(applied) == []
        assert len(changers(applied)) == 1, applied
        assert view.epoch() == before + 1
        ids = Counter(view.query().xpath("configuration//@id"))
        assert [name for name, times in ids.items() if times > 1] == []
        for service in _SERVICES:
            assert view.where(service)

        again = apply(salt)
        assert failures(again) == []
        assert changers(again) == []
        assert view.epoch() == before + 1
    figure(
        f"three minions apply at once, from nothing, {effort.applies} times: slowest until all runs",
        f"{max(seconds):.0f} s",
    )


def test_both_addresses_answer_from_outside(salt: SaltSite, view: View) -> None:
    assert failures(apply(salt)) == []
    wait_answers(VIP, within=10)
    wait_answers(PUBLIC_VIP, within=10)


def test_status_is_healthy_on_every_minion(salt: SaltSite) -> None:
    assert failures(apply(salt)) == []
    for status in salt.call("cinder_ha.status").values():
        assert status["problems"] == []
        assert status["drift"] == {}
        assert status["sandbox"] is False


@pytest.fixture
def two_pillars(salt: SaltSite) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Two pillars that differ in many objects; the example again afterwards."""
    one, other = example_pillar(), example_pillar()
    for service in ("api", "scheduler", "volume"):
        services = other["cinder_ha"]["cluster"]["services"]
        services.setdefault(service, {})["meta"] = {"migration-threshold": 7}
    yield one, other
    salt.write_pillar(example_pillar())


def test_minion_killed_in_an_apply_leaves_the_old_or_the_new(
    lab: Lab,
    salt: SaltSite,
    view: View,
    nothing: None,
    two_pillars: tuple[dict[str, Any], dict[str, Any]],
    effort: Effort,
    figure: Figure,
) -> None:
    versions = []
    for pillar in reversed(two_pillars):
        salt.write_pillar(pillar)
        assert failures(apply(salt, "ctl1")) == []
        versions.append(_declared(view))
    new, old = versions
    unwritten = 0
    for number in range(effort.kills):
        before = _declared(view)
        salt.write_pillar(two_pillars[before == old])
        _kill_in_an_apply(salt, lab, after=random.uniform(0.1, 2.0))
        view.wait_idle()
        after = _declared(view)
        assert after in (old, new), f"round {number}"
        unwritten += after == before
        salt.wait_ready()
        assert failures(apply(salt, "ctl1")) == []
        assert _declared(view) != before
    written = effort.kills - unwritten
    figure(
        f"a minion killed in an apply {effort.kills} times, the configuration afterwards",
        f"the old {unwritten} times, the new {written} times, never anything else",
    )


def _kill_in_an_apply(salt: SaltSite, lab: Lab, *, after: float) -> None:
    """Start an apply, and end the whole minion ``after`` so many seconds."""
    salt.submit("state.apply", RESOURCES, target="ctl1")
    # No event to wait for: the kill is to come at any moment.
    time.sleep(after)
    lab.node("ctl1").run("systemctl", "kill", "--signal=KILL", MINION_UNIT)


def _declared(view: View) -> list[str]:
    """Resources and constraints, without the record of who wrote them."""
    query = view.query()
    parts = query.xpath("configuration/resources//nvpair | configuration/constraints/*")
    return sorted(f"{part.get('id')}={part.get('value')}" for part in parts)
