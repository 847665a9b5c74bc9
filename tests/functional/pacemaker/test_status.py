"""The status of a cluster, as crm_mon reads it from a CIB."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from lxml import etree

from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.errors import CibError, ClusterNotRunningError
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.pacemaker.status import read_status
from tests.functional.pacemaker.clusters import (
    NODES,
    clone,
    cluster,
    configure,
    fencing,
    parsed,
    primitive,
    settled,
    with_node_attribute,
)

pytestmark = pytest.mark.one_salt

SERVICES = primitive("vip") + clone("api", primitive("api"))
SECRET = "hunter2"


def problems(cib_xml: bytes) -> tuple[str, ...]:
    return read_status(parsed(cib_xml), timeout=30).problems


def with_failure(cib_xml: bytes, tmp_path) -> bytes:
    """What a failed monitor of vip leaves behind when the cluster has recovered from it."""
    outcome = tmp_path / "failed.xml"
    subprocess.run(
        ["crm_simulate", "-p", "-S", "-i", "vip_monitor_30000@ctl1=1", "-O", outcome],
        input=cib_xml,
        check=True,
        capture_output=True,
    )
    return outcome.read_bytes()


def test_a_settled_cluster_is_healthy_and_says_what_runs_where():
    status = read_status(parsed(settled(SERVICES)), timeout=30)
    assert status.healthy
    assert status.quorum
    assert status.dc == "ctl1"
    assert [node.name for node in status.nodes] == list(NODES)
    assert {r.id: (r.kind, r.parent, r.role, r.nodes) for r in status.resources} == {
        "vip": ("primitive", None, "Started", ("ctl1",)),
        "api-clone": ("clone", None, "Started", NODES),
        "api": ("primitive", "api-clone", "Started", NODES),
    }


def test_a_group_and_its_members_are_told_with_their_parent():
    group = f'<group id="g">{primitive("one")}{primitive("two")}</group>'
    status = read_status(parsed(settled(group)), timeout=30)
    assert [(r.id, r.kind, r.parent) for r in status.resources] == [
        ("g", "group", None),
        ("one", "primitive", "g"),
        ("two", "primitive", "g"),
    ]


def test_the_promoted_instance_is_told():
    cib = settled(clone("db", primitive("db", "Stateful"), promotable="true"))
    (db,) = (r for r in read_status(parsed(cib), timeout=30).resources if r.id == "db")
    assert (db.role, db.promoted_on, db.nodes) == ("Promoted", ("ctl1",), NODES)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("standby", "node ctl3 is in standby"), ("maintenance", "node ctl3 is in maintenance")],
)
def test_a_node_that_an_operator_took_out_is_a_problem(name, sentence):
    cib = with_node_attribute(settled(primitive("vip")), "ctl3", name, "true")
    assert problems(cib) == (sentence,)


def test_a_node_that_is_off_is_a_problem():
    root = etree.fromstring(settled(primitive("vip")))
    state = root.find("status/node_state[@uname='ctl3']")
    state.attrib.update({"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "down"})
    assert problems(etree.tostring(root)) == ("node ctl3 is offline",)


def test_maintenance_of_the_cluster_is_one_problem_not_one_per_resource():
    properties = {"stonith-enabled": "false", "maintenance-mode": "true"}
    cib = configure(etree.fromstring(settled(SERVICES)), SERVICES, "", properties)
    assert problems(cib) == ("the cluster is in maintenance mode",)


def test_a_lost_quorum_is_a_problem():
    cib = settled(primitive("vip")).replace(b'have-quorum="1"', b'have-quorum="0"')
    assert problems(cib) == ("the cluster has no quorum",)


def test_fencing_that_is_on_without_a_device_is_a_problem():
    properties = {"stonith-enabled": "true"}
    without = cluster(primitive("vip"), **properties)
    assert "fencing is enabled (stonith-enabled), but there is no fencing device" in problems(without)
    assert problems(settled(primitive("vip") + fencing(), **properties)) == ()


def test_what_is_disabled_on_purpose_is_no_problem():
    cib = settled(clone("api", primitive("api"), target_role="Stopped"))
    status = read_status(parsed(cib), timeout=30)
    assert status.healthy
    assert not any(r.active for r in status.resources)


def test_what_should_run_and_does_not_is_a_problem():
    assert problems(cluster(primitive("vip"))) == ("vip is not running",)


def test_a_failure_is_told_with_its_operation_and_node(tmp_path):
    status = read_status(parsed(with_failure(settled(primitive("vip")), tmp_path)), timeout=30)
    (failure,) = status.failures
    assert (failure.resource, failure.operation, failure.node) == ("vip", "monitor", "ctl1")
    assert str(failure) == "monitor of vip on ctl1 failed: error (Simulated action result)"
    assert str(failure) in status.problems


def test_what_a_move_or_ban_left_behind_is_told():
    left = (
        '<rsc_location id="cli-ban-vip-on-ctl3" rsc="vip" node="ctl3" score="-INFINITY"/>'
        '<rsc_location id="cli-prefer-api" rsc="api-clone" node="ctl1" score="INFINITY"/>'
    )
    assert problems(settled(SERVICES, left)) == (
        "vip is banned from ctl3 by cli-ban-vip-on-ctl3",
        "api-clone is bound to ctl1 by cli-prefer-api",
    )


def test_a_ban_with_a_lifetime_tells_its_node():
    ban = (
        '<rsc_location id="cli-ban-vip-on-ctl3" rsc="vip"><rule id="r" score="-INFINITY" '
        'boolean-op="and"><expression id="e" attribute="#uname" operation="eq" value="ctl3"/>'
        '<date_expression id="d" operation="lt" end="2099-01-01 00:00:00Z"/></rule></rsc_location>'
    )
    (found,) = read_status(parsed(settled(primitive("vip"), ban)), timeout=30).bans
    assert (found.node, found.banned) == ("ctl3", True)


def test_the_status_is_plain_data(tmp_path):
    status = read_status(parsed(with_failure(settled(SERVICES), tmp_path)), timeout=30).to_dict()
    assert json.loads(json.dumps(status)) == status
    assert status["resources"]["vip"]["nodes"] == ["ctl1"]
    assert status["nodes"]["ctl1"]["online"] is True


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"pacemaker-3.", b"pacemaker-9.", "but the newest one"),
        (b"<constraints/>", b"<constraints><bogus/></constraints>", "does not satisfy its schema"),
        (b"</cib>", b"", "not well-formed"),
    ],
)
def test_a_cib_that_crm_mon_calls_ok_but_cannot_read_is_an_error(old, new, words):
    broken = cluster(primitive("vip", param=SECRET)).replace(old, new)
    with pytest.raises(CibError, match=words) as caught:
        read_status(parsed(broken), timeout=30)
    assert SECRET not in str(caught.value)


def test_no_copy_of_the_cib_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    read_status(parsed(cluster(primitive("vip"))), timeout=30)
    assert list(tmp_path.iterdir()) == []


def test_where_no_cluster_runs_the_error_says_so():
    with pytest.raises(ClusterNotRunningError, match="is not running on this node"):
        Cluster(Settings()).status()


def test_everything_that_is_said_of_a_running_cluster_is_of_one_moment(tmp_path, monkeypatch):
    # No cluster runs here: the tool answers with a file, and counts.
    (tmp_path / "cib.xml").write_bytes(cluster(primitive("vip")))
    reads = tmp_path / "reads"
    tool = tmp_path / "cibadmin"
    tool.write_text(f"#!/bin/sh\necho read >>{reads}\ncat {tmp_path}/cib.xml\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    running = Cluster(Settings())
    assert not running.interventions()
    assert "vip" in running.status().to_dict()["resources"]
    assert reads.read_text().splitlines() == ["read"]
