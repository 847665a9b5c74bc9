"""The planner changes what is declared, owns what it made, and leaves everything else alone."""

from __future__ import annotations

from typing import Any

import pytest

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.errors import CibError, ConflictError
from saltext_cinder_ha.pacemaker.plan import ownership
from tests.canonical import configuration
from tests.planning import DUMMY, applied, cib, dummies, members, pairs, plan, primitive

EMPTY: dict[str, Any] = {}


def ids(snapshot: Cib, section: str = "resources") -> set[str]:
    return {e.get("id") for e in snapshot.configuration.find(section)}


def owned_by(snapshot: Cib, document: str = "doc") -> set[tuple[str, str]]:
    record = ownership.read_records(snapshot).get(document)
    return set(record.objects) if record else set()


# Tags


TAGGED = {
    "resources": dummies("a", "b", "c"),
    "tags": {"t": ["a", "b"]},
    "constraints": [{"location": {"resource": "t", "node": "ctl1", "score": 5}}],
}


def test_a_tag_is_owned_and_goes_when_it_is_no_longer_declared() -> None:
    made = applied(TAGGED, cib())
    assert ("tags", "t") in owned_by(made)
    assert not plan(TAGGED, made)
    found = plan({"resources": TAGGED["resources"]}, made)
    assert {(c.section, c.name, c.action) for c in found.changes} == {
        ("tags", "t", "remove"),
        ("constraints", "location-t-ctl1-5", "remove"),
    }
    assert found.target.section("tags") is None


def test_a_tag_is_a_set_of_resources_and_the_list_is_the_whole_of_it() -> None:
    made = applied(TAGGED, cib())
    assert not plan({**TAGGED, "tags": {"t": ["b", "a"]}}, made)
    found = plan({**TAGGED, "tags": {"t": ["c", "b"]}}, made)
    assert found.to_dict() == {"tags": {"t": {"old": {"resources": "a b"}, "new": {"resources": "c b"}}}}


def test_absent_takes_a_tag_and_leaves_its_resources() -> None:
    made = applied(TAGGED, cib(), document=None)
    absent = {"absent": ["t", "location-t-ctl1-5"]}
    assert ids(applied(absent, made, document=None)) == {"a", "b", "c"}


# What is not declared is left alone


def test_what_nobody_declared_stays() -> None:
    before = cib(primitive("foreign"), '<rsc_location id="l" rsc="foreign" node="ctl1" score="5"/>')
    after = applied({"resources": dummies("a")}, before)
    assert ids(after) == {"foreign", "a"}
    assert ids(applied(EMPTY, after)) == {"foreign"}
    assert ids(applied(EMPTY, after), "constraints") == {"l"}


def test_an_owned_object_that_is_no_longer_declared_goes() -> None:
    after = applied({"resources": dummies("a", "b")}, cib())
    assert ids(applied({"resources": dummies("b")}, after)) == {"b"}


def test_the_last_owned_object_takes_the_record_along() -> None:
    before = cib(crm_config=pairs("cluster_property_set", "cib-bootstrap-options", a="b"))
    after = applied(EMPTY, applied({"resources": dummies("a")}, before))
    assert configuration(after, owned=True) == configuration(before, owned=True)


def test_a_rename_is_a_remove_and_an_add_in_one_patch() -> None:
    after = applied({"resources": dummies("old")}, cib())
    found = plan({"resources": dummies("new")}, after)
    assert {(c.name, c.action) for c in found.changes} == {("old", "remove"), ("new", "create")}
    assert ids(found.target) == {"new"}


def test_a_foreign_object_that_is_declared_is_changed_but_not_owned() -> None:
    before = cib(primitive("a", pairs("instance_attributes", "i", fake="x")))
    after = applied({"resources": dummies("a", params={"fake": "y"})}, before)
    assert "y" in after.to_xml().decode()
    assert owned_by(after) == set()
    assert ids(applied(EMPTY, after)) == {"a"}


def test_adopt_takes_a_foreign_object_over() -> None:
    before = cib(primitive("a"))
    found = plan({"resources": dummies("a"), "adopt": True}, before)
    assert found.ownership.taken == ("resources.a",)
    after = applied({"resources": dummies("a"), "adopt": True}, before)
    assert owned_by(after) == {("resources", "a")}
    assert ids(applied(EMPTY, after)) == set()


