"""Live objects as a declaration: what it says, what it hides, and what it names as left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.common.secrets import HIDDEN
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.masking import Mask
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.export import Export, export

CORPUS = Path(__file__).parents[3] / "data" / "corpus"


_SECRETS_OUTSIDE_PARAMS = b"""<cib><configuration>
<crm_config><cluster_property_set id="o">
  <nvpair id="o-1" name="my-password" value="hunter1"/>
  <nvpair id="o-2" name="stonith-enabled" value="false"/>
</cluster_property_set></crm_config>
<resources><primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
  <meta_attributes id="m"><nvpair id="m-1" name="note-password" value="hunter2"/>
    <nvpair id="m-2" name="priority" value="1"/></meta_attributes>
</primitive></resources>
<rsc_defaults><meta_attributes id="d"><nvpair id="d-1" name="note-password" value="hunter3"/>
</meta_attributes></rsc_defaults>
</configuration></cib>"""


def exported(corpus_name: str, *names: str, mask: Mask | None = None) -> Export:
    xml = (CORPUS / f"{corpus_name}.xml").read_bytes()
    return export(Cib.parse(xml, corpus_name), names, mask or Mask())


def resources(found: Export) -> dict[str, Any]:
    return dict(found.declaration["resources"])


def constraint_ids(found: Export) -> list[str]:
    bodies = [body for item in found.declaration.get("constraints", []) for body in item.values()]
    return [body["id"] for body in bodies]


def test_a_primitive_is_exported_with_all_its_parts() -> None:
    assert resources(exported("primitives"))["vip"] == {
        "agent": "ocf:heartbeat:IPaddr2",
        "description": "the address of the API",
        "params": {"ip": "10.0.0.11", "cidr_netmask": "24"},
        "meta": {
            "resource-stickiness": "INFINITY",
            "migration-threshold": "3",
            "failure-timeout": "PT10M",
        },
        "utilization": {"memory": "512"},
        "operations": [
            {
                "name": "monitor",
                "interval": "10s",
                "timeout": "20s",
                "on-fail": "restart",
                "params": {"OCF_CHECK_LEVEL": "10"},
            },
            {"name": "monitor", "interval": "60000ms", "role": "Stopped", "enabled": "false"},
            {
                "name": "start",
                "interval": "0",
                "timeout": "20",
                "record-pending": "true",
                "start-delay": "5s",
            },
            {"name": "stop", "interval": "0s", "on-fail": "block", "interval-origin": "00:00"},
        ],
    }


def test_a_resource_without_operations_says_so_or_it_would_get_a_monitor() -> None:
    assert resources(exported("primitives"))["httpd"] == {"agent": "lsb:apache2", "operations": []}


def test_a_master_is_a_promotable_clone() -> None:
    assert resources(exported("schema-2.10"))["p_drbd"]["clone"] == {
        "id": "ms_drbd",
        "promotable": True,
        "meta": {"master-max": "1", "master-node-max": "1"},
    }


def test_what_a_constraint_implies_is_written_out() -> None:
    bodies = [next(iter(c.values())) for c in exported("groups").declaration["constraints"]]
    by_id = {body["id"]: body for body in bodies}
    assert by_id["stop-web-then-stop-keystone"]["then_action"] == "stop"
    assert by_id["no-score"]["score"] == "0"


def test_properties_that_pacemaker_writes_by_itself_stay_out() -> None:
    assert exported("primitives").declaration["properties"] == {
        "stonith-enabled": "false",
        "placement-strategy": "balanced",
    }


def test_of_several_sets_the_values_in_force_are_exported() -> None:
    """Pacemaker reads cib-bootstrap-options first, whatever the scores of other sets."""
    found = exported("options").declaration
    assert found["properties"] == {
        "stonith-enabled": "off",
        "cluster-recheck-interval": "5min",
        "batch-limit": "7",
        "site-contact": "team@example.org",
    }
    assert found["resource_defaults"] == {"resource-stickiness": "2", "migration-threshold": "3"}
    assert found["resources"]["layered"]["params"] == {"state": "/run/high", "fake": "low"}


def test_a_value_that_another_object_lends_is_no_value_of_this_one() -> None:
    assert resources(exported("templates"))["vip4"]["params"] == {"nic": "eth1"}


def test_secrets_come_out_hidden_and_listed() -> None:
    fence = resources(exported("primitives"))["fence-ctl1"]
    assert fence["params"] == {"ip": "10.1.0.1", "password": HIDDEN}
    assert fence["secret"] == ["password"]
    assert "hunter" not in repr(exported("primitives"))
    assert "hunter" not in str(fence)


def test_secrets_among_metas_and_options_come_out_hidden_and_cannot_be_declared() -> None:
    found = export(Cib.parse(_SECRETS_OUTSIDE_PARAMS, "example"), [], Mask()).declaration
    assert "hunter" not in str(found)
    assert found["properties"] == {"my-password": HIDDEN, "stonith-enabled": "false"}
    assert found["resource_defaults"] == {"note-password": HIDDEN}
    assert found["resources"]["vip"]["meta"] == {"note-password": HIDDEN, "priority": "1"}
    for key, path in {
        "properties": "properties.my-password",
        "resource_defaults": "resource_defaults.note-password",
        "resources": "resources.vip.meta.note-password",
    }.items():
        with pytest.raises(DeclarationError) as error:
            parse_declaration({key: found[key]})
        assert str(error.value) == f"{path}: is masked; give the real value or leave it out"


def test_what_was_declared_secret_stays_so() -> None:
    vip = resources(exported("primitives", mask=Mask({"vip.ip"})))["vip"]
    assert vip["params"]["ip"] == HIDDEN
    assert vip["secret"] == ["ip"]


def test_shown_secrets_are_still_listed() -> None:
    fence = resources(exported("primitives", mask=Mask(show=True)))["fence-ctl1"]
    assert fence["params"]["password"] == "hunter22"
    assert fence["operations"][0]["params"] == {"password": "hunter23"}
    assert fence["secret"] == ["password"]


def test_a_hidden_value_cannot_be_declared() -> None:
    with pytest.raises(DeclarationError) as error:
        parse_declaration(exported("primitives", "fence-ctl1").declaration)
    assert str(error.value) == (
        "resources.fence-ctl1.params.password: is masked; give the real value or leave it out"
    )


@pytest.mark.parametrize(
    "value", [HIDDEN, "**********", f"mysql://{HIDDEN}@db/cinder"], ids=["ours", "salt", "url"]
)
@pytest.mark.parametrize("place", ["params", "operations[0].params"])
def test_no_masked_value_gets_into_the_cluster(value: str, place: str) -> None:
    params = {"frob": value}
    operation = {"name": "monitor", "params": params}
    body = {"params": params} if place == "params" else {"operations": [operation]}
    with pytest.raises(DeclarationError, match="is masked"):
        parse_declaration({"resources": {"vip": {"agent": "ocf:heartbeat:IPaddr2", **body}}})


@pytest.mark.parametrize(
    ("corpus_name", "sentence"),
    [
        ("bundles", "resources.httpd-bundle: declarations do not cover <bundle>"),
        ("templates", "resources.t_vip: declarations do not cover <template>"),
        ("templates", "resources.vip1: takes its agent and more from the template 't_vip'"),
        ("templates", "resources.vip3.params: the set 't_vip-params' of another object is used too"),
        ("templates", "resources.vip3.operations: are those of 't_vip-operations'"),
        ("templates", "resources.vip4.params: the pair 'vip3-ip' of another object is used too"),
        ("templates", "constraints.dummy-with-vips: is about the template 't_vip'"),
        (
            "tags-acls-alerts",
            "tags.of-a-constraint: names 'a-prefers', which is not a resource of the cluster",
        ),
        ("tags-acls-alerts", "acls.kim: declarations do not cover <acl_target>"),
        ("tags-acls-alerts", "alerts.mail: declarations do not cover <alert>"),
        ("nodes", "nodes.ctl1: has attributes: standby, rack, memory"),
        ("rules", "properties: the set 'at-night' depends on a rule"),
        ("rules", "resource_defaults: the set 'for-systemd' depends on a rule"),
        ("rules", "resources.web.params: the set 'web-on-ctl1' depends on a rule"),
        ("rules", "constraints.several: has several rules"),
        ("rules", "constraints.borrowed: has a rule that cannot be declared"),
        ("rules", "constraints.for-a-while: has a lifetime"),
        ("sets", "constraints.order-borrowed: uses the set 'order-plain-0' of another constraint"),
        ("sets", "constraints.order-listed: has ordering=listed in a set"),
        ("odd", "resources.operation-meta.operations[0]: the monitor operation has meta attributes"),
        ("odd", "resources.group-params.params: only a primitive has params in a declaration"),
        ("odd", "resources.group-params.clone.params: only a primitive has params in a declaration"),
        (
            "odd",
            "resources.bad-meta.meta.priority: 'high' is not a score: an integer, INFINITY or -INFINITY",
        ),
        (
            "odd",
            "resources.bad-operations.operations[1]: is a second monitor with the interval 10000ms; "
            "each should have its own interval, whatever its role",
        ),
        (
            "fencing",
            "fencing_levels.fl-gone: names 'pdu-that-is-gone', which is not a fencing device of the cluster",
        ),
        ("fencing", "fencing_levels.fl-twice: is a second level for the same target and index"),
        ("fencing", "fencing_levels.fl-far.level: is 12, but should be a number from 1 to 9"),
        (
            "operators",
            "resources.vip.meta.target-role: Stopped is set by an operator, so it stays out of a declaration",
        ),
        (
            "operators",
            "properties.maintenance-mode: true is set by an operator, so it stays out of a declaration",
        ),
        (
            "operators",
            "constraints.cli-prefer-vip: is set by an operator, so it stays out of a declaration",
        ),
    ],
)
def test_what_is_left_out_is_named(corpus_name: str, sentence: str) -> None:
    assert sentence in exported(corpus_name).left_out


def test_nothing_is_named_where_all_can_be_declared() -> None:
    for name in ("comments", "empty", "groups", "primitives", "promotable", "schema-3.0"):
        assert exported(name).left_out == ()


def test_a_part_that_cannot_be_declared_takes_its_neighbours_along() -> None:
    """Half of the meta attributes, declared, would remove the other half."""
    assert "meta" not in resources(exported("odd"))["bad-meta"]
    assert "operations" not in resources(exported("odd"))["bad-operations"]


@pytest.mark.parametrize("name", ["storage", "g_storage"])
def test_a_group_comes_with_its_members_and_its_clone(name: str) -> None:
    found = exported("groups", name)
    assert set(resources(found)) == {"g_storage", "dlm", "lvm"}
    assert resources(found)["g_storage"]["clone"]["id"] == "storage"


def test_only_constraints_about_the_asked_for_resources_come_along() -> None:
    found = exported("groups", "g_web", "storage")
    assert constraint_ids(found) == ["storage-then-web", "web-with-storage"]
    assert "constraints.no-score: is also about keystone-clone" in found.left_out
    assert "properties" not in found.declaration


def test_a_constraint_by_pattern_is_about_nobody_in_particular() -> None:
    found = exported("primitives", "volume")
    assert constraint_ids(found) == []
    assert found.left_out == ("constraints.by-pattern: names no resource, so it may be about others too",)


def test_a_member_asked_for_alone_names_its_group() -> None:
    found = exported("groups", "web_ip")
    assert set(resources(found)) == {"web_ip"}
    assert "resources.web_ip: is in the group 'g_web', which is not exported" in found.left_out


def test_fencing_levels_come_with_their_devices() -> None:
    found = exported("fencing", "ipmi")
    assert found.declaration["fencing_levels"] == [
        {"target": "ctl1", "level": "1", "devices": ["ipmi"]},
        {"target_pattern": "ctl[2-9]", "level": "1", "devices": ["ipmi"]},
    ]


def test_a_tag_is_exported_with_the_constraints_on_it() -> None:
    found = exported("tags-acls-alerts")
    assert found.declaration["tags"] == {"both": ["a", "b"]}
    assert "both-prefer" in constraint_ids(found)


def test_a_tag_comes_with_resources_that_are_all_of_its_own() -> None:
    assert exported("tags-acls-alerts", "a", "b").declaration["tags"] == {"both": ["a", "b"]}
    found = exported("tags-acls-alerts", "a")
    assert "tags" not in found.declaration
    assert "tags.both: is also about b" in found.left_out


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nobody", "names[0]: the cluster has no resource 'nobody'"),
        ("storage-then-web", "names[0]: 'storage-then-web' is a <rsc_order>, not a resource"),
    ],
)
def test_an_unknown_name_is_a_mistake(name: str, problem: str) -> None:
    with pytest.raises(DeclarationError) as error:
        exported("groups", name)
    assert str(error.value) == problem
