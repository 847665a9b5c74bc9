"""What a user may get wrong in a declaration, and what the answer should say about it.

The cluster that they are tried on is :data:`LIVE`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

import pytest

DUMMY = "ocf:pacemaker:Dummy"

LIVE: dict[str, Any] = {
    "properties": {"stonith-enabled": False},
    "resources": {
        "api": {"agent": DUMMY, "clone": True},
        "volume": {"agent": DUMMY},
        "m1": {"agent": DUMMY},
        "m2": {"agent": DUMMY},
        "g": {"group": ["m1", "m2"]},
    },
    "constraints": [{"order": {"first": "api-clone", "then": "volume", "id": "foreign-order"}}],
}


@dataclass(frozen=True)
class Bad:
    """A mistake: the declaration, the path that the error names, and words that it should hold."""

    declaration: Any
    path: str
    words: tuple[str, ...] = field(default=())


def bad(name: str, declaration: Any, path: str, *words: str) -> Any:
    return pytest.param(Bad(declaration, path, words), id=name)


def resource(**body: Any) -> dict[str, Any]:
    return {"resources": {"x": {"agent": DUMMY, **body}}}


def resources(**bodies: Any) -> dict[str, Any]:
    return {"resources": bodies}


def operation(**body: Any) -> dict[str, Any]:
    return resource(operations=[{"name": "monitor", **body}])


def constraints(*items: Any) -> dict[str, Any]:
    return {"constraints": list(items)}


def order(**body: Any) -> dict[str, Any]:
    return constraints({"order": {"first": "volume", "then": "g", **body}})


def sets(*found: Any) -> dict[str, Any]:
    return constraints({"order": {"sets": list(found)}})


def colocation(**body: Any) -> dict[str, Any]:
    return constraints({"colocation": {"resource": "volume", "with": "g", **body}})


def location(**body: Any) -> dict[str, Any]:
    return constraints({"location": {"resource": "volume", **body}})


def ticket(**body: Any) -> dict[str, Any]:
    return constraints({"ticket": {"resource": "volume", **body}})


def level(**body: Any) -> dict[str, Any]:
    return {"fencing_levels": [{"target": "ctl1", "level": 1, "devices": ["volume"], **body}]}


def tagged(*names: Any) -> dict[str, Any]:
    return {"tags": {"t": list(names)}}


UNKNOWN_KEYS = [
    bad("at the top", {"resourcs": {}}, "resourcs", "did you mean 'resources'?", "constraints"),
    bad("of a resource", resource(parms={}), "resources.x.parms", "did you mean 'params'?"),
    bad("of a group", resources(x={"group": ["m1"], "params": {}}), "resources.x.params", "meta"),
    bad("of an operation", operation(intervall="1s"), "resources.x.operations[0].intervall"),
    bad("of a clone", resource(clone={"interleave": True}), "resources.x.clone.interleave", "meta"),
    bad("of an order", order(score=5), "constraints[0].order.score", "kind"),
    bad("of a set", sets({"resources": ["g"], "sequental": True}), "constraints[0].order.sets[0].sequental"),
    bad("of a fencing level", level(node="ctl1"), "fencing_levels[0].node", "target"),
    bad("kind of constraint", constraints({"ordr": {}}), "constraints[0].ordr", "'order'"),
    bad("two kinds at once", constraints({"order": {}, "location": {}}), "constraints[0]", "one key"),
    bad("number", {5: {}}, "declaration", "5", "quote it"),
    bad("null", {None: {}}, "declaration", "null", "quote it"),
    bad("resource's number", {"resources": {7: {}}}, "resources", "7", "quote it"),
    bad("YAML's off", {"properties": {False: 1}}, "properties", "False", "quote it"),
    bad(
        "no blank after the colon",
        resource(params={"password:hunter2": None}),
        "resources.x.params",
        "'password'",
        "NAME: VALUE",
    ),
]

IDS = [
    bad("blank", {"resources": {"my vip": {}}}, "resources.my vip", "'my vip'", "letters, digits"),
    bad("digit first", {"resources": {"1vip": {}}}, "resources.1vip", "start with a letter"),
    bad("empty", {"resources": {"": {}}}, "resources.''", "cannot be an id"),
    bad("clone instance", {"resources": {"api:0": {}}}, "resources.api:0", "cannot be an id"),
    bad("quote", {"resources": {"v'ip": {}}}, "resources.v'ip", "cannot be an id"),
    bad("line break", {"resources": {"vip\n": {}}}, "resources.'vip\\n'", "cannot be an id"),
    bad("umlaut", {"resources": {"vüp": {}}}, "resources.vüp", "cannot be an id"),
    bad("huge", {"resources": {"!" * 100_000: {}}}, f"resources.{'!' * 57}...", "cannot be an id"),
    bad("of a clone", resource(clone={"id": "a b"}), "resources.x.clone.id", "'a b'"),
    bad("of a constraint", order(id="1st"), "constraints[0].order.id", "'1st'"),
    bad("of a member", resources(x={"group": [5]}), "resources.x.group[0]", "5", "quote it"),
    bad("in absent", {"absent": [5]}, "absent[0]", "5", "quote it"),
    bad("of a tag", {"tags": {"1t": ["volume"]}}, "tags.1t", "start with a letter"),
    bad("in a tag", tagged(5), "tags.t[0]", "5", "quote it"),
    bad(
        "clone like resource",
        resources(x={"agent": DUMMY, "clone": {"id": "y"}}, y={"agent": DUMMY}),
        "resources.y",
        "'y'",
        "resources.x.clone",
    ),
    bad(
        "implied clone like resource",
        {"resources": {"x": {"agent": DUMMY, "clone": True}, "x-clone": {"agent": DUMMY}}},
        "resources.x-clone",
        "resources.x.clone",
    ),
    bad(
        "two clones",
        resources(x={"agent": DUMMY, "clone": {"id": "c"}}, y={"agent": DUMMY, "clone": {"id": "c"}}),
        "resources.y.clone",
        "'c'",
        "resources.x.clone",
    ),
    bad("clone like itself", resource(clone={"id": "x"}), "resources.x.clone.id", "the resource itself"),
    bad(
        "clone like a live resource",
        resource(clone={"id": "volume"}),
        "resources.x.clone.id",
        "<primitive>",
        "'volume'",
    ),
    bad(
        "two constraints",
        constraints(
            {"order": {"first": "volume", "then": "g", "id": "i"}},
            {"colocation": {"resource": "volume", "with": "g", "id": "i"}},
        ),
        "constraints[1].colocation",
        "'i'",
        "constraints[0].order",
    ),
    bad(
        "constraint like resource", {**resource(), **order(id="x")}, "constraints[0].order.id", "resources.x"
    ),
    bad(
        "constraint like clone",
        {**resource(clone=True), **order(id="x-clone")},
        "constraints[0].order.id",
        "resources.x.clone",
    ),
    bad("constraint like a live resource", order(id="volume"), "constraints[0].order.id", "<primitive>"),
    bad(
        "resource like a live constraint",
        {"resources": {"foreign-order": {"agent": DUMMY}}},
        "resources.foreign-order",
        "<rsc_order>",
    ),
    bad("resource like a live group", resources(g={"agent": DUMMY}), "resources.g", "<group>"),
    bad("group like a live resource", resources(volume={"group": ["m1"]}), "resources.volume", "<primitive>"),
]

SHAPES = [
    bad("declaration a list", [LIVE], "declaration", "a list", "a mapping"),
    bad("declaration text", "resources", "declaration", "text", "a mapping"),
    bad("resources a list", {"resources": [{"x": {}}]}, "resources", "a list", "a mapping"),
    bad("resource text", {"resources": {"x": DUMMY}}, "resources.x", "text", "a mapping"),
    bad("params a list", resource(params=[{"ip": 1}]), "resources.x.params", "a list", "a mapping"),
    bad("params text", resource(params="ip=1"), "resources.x.params", "text", "a mapping"),
    bad("meta a list", resource(meta=["x"]), "resources.x.meta", "a list", "a mapping"),
    bad(
        "operations a mapping",
        resource(operations={"monitor": {}}),
        "resources.x.operations",
        "a mapping",
        "a list",
    ),
    bad("operation text", resource(operations=["monitor"]), "resources.x.operations[0]", "text", "a mapping"),
    bad("clone a list", resource(clone=["x"]), "resources.x.clone", "a list", "a mapping"),
    bad("group text", resources(x={"group": "m1"}), "resources.x.group", "text", "a list"),
    bad("constraints a mapping", {"constraints": {"order": {}}}, "constraints", "a mapping", "a list"),
    bad("constraint text", constraints("a then b"), "constraints[0]", "text", "a mapping"),
    bad("order a list", constraints({"order": ["a", "b"]}), "constraints[0].order", "a list"),
    bad(
        "sets a mapping",
        constraints({"order": {"sets": {}}}),
        "constraints[0].order.sets",
        "a mapping",
        "a list",
    ),
    bad(
        "sets one flat list",
        sets("volume", "g"),
        "constraints[0].order.sets[0]",
        "'volume'",
        "a list of resources",
    ),
    bad("rule a list", location(rule=["#uname"]), "constraints[0].location.rule", "a list", "text"),
    bad("levels a mapping", {"fencing_levels": {}}, "fencing_levels", "a mapping", "a list"),
    bad("tag's text", {"tags": {"t": "volume"}}, "tags.t", "text", "a list"),
    bad("devices text", level(devices="volume"), "fencing_levels[0].devices", "text", "a list"),
    bad("absent text", {"absent": "volume"}, "absent", "text", "a list"),
    bad("adopt a list", {"adopt": ["x"]}, "adopt", "a list"),
    bad("secret text", resource(secret="frob"), "resources.x.secret", "text", "a list"),
    bad("value a list", resource(params={"state": ["a"]}), "resources.x.params.state", "a list", "text"),
    bad("value a mapping", resource(params={"state": {}}), "resources.x.params.state", "a mapping"),
    bad(
        "value a date",
        resource(params={"state": datetime.date(2026, 1, 1)}),
        "resources.x.params.state",
        "a date",
    ),
    bad("value binary", resource(params={"state": b"x"}), "resources.x.params.state", "binary"),
    bad("null value", resource(params={"state": None}), "resources.x.params.state", "null"),
    bad("null property", {"properties": {"stonith-enabled": None}}, "properties.stonith-enabled", "null"),
    bad("null resource", {"resources": {"x": None}}, "resources.x.agent", "missing"),
    bad("null params", resource(params=None), "resources.x.params", "null", "leave the key out"),
    bad("null operations", resource(operations=None), "resources.x.operations", "null"),
    bad(
        "promotable twice",
        resource(clone={"promotable": True, "meta": {"promotable": False}}),
        "resources.x.clone.promotable",
        "meta",
    ),
    bad("null clone", resource(clone=None), "resources.x.clone", "null"),
    bad(
        "misspelled choice",
        {"properties": {"no-quorum-policy": "ignroe"}},
        "properties.no-quorum-policy",
        "'ignroe'",
        "ignore",
    ),
    bad("null agent", resource(agent=None), "resources.x.agent", "null"),
    bad("null interval", operation(interval=None), "resources.x.operations[0].interval", "null"),
    bad("null order", constraints({"order": None}), "constraints[0].order.first", "missing"),
    bad("null score", colocation(score=None), "constraints[0].colocation.score", "null"),
    bad("null group", resources(x={"group": None}), "resources.x.group", "no members"),
]

VALUES = [
    bad(
        "property's boolean",
        {"properties": {"stonith-enabled": "maybe"}},
        "properties.stonith-enabled",
        "'maybe'",
        "true or false",
    ),
    bad(
        "property's time",
        {"properties": {"cluster-delay": "1 fortnight"}},
        "properties.cluster-delay",
        "'1 fortnight'",
        "30s",
    ),
    bad(
        "meta's boolean",
        resource(meta={"is-managed": "maybe"}),
        "resources.x.meta.is-managed",
        "'maybe'",
        "true or false",
    ),
    bad(
        "meta's time",
        resource(meta={"failure-timeout": "-5s"}),
        "resources.x.meta.failure-timeout",
        "'-5s'",
        "30s",
    ),
    bad(
        "meta's score",
        resource(meta={"resource-stickiness": "lots"}),
        "resources.x.meta.resource-stickiness",
        "'lots'",
        "INFINITY",
    ),
    bad(
        "meta's role",
        resource(meta={"target-role": "Running"}),
        "resources.x.meta.target-role",
        "'Running'",
        "Stopped",
    ),
    bad(
        "YAML's .inf",
        resource(meta={"priority": float("inf")}),
        "resources.x.meta.priority",
        "inf",
        "INFINITY",
    ),
    bad(
        "clone's number",
        resource(clone={"meta": {"clone-max": "two"}}),
        "resources.x.clone.meta.clone-max",
        "'two'",
        "integer",
    ),
    bad("promotable", resource(clone={"promotable": "sure"}), "resources.x.clone.promotable", "'sure'"),
    bad(
        "default's score",
        {"resource_defaults": {"resource-stickiness": "x"}},
        "resource_defaults.resource-stickiness",
        "'x'",
    ),
    bad(
        "default's time", {"operation_defaults": {"timeout": "soon"}}, "operation_defaults.timeout", "'soon'"
    ),
    bad("interval", operation(interval="often"), "resources.x.operations[0].interval", "'often'", "30s"),
    bad("timeout", operation(timeout=-5), "resources.x.operations[0].timeout", "-5"),
    bad(
        "foreign digits",
        operation(interval="３０s"),  # noqa: RUF001
        "resources.x.operations[0].interval",
        "30s",
    ),
    bad(
        "number of 5000 digits",
        {"properties": {"batch-limit": "9" * 5000}},
        "properties.batch-limit",
        "integer",
    ),
    bad(
        "operation's boolean", operation(enabled="perhaps"), "resources.x.operations[0].enabled", "'perhaps'"
    ),
    bad(
        "on-fail",
        operation(**{"on-fail": "explode"}),
        "resources.x.operations[0].on-fail",
        "'explode'",
        "block",
    ),
    bad(
        "operation's name",
        operation(name="mon itor"),
        "resources.x.operations[0].name",
        "'mon itor'",
        "monitor",
    ),
    bad("operation's empty name", operation(name=""), "resources.x.operations[0].name", "''", "monitor"),
    bad(
        "operation twice",
        resource(
            operations=[{"name": "monitor", "interval": "10s"}, {"name": "monitor", "interval": "10000ms"}]
        ),
        "resources.x.operations[1]",
        "second monitor",
    ),
    bad("utilization", resource(utilization={"cpu": 1.5}), "resources.x.utilization.cpu", "1.5", "integer"),
    bad("score", colocation(score="strong"), "constraints[0].colocation.score", "'strong'", "INFINITY"),
    bad("score with a point", colocation(score=1.5), "constraints[0].colocation.score", "1.5"),
    bad("INF", location(node="ctl1", score="INF"), "constraints[0].location.score", "'INF'", "INFINITY"),
    bad(
        "kind",
        order(kind="Sometimes"),
        "constraints[0].order.kind",
        "'Sometimes'",
        "Mandatory, Optional or Serialize",
    ),
    bad("action", order(first_action="run"), "constraints[0].order.first_action", "'run'", "start"),
    bad("role", colocation(role="King"), "constraints[0].colocation.role", "'King'", "Promoted"),
    bad("symmetrical", order(symmetrical="x"), "constraints[0].order.symmetrical", "'x'", "true or false"),
    bad("rule", location(rule="#uname equals ctl1"), "constraints[0].location.rule", "'equals'", "eq, ne"),
    bad("empty rule", location(rule=""), "constraints[0].location.rule"),
    bad(
        "node and rule",
        location(node="ctl1", rule="#uname eq ctl1"),
        "constraints[0].location",
        "has node and rule",
        "one of",
    ),
    bad("neither node nor rule", location(), "constraints[0].location", "none", "node, rule"),
    bad("empty node", location(node=""), "constraints[0].location.node", "empty"),
    bad(
        "empty pattern",
        constraints({"location": {"resource_pattern": " ", "node": "ctl1"}}),
        "constraints[0].location.resource_pattern",
        "empty",
    ),
    bad("empty ticket", ticket(ticket=""), "constraints[0].ticket.ticket", "empty"),
    bad("no ticket", ticket(), "constraints[0].ticket.ticket", "missing"),
    bad(
        "loss policy",
        ticket(ticket="T", loss_policy="cry"),
        "constraints[0].ticket.loss_policy",
        "'cry'",
        "fence",
    ),
    bad("level's number", level(level=0), "fencing_levels[0].level", "0", "1 to 9"),
    bad("level's word", level(level="one"), "fencing_levels[0].level", "'one'", "integer"),
    bad("adopt", {"adopt": "perhaps"}, "adopt", "'perhaps'", "true or false"),
    bad("NUL", resource(params={"state": "a\x00b"}), "resources.x.params.state", "'\\x00'"),
    bad("escape", resource(description="\x1b[31m"), "resources.x.description", "'\\x1b'"),
    bad("surrogate", resource(params={"state": "\ud800"}), "resources.x.params.state", "'\\ud800'"),
    # Pacemaker 2.1 would store these as other characters, and the next run would find a difference.
    bad("line break", resource(params={"state": "a\nb"}), "resources.x.params.state", "'\\n'"),
    bad("tabulator", resource(params={"state": "a\tb"}), "resources.x.params.state", "'\\t'"),
    bad("control character in a name", resource(params={"a\x01b": 1}), "resources.x.params", "'a\\x01b'"),
    bad(
        "own name",
        {"properties": {"saltext-owned-x": 1}},
        "properties.saltext-owned-x",
        "reserved for this software",
    ),
]
