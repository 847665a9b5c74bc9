"""The operator's hand: what somebody set for a while by pcs or crm, and which stays as it is."""

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
    """A constraint that an operator's move, ban or prefer has left behind.

    :param banned: it keeps the resource away from the node, where others bind it to the node
    :param until: an ISO 8601 time at which it lapses; None: it stays until it is cleared
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
    def lasting(self) -> str:
        """Say it together with its end.

        >>> MoveConstraint("cli-prefer-vip", "vip", "ctl2", False, None).lasting
        'vip is bound to ctl2 by cli-prefer-vip until somebody clears it'
        """
        return f"{self} until {self.until or 'somebody clears it'}"


def read_move_constraints(cib: Cib) -> tuple[MoveConstraint, ...]:
    """Return the constraints that operators' moves, bans and prefers have left behind."""
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
        # With a lifetime the tools write a rule in the place of the attribute.
        node=element.get("node") or element.xpath("string(.//expression[@attribute='#uname']/@value)"),
        banned=name.startswith("cli-ban-"),
        until=element.xpath("string(.//date_expression/@end)") or None,
    )


def read_interventions(cib: Cib) -> tuple[str, ...]:
    """One sentence part for each intervention, for example ``ctl2 is in standby``."""
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
    """How long a node's flag is on, in words; nothing when it is off."""
    transient = node_attributes.transient(cib, node).get(flag)
    if transient is not None:
        return [" until it restarts"] if values.boolean(transient) else []
    return [""] if values.boolean(node_attributes.lasting(cib, node).get(flag, "")) else []


def _of_resources(cib: Cib) -> list[str]:
    return [
        f"{_owner_id(pair)} has {pair.get('name')}={pair.get('value')}"
        for pair in cib.configuration.xpath(_META_PAIRS)
    ]


def _owner_id(pair: etree._Element) -> str:
    return pair.getparent().getparent().get("id", "")


def _moves(cib: Cib) -> list[str]:
    return [f"{found.resource} is bound by {found.id}" for found in read_move_constraints(cib)]