def test_an_object_in_two_documents_goes_when_the_last_one_drops_it() -> None:
    shared = {"resources": dummies("a")}
    both = applied(shared, applied(shared, cib(), "one"), "two")
    once = applied(EMPTY, both, "one")
    assert ids(once) == {"a"}
    assert ids(applied(EMPTY, once, "two")) == set()


def test_an_option_in_two_documents_goes_when_the_last_one_drops_it() -> None:
    shared = {"resource_defaults": {"resource-stickiness": 100}}
    both = applied(shared, applied(shared, cib(), "one"), "two")
    once = applied(EMPTY, both, "one")
    assert ids(once, "rsc_defaults") == {"rsc_defaults-meta_attributes"}
    assert applied(EMPTY, once, "two").section("rsc_defaults") is None


def test_without_a_document_nothing_is_owned_and_nothing_pruned() -> None:
    once = applied({"resources": dummies("a")}, cib(), None)
    assert ids(applied({"resources": dummies("b")}, once, None)) == {"a", "b"}
    assert ownership.read_records(once) == {}


def test_a_document_without_objects_of_another_does_not_prune_them() -> None:
    once = applied({"resources": dummies("a")}, cib(), "one")
    assert ids(applied({"resources": dummies("b")}, once, "two")) == {"a", "b"}


def test_an_empty_property_set_of_pacemakers_own_stands_before_the_record() -> None:
    after = applied({"resources": dummies("a")}, cib())
    sets = [s.get("id") for s in after.configuration.iterfind("crm_config/cluster_property_set")]
    assert sets == ["cib-bootstrap-options", "saltext-owned-doc"]


def test_a_property_never_lands_in_a_record() -> None:
    once = applied({"resources": dummies("a")}, cib())
    after = applied({"resources": dummies("a"), "properties": {"batch-limit": 5}}, once)
    pair = after.configuration.find(".//nvpair[@name='batch-limit']")
    assert pair.getparent().get("id") == "cib-bootstrap-options"


def test_a_content_of_another_writer_is_named() -> None:
    once = applied({"resources": dummies("a", params={"fake": "1"})}, cib(), writer="ctl1")
    found = plan({"resources": dummies("a", params={"fake": "2"})}, once, writer="ctl2")
    assert any("ctl1" in note for note in found.notes)


def test_two_writers_who_replace_each_others_content_are_named_as_flapping() -> None:
    one = {"resources": dummies("a", params={"fake": "1"})}
    two = {"resources": dummies("a", params={"fake": "2"})}
    flapped = applied(two, applied(one, cib(), writer="ctl1"), writer="ctl2")
    (note,) = plan(one, flapped, writer="ctl1").notes
    assert "ctl1" in note
    assert "ctl2" in note
    assert "differ" in note


# Removal


def test_absent_removes_an_object_of_anybody() -> None:
    assert ids(applied({"absent": ["a"]}, cib(primitive("a") + primitive("b")))) == {"b"}


def test_absent_of_what_is_not_there_is_no_change() -> None:
    assert not plan({"absent": ["ghost"]}, cib(primitive("a")))


def test_absent_of_a_group_leaves_its_members() -> None:
    before = cib(f'<group id="g">{primitive("a")}{primitive("b")}</group>')
    assert ids(applied({"absent": ["g"]}, before)) == {"a", "b"}


def test_absent_of_a_clone_leaves_what_it_held() -> None:
    before = cib(f'<clone id="a-clone">{primitive("a")}</clone>')
    assert ids(applied({"absent": ["a-clone"]}, before)) == {"a"}


def test_a_removal_takes_the_clone_along() -> None:
    before = cib(f'<clone id="a-clone">{primitive("a")}</clone>')
    assert ids(applied({"absent": ["a"]}, before)) == set()


def test_a_removal_of_the_only_member_takes_the_group_along() -> None:
    before = cib(f'<clone id="c"><group id="g">{primitive("a")}</group></clone>')
    found = plan({"absent": ["a"]}, before)
    assert ids(found.target) == set()
    assert {c.name for c in found.changes} == {"a", "g", "c"}


def test_a_removal_takes_the_operators_constraints_along() -> None:
    before = cib(
        primitive("a"),
        '<rsc_location id="cli-ban-a-on-ctl1" rsc="a" role="Started" node="ctl1" score="-INFINITY"/>',
    )
    found = plan({"absent": ["a"]}, before)
    assert ids(found.target, "constraints") == set()
    assert "cli-ban-a-on-ctl1" in {c.name for c in found.changes}


