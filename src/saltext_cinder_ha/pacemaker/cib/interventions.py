"""Temporary settings that an operator made with pcs or crm, and that a declaration leaves alone."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from .. import values
from . import node_attributes
from .document import Cib
from .elements import OPERATOR_METAS, is_made_by_operator

_META_PAIRS = (
    "resources//meta_attributes/nvpair["
    + " or ".join(f"@name='{name}'" for name in sorted(OPERATOR_METAS))
    + "]"
)


@dataclass(frozen=True)
class MoveConstraint:
    """A constraint that a move, ban or prefer command created.

    :param banned: whether it keeps the resource away from the node instead of binding it to the node
    :param until: the ISO 8601 time at which it expires; None: it stays until it is cleared
    """

    id: str
    resource: str
    node: str
    banned: bool
    until: str | None

    def __str__(self) -> str:
        verb = "is banned from" if self.banned else "is bound to"
        return f"{self.resource} {verb} {self.node or 'a node'} by {self.id}"

    @property
    def with_end(self) -> str:
        """Return the constraint as text, with its end.

        >>> MoveConstraint("cli-prefer-vip", "vip", "ctl2", False, None).with_end
        'vip is bound to ctl2 by cli-prefer-vip until it is cleared'
        """
        return f"{self} until {self.until or 'it is cleared'}"


def read_move_constraints(cib: Cib) -> tuple[MoveConstraint, ...]:
    """Return the constraints that move, ban and prefer commands created."""
    return tuple(
        _move_constraint(element)
        for element in cib.configuration.iterfind("constraints/rsc_location")
        if is_made_by_operator(element)
    )


def _move_constraint(element: etree._Element) -> MoveConstraint:
    name = element.get("id", "")
    return MoveConstraint(
        id=name,
        resource=element.get("rsc", ""),
        # With a lifetime, the tools write a rule instead of the attribute.
        node=element.get("node") or element.xpath("string(.//expression[@attribute='#uname']/@value)"),
        banned=name.startswith("cli-ban-"),
        until=element.xpath("string(.//date_expression/@end)") or None,
    )


def read_interventions(cib: Cib) -> tuple[str, ...]:
    """Return a clause for each intervention, for example ``ctl2 is in standby``."""
    return (*_of_the_cluster(cib), *_of_nodes(cib), *_of_resources(cib), *_moves(cib))


def _of_the_cluster(cib: Cib) -> list[str]:
    found = cib.configuration.xpath("crm_config/cluster_property_set/nvpair[@name='maintenance-mode']/@value")
    return ["the cluster is in maintenance mode"] if any(map(values.boolean, found)) else []


def _of_nodes(cib: Cib) -> list[str]:
    return [
        f"{node} is in {flag}{duration}"
        for node in cib.node_names()
        for flag in ("standby", "maintenance")
        for duration in _durations(cib, node, flag)
    ]


def _durations(cib: Cib, node: str, flag: str) -> list[str]:
    """Return how long a node's flag stays on, as one text; an empty list if it is off."""
    transient = node_attributes.transient(cib, node).get(flag)
    if transient is not None:
        return [" until it restarts"] if values.boolean(transient) else []
    return [""] if values.boolean(node_attributes.permanent(cib, node).get(flag, "")) else []


def _of_resources(cib: Cib) -> list[str]:
    return [
        f"{_owner_id(pair)} has {pair.get('name')}={pair.get('value')}"
        for pair in cib.configuration.xpath(_META_PAIRS)
    ]


def _owner_id(pair: etree._Element) -> str:
    return pair.getparent().getparent().get("id", "")


def _moves(cib: Cib) -> list[str]:
    return [f"{found.resource} is bound by {found.id}" for found in read_move_constraints(cib)]
