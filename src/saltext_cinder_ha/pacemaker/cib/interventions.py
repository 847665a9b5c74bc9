"""The operator's hand: what somebody set for a while by pcs or crm, and which stays as it is."""

from __future__ import annotations

from lxml import etree

from .. import values
from ..plan.constraints import is_operators
from ..plan.resources import OPERATOR_METAS
from . import node_attributes
from .document import Cib

_META_PAIRS = (
    "resources//meta_attributes/nvpair["
    + " or ".join(f"@name='{name}'" for name in sorted(OPERATOR_METAS))
    + "]"
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
    section = cib.section("constraints")
    if section is None:
        return []
    return [
        f"{element.get('rsc')} is bound by {element.get('id')}"
        for element in section.iterfind("rsc_location")
        if is_operators(element)
    ]