def test_a_removal_takes_references_in_tags_along() -> None:
    before = cib(
        primitive("a") + primitive("b"),
        more='<tags><tag id="t"><obj_ref id="a"/><obj_ref id="b"/></tag>'
        '<tag id="u"><obj_ref id="a"/></tag></tags>',
    )
    found = plan({"absent": ["a"]}, before)
    assert [r.get("id") for r in found.target.configuration.iter("obj_ref")] == ["b"]
    assert ids(found.target, "tags") == {"t"}
    assert found.to_dict()["tags"] == {
        "t": {"old": {"resources": "a b"}, "new": {"resources": "b"}},
        "u": {"old": {"resources": "a"}, "new": None},
    }


def test_a_tag_that_would_become_empty_but_is_referred_to_refuses_the_removal() -> None:
    before = cib(
        primitive("a"),
        '<rsc_location id="l" rsc="t" node="ctl1" score="5"/>',
        more='<tags><tag id="t"><obj_ref id="a"/></tag></tags>',
    )
    with pytest.raises(ConflictError, match="'t' cannot be removed, because the location 'l'"):
        plan({"absent": ["a"]}, before)


@pytest.mark.parametrize(
    ("constraint", "more", "referrer"),
    [
        ('<rsc_location id="l" rsc="a" node="ctl1" score="5"/>', "", "l"),
        ('<rsc_order id="o" first="b" then="a"/>', "", "o"),
        (
            '<rsc_order id="o"><resource_set id="s"><resource_ref id="b"/><resource_ref id="a"/>'
            "</resource_set></rsc_order>",
            "",
            "o",
        ),
        (
            "",
            '<acls><acl_role id="r"><acl_permission id="p" kind="read" reference="a"/></acl_role></acls>',
            "r",
        ),
    ],
)
def test_a_foreign_reference_refuses_the_removal_and_is_named(
    constraint: str, more: str, referrer: str
) -> None:
    before = cib(primitive("a") + primitive("b"), constraint, more=more)
    with pytest.raises(ConflictError) as caught:
        plan({"absent": ["a"]}, before)
    assert caught.value.path == "absent[0]"
    assert f"'{referrer}'" in caught.value.problem


def test_a_reference_that_goes_in_the_same_plan_does_not_refuse_a_removal() -> None:
    declaration = {
        "resources": dummies("a", "b"),
        "constraints": [{"order": {"first": "a", "then": "b"}}],
    }
    after = applied(declaration, cib())
    assert ids(applied({"resources": dummies("b")}, after)) == {"b"}


def test_an_owned_clone_that_is_no_longer_declared_goes_and_leaves_its_resource() -> None:
    after = applied({"resources": dummies("a", clone={"meta": {"interleave": True}})}, cib())
    assert ids(after) == {"a-clone"}
    assert ids(applied({"resources": dummies("a")}, after)) == {"a"}


def test_a_foreign_clone_around_a_declared_resource_stays() -> None:
    before = cib(f'<clone id="c">{primitive("a")}</clone>')
    assert not plan({"resources": dummies("a")}, before)


def test_a_removal_leaves_references_to_it_from_nobody_in_the_result() -> None:
    before = cib(primitive("a") + primitive("b"), '<rsc_order id="o" first="b" then="a"/>')
    assert ids(applied({"absent": ["a", "o"]}, before), "constraints") == set()


# Groups


def group(*names: str) -> str:
    return f'<group id="g">{"".join(map(primitive, names))}</group>'


@pytest.mark.parametrize(
    ("live", "wanted", "result"),
    [
        (["a", "x", "b"], ["a", "b"], ["a", "x", "b"]),
        (["a", "x", "b"], ["b", "a"], ["b", "x", "a"]),
        (["b", "x"], ["a", "b"], ["a", "b", "x"]),
        (["x", "a"], ["a", "b"], ["x", "a", "b"]),
        (["a", "x"], ["a", "b"], ["a", "b", "x"]),
        (["x"], ["a", "b"], ["x", "a", "b"]),
        (["a", "b"], ["b"], ["a", "b"]),
    ],
)
def test_members_that_nobody_declared_keep_their_place(
    live: list[str], wanted: list[str], result: list[str]
) -> None:
    declaration = {"resources": {**dummies(*wanted), "g": {"group": wanted}}}
    assert members(applied(declaration, cib(group(*live))), "g") == result


