"""The elements of a CIB: their tags by kind, and what one element tells about itself and its place."""

from __future__ import annotations

from lxml import etree

CLONE_TAGS = ("clone", "master")
CLONABLE_TAGS = ("primitive", "group")
RESOURCE_TAGS = (*CLONABLE_TAGS, *CLONE_TAGS, "bundle")
CONSTRAINT_TAGS = ("rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket")
OBJECT_TAGS = (*RESOURCE_TAGS, *CONSTRAINT_TAGS, "fencing-level", "tag")
"""What a declaration can name by an id, and remove."""

OPERATOR_METAS = frozenset({"target-role", "is-managed", "maintenance"})
"""What pcs and crm set at an operator's word (disable, unmanage, maintenance); only undone when declared."""

_OPERATORS_PREFIXES = ("cli-ban-", "cli-prefer-")


def outermost(element: etree._Element) -> etree._Element:
    """The ancestor of a resource that stands right below ``<resources>``, or the resource itself."""
    found = element
    while found.getparent().tag != "resources":
        found = found.getparent()
    return found


def clone_of(element: etree._Element) -> etree._Element | None:
    """The clone that a primitive or group is wrapped in."""
    parent = element.getparent()
    return parent if parent is not None and parent.tag in CLONE_TAGS else None


def agent_of(element: etree._Element) -> str:
    return ":".join(filter(None, (element.get(k) for k in ("class", "provider", "type"))))


def is_made_by_operator(constraint: etree._Element) -> bool:
    """Say whether pcs or crm made this constraint for an operator's move, ban or prefer."""
    return constraint.get("id", "").startswith(_OPERATORS_PREFIXES)


def owner_id(element: etree._Element, *tags: str) -> str:
    """Return the id of the nearest ancestor with one of these tags, an empty text where there is none."""
    owner = next(element.iterancestors(*tags), None)
    return "" if owner is None else owner.get("id", "")


def id_part(text: str) -> str:
    """Return a text as a part of an id, without the characters that an XML id cannot have.

    >>> id_part("location-vip-ctl1-+INFINITY")
    'location-vip-ctl1-INFINITY'
    """
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "._-"))
