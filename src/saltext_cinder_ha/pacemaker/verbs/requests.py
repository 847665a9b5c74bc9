"""Requests of operators, which are checked against a CIB and turned into the missing edits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from ...common.errors import DeclarationError
from ...common.fields import what
from .. import values
from ..actions import Action
from ..cib import node_attributes, nvpairs
from ..cib.document import Cib
from ..cib.elements import CLONABLE_TAGS, CLONE_TAGS, RESOURCE_TAGS, clone_of
from ..cib.history import active_nodes
from ..cib.interventions import read_move_constraints
from ..cib.properties import property_value
from ..errors import ConflictError
from .edits import Cleared, Edit, MaintenanceMode, Moved, NodeFlag, Stopped, TransientFlag


class Request(Protocol):
    """One verb with its arguments."""

    @property
    def purpose(self) -> str:
        """Return a verb phrase that completes "would ..."."""

    @property
    def result(self) -> str:
        """Return a sentence about the requested state."""

    def missing_edits(self, cib: Cib) -> tuple[Edit, ...]:
        """Return the edits that a configuration lacks.

        :raises DeclarationError: the cluster has no such object, or the verb does not apply to it
        """

    def check(self, cib: Cib, actions: Iterable[Action]) -> None:
        """Raise if the edits would not lead to the requested state.

        :param actions: the actions that the edits would cause
        """

    def subjects(self, cib: Cib) -> frozenset[str]:
        """Return the primitives that should run afterwards."""


@dataclass(frozen=True)
class NodeRequest:
    """``standby`` or ``maintenance`` of nodes, on or off."""

    nodes: tuple[str, ...]
    flag: str
    on: bool

    @property
    def purpose(self) -> str:
        verb, state = ("put", "in") if self.on else ("take", "out of")
        return f"{verb} {', '.join(self.nodes)} {state} {self.flag}"

    @property
    def result(self) -> str:
        verb = "is" if len(self.nodes) == 1 else "are"
        return f"{', '.join(self.nodes)} {verb} {'in' if self.on else 'out of'} {self.flag}"

    def missing_edits(self, cib: Cib) -> tuple[Edit, ...]:
        if not self.nodes:
            raise DeclarationError("node", "should name at least one node")
        for node in self.nodes:
            require_node(cib, node)
        return tuple(edit for node in dict.fromkeys(self.nodes) for edit in self._missing_on(cib, node))

    def _missing_on(self, cib: Cib, node: str) -> Iterator[Edit]:
        # A transient attribute overrides a permanent one.
        transient = node_attributes.transient(cib, node).get(self.flag, "")
        if values.boolean(transient) is (not self.on):
            yield TransientFlag(node, self.flag)
        permanent = node_attributes.permanent(cib, node).get(self.flag, "")
        if bool(values.boolean(permanent)) is not self.on:
            yield NodeFlag(node, self.flag, self.on)

    def check(self, cib: Cib, actions: Iterable[Action]) -> None:
        """Accept any actions."""

    def subjects(self, cib: Cib) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class ClusterMaintenance:
    """``maintenance-mode`` of the whole cluster, on or off."""

    on: bool

    @property
    def purpose(self) -> str:
        return f"{'put' if self.on else 'take'} the cluster {'in' if self.on else 'out of'} maintenance mode"

    @property
    def result(self) -> str:
        return f"the cluster is {'in' if self.on else 'out of'} maintenance mode"

    def missing_edits(self, cib: Cib) -> tuple[Edit, ...]:
        is_on = bool(values.boolean(property_value(cib, "maintenance-mode")))
        return () if is_on is self.on else (MaintenanceMode(self.on),)

    def check(self, cib: Cib, actions: Iterable[Action]) -> None:
        """Accept any actions."""

    def subjects(self, cib: Cib) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class Enabling:
    """Enable resources (``on``), or disable them."""

    resources: tuple[str, ...]
    on: bool

    @property
    def purpose(self) -> str:
        return f"{'enable' if self.on else 'disable'} {', '.join(self.resources)}"

    @property
    def result(self) -> str:
        verb = "is" if len(self.resources) == 1 else "are"
        return f"{', '.join(self.resources)} {verb} {'enabled' if self.on else 'disabled'}"

    def missing_edits(self, cib: Cib) -> tuple[Edit, ...]:
        if not self.resources:
            raise DeclarationError("resource", "should name a resource")
        found: dict[str, Edit] = {}
        for name in self.resources:
            element = require_resource(cib, name)
            for holder in _stopped_holders(element) if self.on else _outermost_running(element):
                holder_id = holder.get("id", "")
                found[holder_id] = Stopped(holder_id, not self.on, _pcs_kind(holder))
        return tuple(found.values())

    def check(self, cib: Cib, actions: Iterable[Action]) -> None:
        """Accept any actions."""

    def subjects(self, cib: Cib) -> frozenset[str]:
        if not self.on:
            return frozenset()
        return frozenset(p for name in self.resources for p in primitives_of(cib, name))


@dataclass(frozen=True)
class Move:
    """Move a resource to a node, or away from its current node."""

    resource: str
    node: str | None = None
    seconds: int | None = None

    @property
    def purpose(self) -> str:
        return f"move {self.resource} {f'to {self.node}' if self.node else 'away from where it is'}"

    @property
    def result(self) -> str:
        return f"{self.resource} is {f'on {self.node}' if self.node else 'away from where it was'}"

    def missing_edits(self, cib: Cib) -> tuple[Edit, ...]:
        element = require_resource(cib, self.resource)
        if element.tag in (*CLONE_TAGS, "bundle") or clone_of(element) is not None:
            raise DeclarationError(
                "resource",
                f"{self.resource!r} runs on several nodes; to take it from one, put that node in standby or "
                "declare a location constraint",
            )
        if self.node:
            require_node(cib, self.node)
        nodes = where(cib, self.resource)
        if not self.node and not nodes:
            raise DeclarationError(
                "node", f"is missing, and {self.resource!r} is not running on any node to move it away from"
            )
        return () if nodes == {self.node} else (Moved(self.resource, self.node, self.seconds),)

    def check(self, cib: Cib, actions: Iterable[Action]) -> None:
        subjects = self.subjects(cib)
        arrivals = {
            action.destination or action.node
            for action in actions
            if action.resource in subjects and action.kind in ("move", "start") and not action.blocked
        }
        if not (self.node in arrivals if self.node else arrivals):
            goal = f"to {self.node}" if self.node else "to another node"
            raise ConflictError(
                "node" if self.node else "resource",
                f"the cluster would not move {self.resource!r} {goal}, so nothing is changed",
            )

    def subjects(self, cib: Cib) -> frozenset[str]:
        return primitives_of(cib, self.resource)


@dataclass(frozen=True)
class Clear:
    """Clear the constraints that moves and bans of a resource created."""

    resource: str

    @property
    def purpose(self) -> str:
        return f"clear the constraints that moves of {self.resource} created"

    @property
    def result(self) -> str:
        return f"{self.resource} is not bound by any move"

    def missing_edits(self, cib: Cib) -> tuple[Edit, ...]:
        require_resource(cib, self.resource)
        bound = any(found.resource == self.resource for found in read_move_constraints(cib))
        return (Cleared(self.resource),) if bound else ()

    def check(self, cib: Cib, actions: Iterable[Action]) -> None:
        """Accept any actions."""

    def subjects(self, cib: Cib) -> frozenset[str]:
        return frozenset()


def parse_lifetime(value: object) -> int | None:
    """Parse the lifetime of a move's constraint into whole seconds; None means no end.

    >>> parse_lifetime("PT1H"), parse_lifetime("90min"), parse_lifetime(30), parse_lifetime(None)
    (3600, 5400, 30, None)

    :raises DeclarationError: the value is not a time, or is shorter than a second
    """
    if value is None:
        return None
    is_text = isinstance(value, (str, int)) and not isinstance(value, bool)
    milliseconds = values.milliseconds(str(value)) if is_text else None
    if milliseconds is None or milliseconds < 1000:
        raise DeclarationError(
            "lifetime", f"is {what(value)}, but should be a time of at least 1s, such as 30min, 2h or P1D"
        )
    return milliseconds // 1000


def require_node(cib: Cib, name: str) -> None:
    """Raise :class:`DeclarationError` unless the cluster has a node with this name."""
    known = cib.node_names()
    if name not in known:
        raise DeclarationError("node", f"there is no node {name!r}; the nodes are {', '.join(known)}")


def require_resource(cib: Cib, name: str) -> etree._Element:
    """Return the resource with an id; raise :class:`DeclarationError` if there is none."""
    element = cib.by_id.get(name)
    if element is None or element.tag not in RESOURCE_TAGS:
        raise DeclarationError("resource", f"there is no resource {name!r}")
    return element


def primitives_of(cib: Cib, name: str) -> frozenset[str]:
    """Return the primitives in a resource, including the resource itself."""
    return frozenset(e.get("id", "") for e in require_resource(cib, name).iter("primitive"))


def where(cib: Cib, resource: str) -> set[str]:
    """Return the nodes on which a resource, or part of it, is running.

    :raises DeclarationError: there is no such resource
    """
    running = active_nodes(cib)
    return {node for name in primitives_of(cib, resource) for node in running.get(name, ())}


def _stopped_holders(element: etree._Element) -> list[etree._Element]:
    """Return the elements whose ``target-role`` stops a resource: itself, its clone or its content."""
    clone = clone_of(element)
    content = list(element.iterchildren(*CLONABLE_TAGS)) if element.tag in (*CLONE_TAGS, "bundle") else []
    # crm changes the content instead of the clone while the content has the meta attribute.
    holders: Sequence[etree._Element] = [*content, element, *([] if clone is None else [clone])]
    return [holder for holder in holders if _is_stopped(holder)]


def _outermost_running(element: etree._Element) -> list[etree._Element]:
    """Return the resource to stop, or its clone; an empty list if it is stopped already."""
    clone = clone_of(element)
    holder = element if clone is None else clone
    return [] if _is_stopped(holder) or _is_stopped(element) else [holder]


def _is_stopped(element: etree._Element) -> bool:
    metas = nvpairs.read(element, "meta_attributes")
    return values.role(metas.get("target-role", "")) == "Stopped"


def _pcs_kind(element: etree._Element) -> str:
    return "stonith" if element.get("class") == "stonith" else "resource"