def test_a_member_may_be_a_resource_that_nobody_declared() -> None:
    before = cib(primitive("x") + primitive("y"))
    after = applied({"resources": {**dummies("a"), "g": {"group": ["x", "a"]}}}, before)
    assert members(after, "g") == ["x", "a"]
    assert ids(after) == {"g", "y"}


def test_a_group_with_its_options_first_is_no_change() -> None:
    before = cib(
        f'<group id="g">{pairs("meta_attributes", "m", ordered="true")}{primitive("a")}'
        f"{primitive('b')}</group>"
    )
    assert not plan({"resources": {"g": {"group": ["a", "b"]}}}, before)


def test_an_owned_member_leaves_its_group_when_declared_outside() -> None:
    once = applied({"resources": {**dummies("a", "b"), "g": {"group": ["a", "b"]}}}, cib())
    after = applied({"resources": {**dummies("a", "b"), "g": {"group": ["a"]}}}, once)
    assert members(after, "g") == ["a"]
    assert ids(after) == {"g", "b"}


def test_a_group_that_is_dropped_frees_the_members_that_stay_declared() -> None:
    once = applied({"resources": {**dummies("a", "b"), "g": {"group": ["a", "b"]}}}, cib())
    assert ids(applied({"resources": dummies("a", "b")}, once)) == {"a", "b"}


def test_members_that_change_groups_keep_what_the_groups_have() -> None:
    resources = {
        **dummies("a", "b"),
        "g": {"group": ["a"], "meta": {"ordered": False}},
        "h": {"group": ["b"], "meta": {"ordered": False}, "clone": {"meta": {"interleave": True}}},
    }
    once = applied({"resources": resources}, cib())
    swapped = {**dummies("a", "b"), "g": {"group": ["b"]}, "h": {"group": ["a"], "clone": {}}}
    after = applied({"resources": swapped}, once)
    assert (members(after, "g"), members(after, "h")) == (["b"], ["a"])
    assert after.by_id["h"].find("meta_attributes/nvpair[@name='ordered']") is not None
    assert after.by_id["h-clone"].find("meta_attributes/nvpair[@name='interleave']") is not None


def test_a_foreign_group_that_loses_its_last_member_goes_and_its_constraint_is_named() -> None:
    before = cib(
        f'<group id="h">{primitive("b")}</group>',
        '<rsc_location id="l" rsc="h" node="ctl1" score="5"/>',
    )
    with pytest.raises(ConflictError, match="'l'"):
        plan({"resources": {"g": {"group": ["b"]}}}, before)


def test_a_group_that_is_not_a_group_in_the_cluster_is_named() -> None:
    with pytest.raises(ConflictError, match="<primitive>"):
        plan({"resources": {**dummies("a"), "g": {"group": ["a"]}}}, cib(primitive("g")))


# Every patch is explained


@pytest.mark.parametrize(
    "content",
    [
        "<operations/>",
        '<operations id="o"/>',
        '<meta_attributes id="m"/>',
        '<instance_attributes id="i"/>',
        '<utilization id="u"/>',
    ],
)
def test_an_empty_part_is_no_change(content: str) -> None:
    declaration = {
        "resources": dummies("a", params={}, meta={}, operations=[], utilization={}),
    }
    assert not plan(declaration, cib(primitive("a", content))).patch


def test_operations_shared_by_reference_become_own_ones_and_that_is_a_change() -> None:
    before = cib(
        primitive("a", '<operations id="o"><op id="m" name="monitor" interval="9s"/></operations>')
        + primitive("b", '<operations id-ref="o"/>')
    )
    found = plan({"resources": dummies("b", operations=[])}, before)
    assert [c.name for c in found.changes] == ["b"]


# Operations, clones, constraints in detail


