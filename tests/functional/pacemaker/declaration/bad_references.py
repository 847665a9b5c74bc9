"""Declarations whose parts do not fit together, the live cluster, or the agents."""

from __future__ import annotations

from .bad_declarations import (
    bad,
    colocation,
    constraints,
    level,
    order,
    resource,
    resources,
    sets,
    tagged,
    ticket,
)

VIP = "ocf:heartbeat:IPaddr2"

REFERENCES = [
    bad("order", order(first="zz"), "constraints[0].order", "'zz'"),
    bad("colocation", colocation(**{"with": "zz"}), "constraints[0].colocation", "'zz'"),
    bad(
        "location",
        constraints({"location": {"resource": "zz", "node": "ctl1"}}),
        "constraints[0].location",
        "'zz'",
    ),
    bad("ticket", ticket(ticket="T", resource="zz"), "constraints[0].ticket", "'zz'"),
    bad("set", sets(["volume", "zz"]), "constraints[0].order", "'zz'"),
    bad("no resource", order(first="foreign-order"), "constraints[0].order", "<rsc_order>"),
    bad("instead of the clone", order(first="api"), "constraints[0].order", "'api-clone'"),
    bad("order of one", order(then="volume"), "constraints[0].order", "'volume' twice"),
    bad("colocation of one", colocation(**{"with": "volume"}), "constraints[0].colocation", "'volume' twice"),
    bad("set with one twice", sets(["volume", "volume"]), "constraints[0].order.sets", "'volume' twice"),
    bad("in two sets", sets(["volume"], ["volume"]), "constraints[0].order.sets", "'volume' twice"),
    bad("empty set", sets([]), "constraints[0].order.sets[0].resources", "no resource"),
    bad("no set", sets(), "constraints[0].order.sets", "no set"),
    bad(
        "sets and a pair",
        constraints({"order": {"sets": [["g"]], "first": "g"}}),
        "constraints[0].order.first",
        "sets",
    ),
    bad(
        "same constraint twice",
        constraints(
            {"order": {"first": "volume", "then": "g"}},
            {"order": {"first": "volume", "then": "g", "kind": "Optional"}},
        ),
        "constraints[1].order",
        "constraints[0].order",
    ),
    bad("group in itself", resources(x={"group": ["x"]}), "resources.x.group", "itself"),
    bad(
        "groups in each other",
        resources(x={"group": ["y"]}, y={"group": ["x"]}),
        "resources.x.group",
        "'y' is a group",
    ),
    bad("live group in a group", resources(x={"group": ["g"]}), "resources.x.group[0]", "'g' is a group"),
    bad("member twice", resources(x={"group": ["m1", "m1"]}), "resources.x.group", "'m1' twice"),
    bad(
        "member of two groups",
        resources(x={"group": ["m1"]}, y={"group": ["m1"]}),
        "resources.y.group",
        "'m1'",
        "'x'",
    ),
    bad("unknown member", resources(x={"group": ["zz"]}), "resources.x.group[0]", "'zz'"),
    bad("cloned member", resources(x={"group": ["api"]}), "resources.x.group[0]", "'api-clone'"),
    bad(
        "constraint as a member",
        resources(x={"group": ["foreign-order"]}),
        "resources.x.group[0]",
        "'foreign-order'",
    ),
    bad("empty group", resources(x={"group": []}), "resources.x.group", "at least one"),
    bad("tag of nobody", tagged("zz"), "tags.t", "'zz'"),
    bad("tag of a constraint", tagged("foreign-order"), "tags.t", "<rsc_order>"),
    bad("tag of nothing", tagged(), "tags.t", "at least one"),
    bad("tag of one twice", tagged("volume", "volume"), "tags.t", "'volume' twice"),
    bad("tag like a resource", {**resource(), "tags": {"x": ["volume"]}}, "tags.x", "resources.x"),
    bad("tag like what is there", {"tags": {"g": ["volume"]}}, "tags.g", "<group>"),
    bad(
        "tag present and absent", {**tagged("volume"), "absent": ["t"]}, "absent[0]", "'t'", "one of the two"
    ),
    bad("unknown device", level(devices=["zz"]), "fencing_levels[0].devices", "'zz'"),
    bad("device that does not fence", level(), "fencing_levels[0].devices", "'volume'", "fencing device"),
    bad(
        "level without a target",
        {"fencing_levels": [{"level": 1, "devices": ["volume"]}]},
        "fencing_levels[0]",
        "target",
    ),
    bad("present and absent", {**resource(), "absent": ["x"]}, "absent[0]", "'x'", "one of the two"),
    bad("absent, but ordered", {"absent": ["volume"]}, "absent[0]", "'volume'", "'foreign-order'"),
    bad(
        "absent, but its clone is ordered", {"absent": ["api"]}, "absent[0]", "'api-clone'", "'foreign-order'"
    ),
    bad(
        "absent set of properties",
        {"absent": ["cib-bootstrap-options"]},
        "absent[0]",
        "<cluster_property_set>",
    ),
    bad("absent operation", {"absent": ["volume-monitor-interval-60s"]}, "absent[0]", "<op>"),
]

AGENTS = [
    bad("no agent", {"resources": {"x": {}}}, "resources.x.agent", "missing"),
    bad("type alone", resource(agent="IPaddr2"), "resources.x.agent", "'IPaddr2'", "ocf:PROVIDER:TYPE"),
    bad("no provider", resource(agent="ocf:IPaddr2"), "resources.x.agent", "ocf:PROVIDER:TYPE"),
    bad("a provider too many", resource(agent="systemd:a:b"), "resources.x.agent", "CLASS:TYPE"),
    bad("unknown class", resource(agent="osf:heartbeat:IPaddr2"), "resources.x.agent", "ocf, systemd"),
    bad("blank", resource(agent="ocf:heartbeat:IP addr"), "resources.x.agent", "'ocf:heartbeat:IP addr'"),
    bad("way out of the folder", resource(agent="ocf:../../x:y"), "resources.x.agent", "character"),
    bad(
        "not installed",
        resource(agent="ocf:heartbeat:NoSuch"),
        "resources.x.agent",
        "ocf:heartbeat:NoSuch",
        "not installed",
        "validate: false",
    ),
    bad(
        "unit not installed",
        resource(agent="systemd:no-such-unit"),
        "resources.x.agent",
        "systemd:no-such-unit",
        "not installed",
    ),
    bad(
        "device not installed",
        resource(agent="stonith:fence_none"),
        "resources.x.agent",
        "stonith:fence_none",
        "not installed",
    ),
    bad(
        "unknown parameter",
        resources(x={"agent": VIP, "params": {"ip": "10.0.0.1", "nick": "eth0"}}),
        "resources.x.params",
        "'nick'",
        "did you mean nic?",
    ),
    bad(
        "missing parameter", resources(x={"agent": VIP}), "resources.x.params", VIP, "needs the parameter ip"
    ),
]
