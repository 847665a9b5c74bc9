"""Prediction on the real scheduler: what a change of the configuration makes the cluster do."""

from __future__ import annotations

import time
import uuid
from pathlib import Path

import pytest

from saltext_cinder_ha.common.errors import ToolTimeoutError
from saltext_cinder_ha.pacemaker.errors import CibError
from saltext_cinder_ha.pacemaker.scheduler.prediction import caused, predict
from saltext_cinder_ha.pacemaker.scheduler.whatif import what_if
from tests.functional.pacemaker.clusters import changed, clone, cluster, parsed, primitive, settled

pytestmark = pytest.mark.one_salt

ORDER = '<rsc_order id="o" first="vip" then="app"/>'
SECRET = "hunter2"


def sentences(cib_xml: bytes) -> list[str]:
    return sorted(map(str, predict(parsed(cib_xml), timeout=30)))


def test_a_settled_cluster_does_nothing():
    assert predict(parsed(settled(primitive("vip"))), timeout=30) == ()


def test_a_changed_parameter_restarts_the_resource_and_what_depends_on_it():
    cib = settled(primitive("vip") + primitive("app"), ORDER)
    after = changed(cib, primitive("vip", param="b") + primitive("app"), ORDER)
    assert sentences(after) == [
        "restart app on ctl2 (required vip start)",
        "restart vip on ctl1 (resource definition change)",
    ]


def test_a_changed_monitor_interval_does_nothing_to_the_service():
    cib = settled(primitive("vip"))
    assert sentences(changed(cib, primitive("vip", interval="45s"))) == []


def test_a_removed_resource_is_stopped():
    assert sentences(changed(settled(primitive("vip")), "")) == ["stop vip on ctl1 (node availability)"]


def test_what_was_predicted_before_is_not_held_against_the_change():
    cib = cluster(primitive("vip"))
    before = predict(parsed(cib), timeout=30)
    after = predict(parsed(changed(cib, primitive("vip") + primitive("app"))), timeout=30)
    assert [a.resource for a in caused(before, after)] == ["app"]


def test_a_clone_is_named_as_declared_and_a_unique_one_by_instance():
    anonymous = cluster(clone("api", primitive("api")))
    unique = cluster(clone("api", primitive("api"), globally_unique="true"))
    assert {a.resource for a in predict(parsed(anonymous), timeout=30)} == {"api"}
    assert {a.resource for a in predict(parsed(unique), timeout=30)} == {"api:0", "api:1", "api:2"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"pacemaker-3.", b"pacemaker-9.", "schema pacemaker-9.* the newest one .* pacemaker-3"),
        (b"<constraints/>", b"<constraints><bogus/></constraints>", "does not satisfy its schema"),
        (b"</cib>", b"", "not well-formed"),
        (b"<cib ", b"<cob ", "not well-formed"),
    ],
)
def test_a_cib_that_cannot_be_read_gives_one_sentence_without_its_secrets(old, new, words):
    broken = cluster(primitive("vip", param=SECRET)).replace(old, new)
    with pytest.raises(CibError, match=words) as caught:
        predict(parsed(broken), timeout=30)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("broken", [b"", b"  \n", b"<foo/>", b"not xml"])
def test_what_is_no_cib_is_said_to_be_none(broken):
    with pytest.raises(CibError):
        predict(parsed(broken), timeout=30)


def test_nothing_of_the_cib_stays_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    predict(parsed(cluster(primitive("vip"))), timeout=30)
    assert list(tmp_path.iterdir()) == []


def test_not_even_a_crash_of_the_tool_leaves_the_cib_on_disk(tmp_path, monkeypatch):
    """Pacemaker 2.1.5 aborts when it has to change a newer CIB, and then keeps its working copy."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    secret = uuid.uuid4().hex
    newer = cluster(primitive("vip", param=secret)).replace(b'feature_set="3', b'feature_set="9')
    with pytest.raises(CibError, match="newer Pacemaker"):
        what_if(parsed(newer), lost_nodes=["ctl1"], timeout=30)
    assert list(tmp_path.iterdir()) == []
    kept = Path("/var/lib/pacemaker/cib").glob("*")
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []


def test_a_simulation_that_takes_too_long_is_ended():
    began = time.monotonic()
    with pytest.raises(ToolTimeoutError, match="crm_simulate"):
        predict(parsed(cluster(primitive("vip"))), timeout=0.0001)
    assert time.monotonic() - began < 10