def test_a_resource_without_operations_gets_the_monitor_that_pcs_gives() -> None:
    op = applied({"resources": dummies("a")}, cib()).configuration.find(".//op")
    assert dict(op.attrib) == {"id": "a-monitor-interval-60s", "name": "monitor", "interval": "60s"}


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ({"order": {"id": "c", "first": "a", "then": "b"}}, "rsc_order"),
        ({"order": {"id": "c", "sets": [["a", "b"]]}}, "rsc_order"),
        ({"order": {"id": "c", "first": "b", "then": "a", "kind": "Optional"}}, "rsc_order"),
        ({"colocation": {"id": "c", "resource": "a", "with": "b"}}, "rsc_colocation"),
        (
            {"colocation": {"id": "c", "resource": "a", "with": "b", "role": "Started"}},
            "rsc_colocation",
        ),
        ({"colocation": {"id": "c", "sets": [["a", "b"]], "score": 5}}, "rsc_colocation"),
        ({"location": {"id": "c", "resource": "a", "node": "ctl1"}}, "rsc_location"),
        ({"location": {"id": "c", "resource": "a", "rule": "defined x"}}, "rsc_location"),
        ({"location": {"id": "c", "resource_pattern": "a.*", "node": "ctl1"}}, "rsc_location"),
        ({"location": {"id": "c", "sets": [["a", "b"]], "node": "ctl1"}}, "rsc_location"),
        ({"ticket": {"id": "c", "ticket": "T", "resource": "a"}}, "rsc_ticket"),
        (
            {"ticket": {"id": "c", "ticket": "T", "sets": [["a"]], "loss_policy": "stop"}},
            "rsc_ticket",
        ),
    ],
)
@pytest.mark.parametrize(
    "live",
    [
        '<rsc_order id="c" first="a" then="b" first-action="promote" then-action="start"/>',
        '<rsc_order id="c"><resource_set id="s" action="start"><resource_ref id="a"/>'
        '<resource_ref id="b"/></resource_set></rsc_order>',
        '<rsc_colocation id="c" rsc="b" with-rsc="a" rsc-role="Started" with-rsc-role="Promoted" score="9"/>',
        '<rsc_colocation id="c" score="9"><resource_set id="s"><resource_ref id="a"/>'
        '<resource_ref id="b"/></resource_set></rsc_colocation>',
        '<rsc_location id="c" rsc="a" node="ctl2" score="9"/>',
        '<rsc_location id="c" rsc="a"><rule id="r" score="9"><expression id="e" attribute="y"'
        ' operation="defined"/></rule></rsc_location>',
        '<rsc_location id="c" rsc-pattern="b.*" node="ctl1" score="9"/>',
        '<rsc_location id="c" node="ctl1" score="9"><resource_set id="s"><resource_ref id="a"/>'
        "</resource_set></rsc_location>",
        '<rsc_ticket id="c" ticket="T" rsc="b" rsc-role="Promoted" loss-policy="fence"/>',
        '<rsc_ticket id="c" ticket="T"><resource_set id="s"><resource_ref id="a"/></resource_set>'
        "</rsc_ticket>",
    ],
)
def test_a_constraint_takes_every_shape_from_every_other_of_its_kind(
    constraint: dict[str, Any], changed: str, live: str
) -> None:
    before = cib(primitive("a") + primitive("b"), live)
    if not live.startswith(f"<{changed} "):
        with pytest.raises(ConflictError):
            plan({"constraints": [constraint]}, before)
        return
    after = applied({"constraints": [constraint]}, before)
    assert not plan({"constraints": [constraint]}, after)


def test_a_location_that_stops_being_a_rule_takes_the_score_that_is_declared() -> None:
    rule = '<rule id="r" score="9"><expression id="e" attribute="y" operation="defined"/></rule>'
    before = cib(primitive("a"), f'<rsc_location id="c" rsc="a">{rule}</rsc_location>')
    wanted = {"location": {"id": "c", "resource": "a", "node": "ctl1", "score": 0}}
    assert applied({"constraints": [wanted]}, before).by_id["c"].get("score") == "0"


def test_a_member_leaves_its_group_to_become_a_clone() -> None:
    once = applied({"resources": {**dummies("a", "b"), "g": {"group": ["a", "b"]}}}, cib())
    declaration = {"resources": {**dummies("a", clone={}), **dummies("b"), "g": {"group": ["b"]}}}
    after = applied(declaration, once)
    assert members(after, "g") == ["b"]
    assert ids(after) == {"a-clone", "g"}


@pytest.mark.parametrize("spelled", ["on", "YES", 1, True])
def test_a_boolean_of_an_operation_is_spelled_as_the_schema_wants_it(spelled: object) -> None:
    operation = {"name": "monitor", "interval": "9s", "record-pending": spelled}
    after = applied({"resources": dummies("a", operations=[operation])}, cib())
    assert after.configuration.find(".//op").get("record-pending") == "true"


