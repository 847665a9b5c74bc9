"""The formula on nodes whose service runs: rolling restarts, a proxy, and cleaning up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from . import api, network
from .applying import FORMULA, apply, changers, failures
from .cluster import View
from .conftest import Figure
from .instances import UNITS, instances, last_start
from .lab import Depth, Lab
from .network import CONTROLLERS
from .nodes import Node
from .openstack import cinder_endpoints
from .salt_site import SaltSite, example_pillar
from .volumes import Volumes

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
DEPTH = Depth.RUNNING
LEAVES = DEPTH

_CLEAN = f"{FORMULA}.clean"
_CONF = "/etc/cinder/cinder.conf"
_VIP = "p_api-ip"
_VIPS = (_VIP, "p_api-ip-public")
# HAProxy looks every 2 s, and takes an API out after five looks in vain.
_FAILOVER_SECONDS = 15.0
_WRITTEN = (
    _CONF,
    "/etc/cinder/nfs_exports",
    "/etc/default/cinder-api",
    "/var/lib/saltext-cinder-ha",
    *(f"/etc/systemd/system/{unit}.service.d" for unit in UNITS),
)

Pillar = dict[str, Any]


def _change_site(salt: SaltSite, change: Callable[[Pillar], None]) -> None:
    """Change the minions' pillar."""
    pillar = salt.read_pillar()
    change(pillar["cinder_ha"])
    salt.write_pillar(pillar)


def _lower_the_limit(site: Pillar) -> None:
    site["config"]["DEFAULT"]["osapi_max_limit"] = 500


def test_api_restarts_on_one_node_at_a_time_and_last_where_the_addresses_are(
    running: None, lab: Lab, salt: SaltSite, view: View, figure: Figure
) -> None:
    where = [view.where(vip) for vip in _VIPS]
    with_address = {name for nodes in where for name in nodes}
    before = instances(lab.controllers)
    _change_site(salt, _lower_the_limit)
    with api.asking() as probe, api.watching(lab.controllers, api.API_SERVICE) as watch:
        applied = apply(salt, sls=FORMULA)
        api.wait_answers(within=60)
    figure("three minions restart the API, one after the other: API away", f"{probe.longest_gap():.1f} s")
    assert failures(applied) == []
    after = instances(lab.controllers)
    for name in CONTROLLERS:
        assert after[name, "cinder-api"] != before[name, "cinder-api"]
    assert [view.where(vip) for vip in _VIPS] == where
    assert watch.fewest() == len(CONTROLLERS) - 1
    order = sorted(CONTROLLERS, key=lambda name: last_start(lab.node(name), "cinder-api"))
    assert set(order[-len(with_address) :]) == with_address, (order, with_address)
    assert changers(apply(salt, sls=FORMULA)) == []


@pytest.mark.soak
def test_node_in_standby_can_be_cleaned_and_taken_in_again(
    running: None, lab: Lab, salt: SaltSite, view: View, volumes: Volumes
) -> None:
    refused = apply(salt, "ctl3", sls=_CLEAN)
    assert any("put the node in standby first" in comment for comment in failures(refused))
    assert _left(lab.node("ctl3")) == set(_WRITTEN)
    lab.node("ctl3").run("crm_standby", "--update", "on", "--node", "ctl3")
    try:
        view.wait_idle()
        assert failures(apply(salt, "ctl3", sls=_CLEAN)) == []
        assert _left(lab.node("ctl3")) == set()
        assert _left(lab.node("ctl1")) == set(_WRITTEN)
    finally:
        assert failures(apply(salt, "ctl3", sls=FORMULA)) == []
        lab.node("ctl3").run("crm_standby", "--delete", "--node", "ctl3")
    view.wait_idle()
    assert view.where("openstack-cinder-api") == list(CONTROLLERS)
    volumes.wait_up()


def _left(machine: Node) -> set[str]:
    """What is there of the paths that the formula writes."""
    return {path for path in _WRITTEN if machine.run("test", "-e", path, check=False).returncode == 0}


def _put_a_proxy_in_front(site: Pillar) -> None:
    servers = {name: network.internal_address(name) for name in CONTROLLERS}
    site["haproxy"] = {"enabled": True, "servers": servers}
    site["packages"]["enabled"] = True


@pytest.mark.soak
def test_proxy_has_the_address_and_every_api_one_of_its_own(
    running: None, lab: Lab, salt: SaltSite, view: View
) -> None:
    _change_site(salt, _put_a_proxy_in_front)
    assert failures(apply(salt, sls=FORMULA)) == []
    for machine in lab.controllers:
        own, vip = network.internal_address(machine.name), network.VIP
        assert _sysctl(machine, "net.ipv4.ip_nonlocal_bind") == "1"
        assert {f"{own}:8776", f"{vip}:8776"} <= _listening(machine)
        assert "0.0.0.0:8776" not in _listening(machine)
    api.wait_answers(within=60)
    (holder,) = view.where(_VIP)
    with api.asking() as probe:
        view.node.run("crm_resource", "--ban", "--resource", "openstack-cinder-api", "--node", holder)
        view.wait_idle()
        assert holder not in view.where("openstack-cinder-api")
        assert view.where(_VIP) == [holder]
        api.wait_answers(within=60)
        view.node.run("crm_resource", "--clear", "--resource", "openstack-cinder-api")
        view.wait_idle()
    assert probe.longest_gap() < _FAILOVER_SECONDS
    assert changers(apply(salt, sls=FORMULA)) == []


@pytest.mark.soak
def test_proxy_that_the_pillar_no_longer_wants_gives_the_address_back(
    running: None, lab: Lab, salt: SaltSite
) -> None:
    _change_site(salt, lambda site: site["haproxy"].update(enabled=False))
    assert failures(apply(salt, sls=FORMULA)) == []
    for machine in lab.controllers:
        assert machine.run("systemctl", "is-active", "haproxy", check=False).stdout.strip() == "inactive"
        assert machine.run("test", "-e", "/etc/haproxy/haproxy.cfg", check=False).returncode == 1
    api.wait_answers(within=60)
    assert changers(apply(salt, sls=FORMULA)) == []


def _sysctl(machine: Node, name: str) -> str:
    return machine.run("sysctl", "--values", name).stdout.strip()


def _listening(machine: Node) -> set[str]:
    """The addresses and ports at which a machine takes connections."""
    lines = machine.run("ss", "--no-header", "--listening", "--tcp", "--numeric").stdout.splitlines()
    return {line.split()[3] for line in lines}


def test_whole_cluster_can_be_cleaned_and_its_volumes_are_there_when_it_is_made_again(
    running: None, lab: Lab, salt: SaltSite, view: View, volumes: Volumes
) -> None:
    volume = volumes.create("kept")
    _change_site(salt, lambda site: site.update(clean="cluster"))
    assert failures(apply(salt, sls=_CLEAN)) == []
    ids = set(
        view.query().xpath("configuration/resources//primitive/@type | configuration/constraints/*/@id")
    )
    assert ids == {"fence_redfish"}
    assert cinder_endpoints(lab.infra) == Counter()
    assert instances(lab.controllers) == {}
    for machine in lab.controllers:
        assert _left(machine) == set()
        assert machine.run("systemctl", "is-active", "haproxy", check=False).stdout.strip() == "inactive"
    again = apply(salt, sls=_CLEAN)
    assert failures(again) == []
    assert changers(again) == []

    salt.write_pillar(example_pillar())
    assert failures(apply(salt, sls=FORMULA)) == []
    api.wait_answers(within=120)
    volumes.wait_up()
    assert volumes.delete(volume.id).status == "gone"
