"""What-if on the real scheduler: what survives the loss of a node, and why something would not."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.scheduler.whatif import survives, what_if
from tests.functional.pacemaker.clusters import (
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

WITH_FENCING = {"stonith-enabled": "true"}
SERVICES = primitive("vip") + clone("api", primitive("api"))


def fates(cib_xml: bytes, **loss: list[str]) -> dict[str, str]:
    return {f.resource: str(f) for f in what_if(parsed(cib_xml), timeout=30, **loss).fates}


def with_fencing_on(cib_xml: bytes) -> bytes:
    root = etree.fromstring(cib_xml)
    root.find(".//nvpair[@name='stonith-enabled']").set("value", "true")
    return etree.tostring(root)


def test_a_resource_starts_elsewhere_when_its_node_is_fenced():
    cib = settled(SERVICES + fencing(), **WITH_FENCING)
    (node,) = {n for f in what_if(parsed(cib), failed=["vip"], timeout=30).fates for n in f.ran_on}
    answer = what_if(parsed(cib), lost_nodes=[node], timeout=30)
    assert [a.node for a in answer.actions if a.kind == "fence"] == [node]
    assert answer.survives
    assert answer.quorum
    assert node not in {n for f in answer.fates for n in f.runs_on}


def test_fencing_without_a_device_means_that_nothing_fails_over():
    cib = with_fencing_on(settled(SERVICES))
    assert what_if(parsed(cib), lost_nodes=["ctl1"], timeout=30).actions == ()
    assert fates(cib, lost_nodes=["ctl1"])["vip"] == (
        "vip does not survive: fencing is enabled, but there is no device that could fence ctl1"
    )
    assert survives(parsed(cib), ["vip"], timeout=30) == (
        "vip would not survive the loss of ctl1: fencing is enabled, but there is no device that "
        "could fence ctl1",
    )


def test_a_device_that_lists_other_hosts_does_not_fence_this_one():
    elsewhere = settled(primitive("vip") + fencing("ctl9"), **WITH_FENCING)
    (sentence,) = survives(parsed(elsewhere), ["vip"], timeout=30)
    assert sentence.endswith("(pcmk_host_list)")
    everywhere = settled(primitive("vip") + fencing("ctl1 ctl2,ctl3"), **WITH_FENCING)
    assert survives(parsed(everywhere), ["vip"], timeout=30) == ()


def test_a_clone_survives_by_its_other_instances():
    assert survives(parsed(settled(SERVICES)), ["api-clone"], timeout=30) == ()


def test_a_ban_that_leaves_one_node_is_found():
    bans = "".join(
        f'<rsc_location id="ban-{node}" rsc="vip" node="{node}" score="-INFINITY"/>'
        for node in ("ctl2", "ctl3")
    )
    assert survives(parsed(settled(primitive("vip"), bans)), ["vip"], timeout=30) == (
        "vip would not survive the loss of ctl1: no other node may run it",
    )


def test_losing_the_majority_loses_the_services():
    answer = what_if(parsed(settled(SERVICES)), lost_nodes=["ctl1", "ctl2"], timeout=30)
    assert not answer.quorum
    assert not answer.survives
    assert {f.reason for f in answer.fates} == {"the remaining nodes have no quorum"}


def test_a_loss_of_quorum_is_played_on_a_copy():
    cib = parsed(settled(SERVICES))
    before = cib.to_xml()
    assert not what_if(cib, lost_nodes=["ctl1", "ctl2"], timeout=30).quorum
    assert cib.to_xml() == before


def test_a_node_that_is_off_already_counts_for_the_quorum():
    root = etree.fromstring(settled(SERVICES))
    state = root.find("status/node_state[@uname='ctl3']")
    state.attrib.update({"in_ccm": "false", "crmd": "offline", "join": "down", "expected": "down"})
    cib = etree.tostring(root)
    assert not what_if(parsed(cib), lost_nodes=["ctl1"], timeout=30).quorum


def test_a_promoted_instance_is_promoted_elsewhere():
    cib = settled(clone("db", primitive("db", "Stateful"), promotable="true"))
    answer = what_if(parsed(cib), lost_nodes=["ctl1"], timeout=30)
    assert [a.kind for a in answer.actions if a.resource == "db"].count("promote") == 1
    assert survives(parsed(cib), ["db-clone"], timeout=30) == ()


def test_a_group_survives_only_as_a_whole():
    group = f'<group id="g">{primitive("vip")}{primitive("app")}</group>'
    ban = '<rsc_location id="b" rsc="app" node="ctl2" score="-INFINITY"/>'
    ban += '<rsc_location id="c" rsc="app" node="ctl3" score="-INFINITY"/>'
    sentences = survives(parsed(settled(group, ban)), ["g"], timeout=30)
    assert [s for s in sentences if s.startswith("g would not survive the loss of ctl1: app")]
    assert survives(parsed(settled(group)), ["g"], timeout=30) == ()


@pytest.mark.parametrize("name", ["vip", "api-clone"])
def test_a_failed_resource_is_restarted_where_it_ran(name):
    answer = what_if(parsed(settled(SERVICES)), failed=[name], timeout=30)
    assert {a.kind for a in answer.actions} == {"restart"}
    assert answer.survives


def test_a_failure_that_no_monitor_would_notice_is_named():
    cib = settled(primitive("vip", interval="0"))
    assert "no recurring monitor" in fates(cib, failed=["vip"])["vip"]


def test_a_cluster_in_maintenance_recovers_nothing():
    cib = configure(
        etree.fromstring(settled(primitive("vip"))),
        primitive("vip"),
        "",
        {"stonith-enabled": "false", "maintenance-mode": "true"},
    )
    assert fates(cib, failed=["vip"]) == {"vip": "vip does not survive: it is not managed by the cluster"}


def test_standby_of_the_other_nodes_leaves_nowhere_to_go():
    cib = settled(primitive("vip"))
    for node in ("ctl2", "ctl3"):
        cib = with_node_attribute(cib, node, "standby", "on")
    assert survives(parsed(cib), ["vip"], timeout=30) == (
        "vip would not survive the loss of ctl1: no other node may run it",
    )


def test_a_resource_that_runs_nowhere_is_a_finding():
    assert "vip is not running" in survives(parsed(cluster(primitive("vip"))), ["vip"], timeout=30)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ({"lost_nodes": ["ctl9"]}, "down: there is no node 'ctl9'; the nodes are ctl1, ctl2, ctl3"),
        ({"failed": ["nope"]}, "failed: there is no resource 'nope'; the resources are vip"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_allowed_ones(loss, words):
    with pytest.raises(DeclarationError, match=words):
        what_if(parsed(cluster(SERVICES)), timeout=30, **loss)


def test_survives_names_an_unknown_resource():
    with pytest.raises(DeclarationError, match="resources: there is no resource 'nope'"):
        survives(parsed(cluster(SERVICES)), ["nope"], timeout=30)


def test_the_answer_is_plain_data():
    answer = what_if(parsed(settled(SERVICES)), lost_nodes=["ctl1"], failed=["api"], timeout=30).to_dict()
    assert json.loads(json.dumps(answer)) == answer
