"""The sandbox keeps its promises on Pacemaker's real scheduler, schema and tools."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from saltext_cinder_ha.common.errors import DeclarationError, ToolTimeoutError
from saltext_cinder_ha.pacemaker.errors import CibError
from saltext_cinder_ha.pacemaker.scheduler import simulated_cluster
from saltext_cinder_ha.pacemaker.scheduler.prediction import predict
from tests.functional.pacemaker.clusters import NODES, clone, cluster, configure, parsed, primitive

pytestmark = pytest.mark.one_salt

PARTS = ("crm_config", "resources", "constraints", "nodes")


def crm_mon(cib_xml: bytes, folder: os.PathLike[str]) -> str:
    path = os.path.join(folder, "cib.xml")
    with open(path, "wb") as file:
        file.write(cib_xml)
    return subprocess.run(
        ["crm_mon", "-1", "-r"],
        env={**os.environ, "CIB_file": path},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def configuration(cib_xml: bytes) -> dict[str, bytes]:
    parser = etree.XMLParser(remove_blank_text=True)
    root = etree.fromstring(cib_xml, parser)
    return {part: etree.tostring(root.find(f"configuration/{part}")) for part in PARTS}


def test_a_new_sandbox_is_a_healthy_cluster_with_quorum(tmp_path):
    shown = crm_mon(simulated_cluster.new_cib(NODES, timeout=30), tmp_path)
    assert "partition with quorum" in shown
    assert "Online: [ ctl1 ctl2 ctl3 ]" in shown


def test_a_new_sandbox_is_the_same_each_time_and_satisfies_the_schema(tmp_path):
    cib = simulated_cluster.new_cib(NODES, timeout=30)
    assert cib == simulated_cluster.new_cib(NODES, timeout=30)
    path = tmp_path / "cib.xml"
    path.write_bytes(cib.replace(b'name="have-watchdog"', b'name="stonith-enabled"'))
    subprocess.run(["crm_verify", "-x", path], check=True)
    assert etree.fromstring(cib).find("configuration/crm_config")[0].get("id") == ("cib-bootstrap-options")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "at least one node"),
        (["ctl1", "ctl 2"], "'ctl 2' is not a node name"),
        (["ctl1", "ctl1"], "ctl1 is listed twice"),
        (["<b>"], "is not a node name"),
        ([7], "is not a node name"),
    ],
)
def test_a_wrong_node_name_is_named(names, words):
    with pytest.raises(DeclarationError, match=words) as caught:
        simulated_cluster.new_cib(names, timeout=30)
    assert caught.value.path.startswith("sandbox_nodes")


def test_settling_starts_what_is_configured_and_leaves_the_configuration_alone(tmp_path):
    cib = cluster(primitive("vip") + clone("api", primitive("api")))
    settled = simulated_cluster.settle(cib, timeout=60)
    assert settled.idle
    assert sorted(map(str, settled.actions)) == [
        "start api on ctl1",
        "start api on ctl2",
        "start api on ctl3",
        "start vip on ctl1",
    ]
    assert configuration(settled.cib_xml) == configuration(cib)
    old, new = etree.fromstring(cib), etree.fromstring(settled.cib_xml)
    assert [new.get(k) for k in ("admin_epoch", "epoch", "num_updates")] == [
        old.get("admin_epoch"),
        old.get("epoch"),
        str(int(old.get("num_updates")) + 1),
    ]
    assert "Started: [ ctl1 ctl2 ctl3 ]" in crm_mon(settled.cib_xml, tmp_path)


def test_settling_an_idle_sandbox_changes_no_byte():
    settled = simulated_cluster.settle(cluster(primitive("vip")), timeout=60)
    again = simulated_cluster.settle(settled.cib_xml, timeout=60)
    assert again == simulated_cluster.Settled(settled.cib_xml, (), True)


def test_one_instance_of_a_promotable_clone_is_promoted_and_stays():
    cib = cluster(clone("db", primitive("db", "Stateful"), promotable="true"))
    settled = simulated_cluster.settle(cib, timeout=60)
    assert [str(a) for a in settled.actions if a.kind == "promote"] == ["promote db on ctl1"]
    assert settled.idle
    assert predict(parsed(settled.cib_xml), timeout=30) == ()


def test_promotion_follows_when_the_promoted_node_goes_to_standby():
    cib = cluster(clone("db", primitive("db", "Stateful"), promotable="true"))
    settled = simulated_cluster.settle(cib, timeout=60).cib_xml
    root = etree.fromstring(settled)
    node = root.find("configuration/nodes/node")
    attributes = etree.SubElement(node, "instance_attributes", id="nodes-1")
    etree.SubElement(attributes, "nvpair", id="nodes-1-standby", name="standby", value="on")
    after = simulated_cluster.settle(etree.tostring(root), timeout=60)
    assert after.idle
    promoted = [a.node for a in after.actions if a.kind == "promote"]
    assert len(promoted) == 1
    assert promoted[0] in ("ctl2", "ctl3")


@pytest.mark.parametrize(
    "properties",
    [{"maintenance-mode": "true"}, {"stonith-enabled": "true"}, {"stop-all-resources": "true"}],
)
def test_what_the_operator_or_the_cluster_forbids_is_not_started(properties):
    settled = simulated_cluster.settle(cluster(primitive("vip"), **properties), timeout=60)
    assert settled.idle
    assert [a for a in settled.actions if not a.blocked] == []


def test_nothing_starts_without_quorum():
    cib = cluster(primitive("vip")).replace(b'have-quorum="1"', b'have-quorum="0"')
    settled = simulated_cluster.settle(cib, timeout=60)
    assert settled.idle
    assert [a for a in settled.actions if not a.blocked] == []


def test_a_resource_that_becomes_another_agent_restarts_once_and_is_idle_then():
    first = simulated_cluster.settle(cluster(primitive("vip")), timeout=60).cib_xml
    changed = configure(
        etree.fromstring(first), primitive("vip", "Stateful"), "", {"stonith-enabled": "false"}
    )
    settled = simulated_cluster.settle(changed, timeout=60)
    assert [a.kind for a in settled.actions] == ["restart"]
    assert settled.idle
    assert predict(parsed(settled.cib_xml), timeout=30) == ()


def test_a_removed_resource_is_stopped_and_its_history_forgotten():
    first = simulated_cluster.settle(cluster(primitive("vip")), timeout=60).cib_xml
    removed = configure(etree.fromstring(first), "", "", {"stonith-enabled": "false"})
    settled = simulated_cluster.settle(removed, timeout=60)
    assert [str(a) for a in settled.actions] == ["stop vip on ctl1 (node availability)"]
    assert b"vip" not in settled.cib_xml


def test_a_cib_of_a_newer_pacemaker_is_refused_in_one_sentence():
    newer = cluster(primitive("vip")).replace(b'feature_set="3', b'feature_set="9')
    with pytest.raises(CibError, match=r"newer Pacemaker \(feature set 9") as caught:
        simulated_cluster.settle(newer, timeout=60)
    assert "\n" not in str(caught.value)


def test_settling_is_bounded():
    with pytest.raises(ToolTimeoutError):
        simulated_cluster.settle(cluster(primitive("vip")), timeout=0)


@dataclass(frozen=True)
class Wanted:
    """A random configuration, drawn from few names so that successive ones collide."""

    resources: str
    constraints: str
    properties: tuple[tuple[str, str], ...]


AGENTS = st.sampled_from(["Dummy", "Stateful", "HealthCPU"])
INTERVALS = st.sampled_from(["30s", "40s", "0"])
PARAMS = st.sampled_from(["a", "b"])
SHAPES = st.sampled_from(["absent", "plain", "clone", "promotable", "unique", "stopped", "group"])


@st.composite
def configurations(draw: st.DrawFn) -> Wanted:
    top, pieces = [], []
    for name in ("r1", "r2", "r3"):
        shape = draw(SHAPES)
        first = primitive(name, draw(AGENTS), draw(INTERVALS), draw(PARAMS))
        second = primitive(f"{name}-b", draw(AGENTS), draw(INTERVALS), draw(PARAMS))
        found = {
            "absent": ("", ""),
            "plain": (first, name),
            "clone": (clone(name, first), f"{name}-clone"),
            "promotable": (clone(name, first, promotable="true"), f"{name}-clone"),
            "unique": (clone(name, first, globally_unique="true"), f"{name}-clone"),
            "stopped": (clone(name, first, target_role="Stopped"), f"{name}-clone"),
            "group": (f'<group id="{name}-g">{first}{second}</group>', f"{name}-g"),
        }[shape]
        if shape != "absent":
            pieces.append(found[0])
            top.append(found[1])
    constraints = draw(st.sampled_from(["", "order", "colocation", "location"]))
    maintenance = draw(st.sampled_from(["false", "false", "true"]))
    return Wanted(
        "".join(draw(st.permutations(pieces))),
        constraint(constraints, top),
        (("stonith-enabled", "false"), ("maintenance-mode", maintenance)),
    )


def constraint(kind: str, resources: list[str]) -> str:
    if kind == "location" and resources:
        return f'<rsc_location id="l" rsc="{resources[0]}" node="ctl2" score="100"/>'
    if kind == "order" and len(resources) > 1:
        return f'<rsc_order id="o" first="{resources[0]}" then="{resources[1]}"/>'
    if kind == "colocation" and len(resources) > 1:
        return f'<rsc_colocation id="c" rsc="{resources[0]}" with-rsc="{resources[1]}" score="50"/>'
    return ""


@settings(
    max_examples=int(os.environ.get("SANDBOX_EXAMPLES", "20")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(configurations(), min_size=1, max_size=3))
def test_any_sequence_of_configurations_settles(sequence):
    cib = simulated_cluster.new_cib(NODES, timeout=30)
    for wanted in sequence:
        cib = configure(etree.fromstring(cib), wanted.resources, wanted.constraints, dict(wanted.properties))
        settled = simulated_cluster.settle(cib, timeout=60)
        assert settled.idle
        assert configuration(settled.cib_xml) == configuration(cib)
        assert simulated_cluster.settle(settled.cib_xml, timeout=60).cib_xml == settled.cib_xml
        assert [str(a) for a in predict(parsed(settled.cib_xml), timeout=30) if not a.blocked] == []
        cib = settled.cib_xml
