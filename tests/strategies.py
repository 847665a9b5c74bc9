"""Random valid declarations: every kind of object, every part of each object given."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Declaration = dict[str, Any]

_AGENTS = st.sampled_from(
    ["ocf:pacemaker:Dummy", "ocf:heartbeat:IPaddr2", "systemd:cinder-volume", "service:cinder"]
)
_TIMES = st.sampled_from(["0", "10", "10s", "10000ms", "PT10S", "2min", "PT1M30S", "1h"])
_BOOLEANS = st.sampled_from([True, False, "on", "no", "TRUE"])
_SCORES = st.sampled_from([0, 5, "+5", -7, "INFINITY", "+INFINITY", "-INFINITY", 2_000_000])
_ROLES = st.sampled_from(["Started", "Promoted", "Unpromoted"])
# Pacemaker cannot escape what stands behind a character beyond ASCII.
_VALUES = st.text("ab1 &<>\"'/\\;=$%", max_size=8) | st.text("aé漢", max_size=4) | st.integers(-9, 9)
_RULES = st.sampled_from(
    [
        "score=50 #uname eq ctl1",
        "defined x",
        "score=-INFINITY x lt number 5 or defined y and not_defined z",
        "role=Promoted date gt 2026-03-31",
        "date-spec hours=9-16 weekdays=1-5",
    ]
)


def _some(choices: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=choices)


_PARAMS = _some({"ip": _VALUES, "fake": _VALUES, "os_password": _VALUES})
_META = _some(
    {
        "priority": _SCORES,
        "failure-timeout": _TIMES,
        "critical": _BOOLEANS,
        "migration-threshold": st.sampled_from([0, 3, "+5", "INFINITY"]),
    }
)
_CLONE_META = _some({"interleave": _BOOLEANS, "notify": _BOOLEANS, "clone-max": st.integers(1, 3)})
_UTILIZATION = _some({"cpu": st.integers(0, 8), "memory": st.integers(0, 8)})
_PROPERTIES = _some(
    {
        "batch-limit": st.integers(0, 9),
        "cluster-recheck-interval": _TIMES,
        "stop-orphan-resources": _BOOLEANS,
    }
)
_RESOURCE_DEFAULTS = _some({"resource-stickiness": _SCORES, "failure-timeout": _TIMES})
_OPERATION_DEFAULTS = _some({"timeout": _TIMES, "on-fail": st.sampled_from(["ignore", "restart"])})


@st.composite
def _operations(draw: st.DrawFn) -> list[dict[str, Any]]:
    chosen = draw(
        st.lists(
            st.sampled_from([("start", "0s"), ("stop", "0"), ("monitor", "10s"), ("monitor", "PT20S")]),
            unique=True,
        )
    )
    return [
        {
            "name": name,
            "interval": interval,
            **draw(_some({"timeout": _TIMES, "record-pending": _BOOLEANS, "params": _LEVEL})),
        }
        for name, interval in chosen
    ]


_LEVEL = _some({"OCF_CHECK_LEVEL": st.integers(0, 20)})
_CLONES = st.fixed_dictionaries({"id": st.just(""), "meta": _CLONE_META, "promotable": st.booleans()})


@st.composite
def _primitives(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "agent": draw(_AGENTS),
        "description": draw(st.text("ab ", max_size=3)),
        "params": draw(_PARAMS),
        "meta": draw(_META),
        "utilization": draw(_UTILIZATION),
        "operations": draw(_operations()),
    }


@st.composite
def _resources(draw: st.DrawFn, prefix: str) -> tuple[Declaration, list[str]]:
    """Resources, and the ids that stand right below ``<resources>``."""
    names = draw(st.permutations([f"{prefix}p{n}" for n in range(5)]))
    names = names[: draw(st.integers(1, len(names)))]
    places = {name: draw(st.sampled_from(["alone", "alone", "g0", "g1"])) for name in names}
    resources: Declaration = {name: draw(_primitives()) for name in names}
    for group in ("g0", "g1"):
        members = [name for name in names if places[name] == group]
        if members:
            resources[prefix + group] = {
                "group": members,
                "meta": draw(_META),
                "description": draw(st.text("ab ", max_size=3)),
            }
    top = []
    for name, resource in resources.items():
        if places.get(name, "alone") != "alone":
            continue
        if draw(st.booleans()):
            clone_id = draw(st.sampled_from([f"{name}-clone", f"{name}-c"]))
            resource["clone"] = {**draw(_CLONES), "id": clone_id}
            if resource["clone"]["promotable"]:
                for member in resource.get("group", [name]):
                    # Only OCF agents know how to promote.
                    resources[member]["agent"] = "ocf:pacemaker:Stateful"
            top.append(clone_id)
        else:
            top.append(name)
    return resources, top


@st.composite
def _constraints(draw: st.DrawFn, top: list[str], prefix: str, all_ids: bool) -> list[Declaration]:
    pairs = [(one, other) for one in top for other in top if one != other]
    found: list[Declaration] = []
    for first, then in draw(_sublist(pairs)):
        actions = {"first_action": "start", "then_action": draw(st.sampled_from(["start", "stop"]))}
        kind = draw(st.sampled_from(["Mandatory", "Optional", "Serialize"]))
        options = {"kind": kind, "symmetrical": kind != "Serialize" and draw(st.booleans())}
        found.append({"order": {"first": first, "then": then, **actions, **options}})
    for one, other in draw(_sublist(pairs)):
        roles = {"role": draw(_ROLES), "with_role": "Started"}
        score = {"score": draw(_SCORES)}
        found.append({"colocation": {"resource": one, "with": other, **roles, **score}})
    for name in draw(_sublist(top)):
        found.append({"location": {"resource": name, "rule": draw(_RULES)}})
    for name in draw(_sublist(top)):
        node = draw(st.sampled_from(["ctl1", "ctl2"]))
        found.append({"location": {"resource": name, "node": node, "score": draw(_SCORES)}})
    if len(top) > 1 and draw(st.booleans()):
        sets = [{"resources": top[:2], "sequential": draw(st.booleans())}]
        symmetrical = draw(st.booleans())
        found.append({"order": {"sets": sets, "kind": "Optional", "symmetrical": symmetrical}})
    if draw(st.booleans()):
        policy = draw(st.sampled_from(["stop", "freeze", "demote"]))
        found.append({"ticket": {"ticket": "T", "resource": top[0], "loss_policy": policy}})
    for number, constraint in enumerate(found):
        if all_ids or draw(st.integers(0, 3)) == 0:
            (body,) = constraint.values()
            body["id"] = f"{prefix}c{number}"
    return found


def _sublist(items: list[Any]) -> st.SearchStrategy[list[Any]]:
    if not items:
        return st.just([])
    return st.lists(st.sampled_from(items), unique=True, max_size=2)


@st.composite
def declarations(
    draw: st.DrawFn, prefix: str = "", *, options: bool = True, all_ids: bool = False
) -> Declaration:
    """A valid declaration; two with different prefixes have nothing in common.

    :param all_ids: whether every constraint has an id of its own
    :param options: whether properties and defaults, which no prefix tells apart, are given
    """
    resources, top = draw(_resources(prefix))
    found: Declaration = {
        "resources": resources,
        "constraints": draw(_constraints(top, prefix, all_ids)),
    }
    device = f"{prefix}fence"
    if draw(st.booleans()):
        resources[device] = {**draw(_primitives()), "agent": "stonith:fence_ipmilan"}
        level = {"target": "ctl1", "level": len(prefix) + 1, "devices": [device]}
        found["fencing_levels"] = [level]
    tagged = draw(_sublist(top))
    if tagged:
        found["tags"] = {f"{prefix}tagged": tagged}
    if options:
        found["properties"] = draw(_PROPERTIES)
        found["resource_defaults"] = draw(_RESOURCE_DEFAULTS)
        found["operation_defaults"] = draw(_OPERATION_DEFAULTS)
    return found
