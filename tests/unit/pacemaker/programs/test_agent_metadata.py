"""What agents take: unknown and missing parameters, units without systemd."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.pacemaker.programs.agent_metadata import (
    AgentMetadata,
    Parameter,
    check_parameters,
    read_metadata,
)


def parameter(name: str, *, required: bool = False, replaces: str = "") -> Parameter:
    return Parameter(name, "string", required, None, False, tuple(filter(None, [replaces])), False)


def metadata(agent: str, *parameters: Parameter) -> AgentMetadata:
    return AgentMetadata(agent, {p.name: p for p in parameters}, ())


def test_an_unknown_parameter_is_named_with_the_nearest_one():
    ip = metadata("ocf:heartbeat:IPaddr2", parameter("ip"), parameter("cidr_netmask"))
    assert check_parameters(ip, {"cidr_netmsk": "24"}) == (
        "ocf:heartbeat:IPaddr2 has no parameter 'cidr_netmsk'; did you mean cidr_netmask?",
    )


def test_without_a_near_one_all_allowed_parameters_are_named():
    ip = metadata("ocf:heartbeat:IPaddr2", parameter("nic"), parameter("ip"))
    assert check_parameters(ip, {"colour": "red"}) == (
        "ocf:heartbeat:IPaddr2 has no parameter 'colour'; allowed are ip, nic",
    )


def test_a_missing_required_parameter_is_named_unless_its_old_name_is_given():
    device = metadata(
        "stonith:fence_x", parameter("ip", required=True, replaces="ipaddr"), parameter("ipaddr")
    )
    assert check_parameters(device, {}) == ("stonith:fence_x needs the parameter ip",)
    assert check_parameters(device, {"ipaddr": "10.0.0.1"}) == ()


def test_what_pacemaker_itself_gives_to_a_fencing_device_is_not_asked_for():
    device = metadata(
        "stonith:fence_x",
        parameter("action", required=True),
        parameter("plug", required=True, replaces="port"),
        parameter("port", required=True),
    )
    assert check_parameters(device, {"pcmk_host_list": "ctl1", "priority": "1"}) == ()


def test_tracing_is_allowed_to_every_ocf_agent_and_fencing_options_are_not():
    agent = metadata("ocf:heartbeat:Dummy", parameter("state"))
    assert check_parameters(agent, {"trace_ra": "1"}) == ()
    assert len(check_parameters(agent, {"pcmk_host_list": "ctl1"})) == 1


def test_a_unit_takes_no_parameters():
    assert check_parameters(metadata("systemd:x"), {"a": "1"}) == (
        "systemd:x has no parameter 'a'; it has none",
    )


@pytest.mark.parametrize(
    ("file", "agent", "installed"),
    [
        ("cinder-api.service", "systemd:cinder-api", True),
        ("cinder-api.service", "systemd:cinder-api.service", True),
        ("cinder@.service", "systemd:cinder@volume", True),
        ("backup.timer", "systemd:backup.timer", True),
        ("cinder-api.service", "service:cinder-api", True),
        ("cinder-api.service", "systemd:cinder", False),
    ],
)
def test_a_unit_is_installed_when_its_file_is_there(tmp_path, monkeypatch, file, agent, installed):
    monkeypatch.setenv("SYSTEMD_UNIT_PATH", str(tmp_path))
    name = agent.replace("cinder", f"cinder-{tmp_path.name}")
    assert read_metadata(name, timeout=30) is None
    (tmp_path / file.replace("cinder", f"cinder-{tmp_path.name}")).touch()
    assert (read_metadata(name, timeout=30) is not None) is installed
