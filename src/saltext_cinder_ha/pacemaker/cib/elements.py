"""The elements of a CIB: their tags by kind, and lookups around one element."""

from __future__ import annotations

from lxml import etree

CLONE_TAGS = ("clone", "master")
CLONABLE_TAGS = ("primitive", "group")
RESOURCE_TAGS = (*CLONABLE_TAGS, *CLONE_TAGS, "bundle")
CONSTRAINT_TAGS = ("rsc_location", "rsc_colocation", "rsc_order", "rsc_ticket")
OBJECT_TAGS = (*RESOURCE_TAGS, *CONSTRAINT_TAGS, "fencing-level", "tag")
"""Objects that a declaration can refer to by id, and remove."""

OPERATOR_METAS = frozenset({"target-role", "is-managed", "maintenance"})
"""Meta attributes that pcs and crm set for an operator (disable, unmanage, maintenance).

A declaration changes them only if it gives them."""

_OPERATOR_PREFIXES = ("cli-ban-", "cli-prefer-")


def outermost(element: etree._Element) -> etree._Element:
    """Return the ancestor of a resource that is a child of ``<resources>``, or the resource itself."""
    found = element
    while found.getparent().tag != "resources":
        found = found.getparent()
    return found


def clone_of(element: etree._Element) -> etree._Element | None:
    """Return the clone around a primitive or group, None if there is none."""
    parent = element.getparent()
    return parent if parent is not None and parent.tag in CLONE_TAGS else None


def agent_of(element: etree._Element) -> str:
    return ":".join(filter(None, (element.get(k) for k in ("class", "provider", "type"))))


def is_made_by_operator(constraint: etree._Element) -> bool:
    """Return whether pcs or crm created this constraint for a move, ban or prefer command."""
    return constraint.get("id", "").startswith(_OPERATOR_PREFIXES)


def owner_id(element: etree._Element, *tags: str) -> str:
    """Return the id of the nearest ancestor with one of these tags, an empty string if there is none."""
    owner = next(element.iterancestors(*tags), None)
    return "" if owner is None else owner.get("id", "")


def id_part(text: str) -> str:
    """Return a text without the characters that an XML id must not contain.

    >>> id_part("location-vip-ctl1-+INFINITY")
    'location-vip-ctl1-INFINITY'
    """
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "._-"))