def test_an_owned_id_may_change_its_kind() -> None:
    once = applied(
        {
            "resources": dummies("a", "b"),
            "constraints": [{"order": {"id": "c", "first": "a", "then": "b"}}],
        },
        cib(),
    )
    after = applied(
        {
            "resources": dummies("a", "b"),
            "constraints": [{"colocation": {"id": "c", "resource": "a", "with": "b"}}],
        },
        once,
    )
    assert after.by_id["c"].tag == "rsc_colocation"


def test_an_owned_primitive_may_become_a_group() -> None:
    once = applied({"resources": dummies("g", "a")}, cib())
    after = applied({"resources": {**dummies("a"), "g": {"group": ["a"]}}}, once)
    assert after.by_id["g"].tag == "group"


def test_an_owned_group_may_become_a_primitive() -> None:
    once = applied({"resources": {**dummies("a"), "g": {"group": ["a"]}}}, cib())
    after = applied({"resources": dummies("g", "a")}, once)
    assert after.by_id["g"].tag == "primitive"
    assert ids(after) == {"a", "g"}


def test_ids_avoid_those_that_the_cluster_has() -> None:
    before = cib(primitive("order-a-b-mandatory") + primitive("a-instance_attributes"))
    declaration = {
        "resources": dummies("a", "b", params={"fake": "x"}),
        "constraints": [
            {"order": {"first": "a", "then": "b"}},
            {"location": {"resource": "a", "rule": "defined x"}},
        ],
    }
    after = applied(declaration, before)
    assert "order-a-b-mandatory-1" in after.by_id
    assert "a-instance_attributes-1" in after.by_id


def test_a_rule_keeps_the_id_that_its_text_gives() -> None:
    declaration = {
        "resources": dummies("a"),
        "constraints": [
            {"location": {"resource": "a", "rule": "id=mine score=5 defined x"}},
        ],
    }
    assert "mine" in applied(declaration, cib()).by_id


def test_a_rules_own_id_that_is_taken_is_named() -> None:
    declaration = {
        "resources": dummies("mine"),
        "constraints": [{"location": {"resource": "mine", "rule": "id=mine defined x"}}],
    }
    with pytest.raises(ConflictError) as caught:
        plan(declaration, cib())
    assert caught.value.path == "constraints[0].location.rule"


def test_a_rule_without_an_id_avoids_those_that_the_cluster_has() -> None:
    declaration = {
        "resources": dummies("a"),
        "constraints": [{"location": {"resource": "a", "rule": "defined x"}}],
    }
    assert "location-a-rule-1" in applied(declaration, cib(primitive("location-a-rule"))).by_id


def test_the_parts_of_a_rule_avoid_ids_that_the_cluster_has() -> None:
    declaration = {
        "resources": dummies("location-a-rule-expr", "a"),
        "constraints": [{"location": {"resource": "a", "rule": "defined x"}}],
    }
    assert "location-a-rule-expr-1" in applied(declaration, cib()).by_id


def test_a_resource_inside_a_clone_is_not_named_by_a_new_constraint() -> None:
    declaration = {
        "resources": dummies("a", "b", clone={}),
        "constraints": [{"order": {"first": "a", "then": "b-clone"}}],
    }
    with pytest.raises(DeclarationError, match="a-clone"):
        plan(declaration, cib())


def test_a_clone_that_is_renamed_is_a_remove_and_an_add() -> None:
    once = applied({"resources": {"a": {"agent": DUMMY, "clone": {"id": "c1"}}}}, cib())
    found = plan({"resources": {"a": {"agent": DUMMY, "clone": {"id": "c2"}}}}, once)
    assert ids(found.target) == {"c2"}
    assert {("c1", "remove"), ("c2", "create")} <= {(c.name, c.action) for c in found.changes}


def test_a_promotable_clone_stops_being_one_when_told() -> None:
    once = applied({"resources": dummies("a", clone={"promotable": True})}, cib())
    assert once.configuration.find(".//nvpair[@name='promotable']") is not None
    after = applied({"resources": dummies("a", clone={"promotable": False})}, once)
    assert after.configuration.find(".//nvpair[@name='promotable']") is None


def test_a_cib_that_the_schema_refuses_already_is_refused_before_any_write() -> None:
    before = cib(primitive("a"), '<rsc_order id="c" first="a" then="gone"/>')
    with pytest.raises(CibError, match="schema"):
        plan({"resources": dummies("x")}, before)
