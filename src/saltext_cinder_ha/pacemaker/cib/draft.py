"""A copy of a CIB to draw a plan on: it tracks ids, references and changed objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from .document import Cib

REFERENCE_ATTRIBUTES = (
    "rsc",
    "with-rsc",
    "first",
    "then",
    "id-ref",
    "reference",
    "template",
)
_REFERRING_TAGS = ("resource_ref", "obj_ref", "role")


@dataclass(frozen=True)
class Referrer:
    """An element that refers to another one by id; ``owner_id`` is the object that it belongs to."""

    element: etree._Element
    owner_id: str
    owner_tag: str


class Draft:
    """The target configuration of a plan that is being made."""

    def __init__(self, snapshot: Cib):
        self.snapshot = snapshot
        self.cib = snapshot.copy()
        self.by_id = dict(self.cib.by_id)
        self.touched: dict[str, None] = {}

    @property
    def schema(self) -> str:
        return self.cib.schema

    def get(self, name: str) -> etree._Element | None:
        return self.by_id.get(name)

    def section(self, tag: str) -> etree._Element:
        """Return the section ``tag`` of the configuration; create it if it is missing."""
        found = self.cib.section(tag)
        if found is None:
            found = etree.SubElement(self.cib.configuration, tag)
        return found

    def touch(self, name: str) -> None:
        """Record that the object ``name`` has changed."""
        self.touched[name] = None

    def new_id(self, wanted: str) -> str:
        """Return ``wanted``; if it is in use, number it as pcs does: ``wanted-1``, ``wanted-2``."""
        if wanted not in self.by_id:
            return wanted
        number = 1
        while f"{wanted}-{number}" in self.by_id:
            number += 1
        return f"{wanted}-{number}"

    def add(
        self,
        parent: etree._Element,
        tag: str,
        name: str,
        attributes: Mapping[str, str] | None = None,
        index: int | None = None,
    ) -> etree._Element:
        """Add an element with the id ``name`` to ``parent``, at ``index`` or at the end."""
        element = etree.Element(tag, {"id": name, **(attributes or {})})
        self.by_id[name] = element
        if index is None:
            parent.append(element)
        else:
            parent.insert(index, element)
        return element

    def remove(self, element: etree._Element) -> None:
        """Remove an element and its descendants from the configuration."""
        for name in ids_within(element):
            self.by_id.pop(name, None)
        element.getparent().remove(element)

    def referrers(self) -> dict[str, list[Referrer]]:
        """Return the referrers of each id, collected in one pass."""
        found: dict[str, list[Referrer]] = {}
        for element in self.cib.configuration.iter(tag=etree.Element):
            for name in references_of(element):
                owner = _owner(element)
                found.setdefault(name, []).append(Referrer(element, owner.get("id", owner.tag), owner.tag))
        return found


def ids_within(element: etree._Element) -> Iterator[str]:
    """Yield the ids that an element and its descendants define."""
    for child in element.iter(tag=etree.Element):
        if child.tag not in _REFERRING_TAGS and child.get("id"):
            yield child.get("id")


def references_of(element: etree._Element) -> Iterable[str]:
    """Return the ids that one element refers to."""
    if element.tag in _REFERRING_TAGS:
        return [element.get("id", "")]
    if element.tag == "fencing-level":
        return element.get("devices", "").split(",")
    return [element.get(name) for name in REFERENCE_ATTRIBUTES if element.get(name)]


def _owner(element: etree._Element) -> etree._Element:
    """Return the object that an element is part of: a direct child of a section, or of a group."""
    chain = [element, *element.iterancestors()]
    depth = next(i for i, e in enumerate(chain) if e.tag == "configuration")
    return chain[max(depth - 2, 0)]
