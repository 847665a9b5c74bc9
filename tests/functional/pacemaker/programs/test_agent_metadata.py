"""What installed agents say about themselves, by crm_resource."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.pacemaker.programs.agent_metadata import check_parameters, read_metadata

pytestmark = pytest.mark.one_salt


def test_an_installed_agent_tells_its_parameters_and_actions():
    metadata = read_metadata("ocf:heartbeat:IPaddr2", timeout=30)
    assert metadata.parameters["ip"].required
    assert metadata.parameters["arp_interval"].type == "integer"
    assert metadata.parameters["arp_interval"].default == "200"
    monitor = next(a for a in metadata.actions if a.name == "monitor")
    assert (monitor.interval, monitor.timeout) == ("10s", "20s")


def test_real_parameters_are_checked_against_real_metadata():
    metadata = read_metadata("ocf:heartbeat:IPaddr2", timeout=30)
    assert check_parameters(metadata, {"ip": "10.0.0.1", "cidr_netmask": "24"}) == ()
    sentences = check_parameters(metadata, {"cidr_netmsk": "24"})
    assert [s.rsplit(" ", 1)[-1] for s in sentences] == ["cidr_netmask?", "ip"]


def test_a_secret_parameter_is_marked():
    metadata = read_metadata("ocf:heartbeat:mysql", timeout=30)
    assert metadata.parameters["test_passwd"].secret
    assert not metadata.parameters["pid"].secret


@pytest.mark.parametrize(
    "agent",
    ["ocf:heartbeat:NoSuch", "ocf:nowhere:Dummy", "stonith:fence_nosuch", "systemd:no-such", "lsb:no"],
)
def test_an_agent_that_is_not_installed_is_none(agent):
    assert read_metadata(agent, timeout=30) is None


def test_the_answer_is_kept():
    first = read_metadata("ocf:heartbeat:Dummy", timeout=30)
    assert read_metadata("ocf:heartbeat:Dummy", timeout=30) is first
