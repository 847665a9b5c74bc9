"""The common parts of the XML reports of ``crm_mon`` and ``crm_simulate``: nodes and resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from lxml import etree

from ..actions import base_name

_COLLECTIVES = ("group", "clone", "bundle")
_ROLE_NAMES = {"Master": "Promoted", "Slave": "Unpromoted"}
PROMOTED = "Promoted"


@dataclass(frozen=True)
class NodeStatus:
    """A node as the cluster sees it. ``kind`` is ``member``, ``remote`` or ``guest``."""

    name: str
    kind: str
    online: bool
    standby: bool
    maintenance: bool
    unclean: bool
    pending: bool


@dataclass(frozen=True)
class ResourceStatus:
    """A resource as the cluster sees it; the instances of an anonymous clone are merged.

    ``kind`` is ``primitive``, ``group``, ``clone`` or ``bundle``; ``nodes`` are those where it is active
    (for a group or a clone: where any member is active), ``promoted_on`` those where it is promoted.
    """

    id: str
    kind: str
    agent: str | None
    parent: str | None
    role: str
    nodes: tuple[str, ...]
    promoted_on: tuple[str, ...]
    managed: bool
    blocked: bool
    failed: bool
    orphaned: bool
    target_role: str | None

    @property
    def active(self) -> bool:
        return bool(self.nodes)


def instance_name(name: str, unique: Iterable[str]) -> str:
    """Return a resource's name as users know it: without the instance number of an anonymous clone.

    >>> instance_name("api:1", unique=())
    'api'
    >>> instance_name("shard:1", unique={"shard:1"})
    'shard:1'
    """
    return name if name in unique else base_name(name)


def unique_instances(report: etree._Element) -> frozenset[str]:
    """Return the instances of globally unique clones, which keep their instance numbers."""
    found = report.iterfind(".//resources//clone[@unique='true']//resource")
    return frozenset(e.get("id", "") for e in found)


def read_nodes(report: etree._Element) -> tuple[NodeStatus, ...]:
    """Return the nodes of a report, or of a part of it, in order."""
    section = report.find(".//nodes")
    return () if section is None else tuple(_node(e) for e in section.iterfind("node"))


def read_resources(report: etree._Element) -> tuple[ResourceStatus, ...]:
    """Return the resources of a report, or of a part of it, each parent before its members."""
    section = report.find(".//resources")
    if section is None:
        return ()
    merged: dict[str, ResourceStatus] = {}
    for status in _walk(section, None, unique_instances(report)):
        known = merged.get(status.id)
        merged[status.id] = _merged(known, status) if known else status
    return tuple(merged.values())


def _walk(element: etree._Element, parent: str | None, unique: frozenset[str]) -> Iterator[ResourceStatus]:
    for child in element:
        if child.tag == "resource":
            yield _primitive(child, parent, unique)
        elif child.tag in _COLLECTIVES:
            yield _collective(child, parent, unique)
            yield from _walk(child, _id(child, unique), unique)
        elif child.tag == "replica":
            yield from _walk(child, parent, unique)


def _node(element: etree._Element) -> NodeStatus:
    return NodeStatus(
        name=element.get("name", ""),
        kind=element.get("type", "member"),
        online=_flag(element, "online"),
        standby=_flag(element, "standby") or _flag(element, "standby_onfail"),
        maintenance=_flag(element, "maintenance"),
        unclean=_flag(element, "unclean"),
        pending=_flag(element, "pending"),
    )


def _primitive(element: etree._Element, parent: str | None, unique: frozenset[str]) -> ResourceStatus:
    return ResourceStatus(
        id=_id(element, unique),
        kind="primitive",
        agent=element.get("resource_agent"),
        parent=parent,
        role=_role(element),
        nodes=_names(_active_on(element)),
        promoted_on=_names(_active_on(element)) if _role(element) == PROMOTED else (),
        managed=_flag(element, "managed"),
        blocked=_flag(element, "blocked"),
        failed=_flag(element, "failed"),
        orphaned=_flag(element, "orphaned"),
        target_role=element.get("target_role"),
    )


def _collective(element: etree._Element, parent: str | None, unique: frozenset[str]) -> ResourceStatus:
    members = list(element.iter("resource"))
    active = [m for m in members if _active_on(m)]
    complete = len(active) == len(members) if element.tag == "group" else bool(active)
    promoted = [m for m in active if _role(m) == PROMOTED]
    return ResourceStatus(
        id=_id(element, unique),
        kind=element.tag,
        agent=None,
        parent=parent,
        role=PROMOTED if promoted else "Started" if active and complete else "Stopped",
        nodes=_names(name for m in active for name in _active_on(m)),
        promoted_on=_names(name for m in promoted for name in _active_on(m)),
        managed=element.get("managed") != "false" and all(_flag(m, "managed") for m in members),
        blocked=any(_flag(m, "blocked") for m in members),
        failed=any(_flag(m, "failed") for m in members),
        orphaned=bool(members) and all(_flag(m, "orphaned") for m in members),
        target_role=element.get("target_role"),
    )


def _merged(one: ResourceStatus, other: ResourceStatus) -> ResourceStatus:
    """Merge the status of two instances of a clone."""
    ranks = ("Stopped", "Starting", "Stopping", "Unpromoted", "Started", PROMOTED)
    roles = sorted((one.role, other.role), key=lambda r: ranks.index(r) if r in ranks else 0)
    return replace(
        one,
        role=roles[-1],
        nodes=_names((*one.nodes, *other.nodes)),
        promoted_on=_names((*one.promoted_on, *other.promoted_on)),
        managed=one.managed and other.managed,
        blocked=one.blocked or other.blocked,
        failed=one.failed or other.failed,
        orphaned=one.orphaned and other.orphaned,
    )


def _id(element: etree._Element, unique: frozenset[str]) -> str:
    return instance_name(element.get("id", ""), unique)


def _active_on(element: etree._Element) -> list[str]:
    if not _flag(element, "active"):
        return []
    return [n.get("name", "") for n in element.iterfind("node")]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _role(element: etree._Element) -> str:
    role = element.get("role", "Stopped")
    return _ROLE_NAMES.get(role, role)


def _flag(element: etree._Element, name: str) -> bool:
    return element.get(name) == "true"
