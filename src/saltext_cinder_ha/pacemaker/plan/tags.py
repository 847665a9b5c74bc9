"""Reconcile the tags of a draft with a declaration."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from ...common.errors import DeclarationError
from ..cib.draft import Draft
from ..cib.elements import RESOURCE_TAGS
from ..declaration.model import Tag
from ..errors import ConflictError

SECTION = "tags"


def find(draft: Draft, wanted: Tag) -> etree._Element | None:
    """Return the tag with this id, None if there is none or the object is not a tag."""
    element = draft.get(wanted.id)
    return element if element is not None and element.tag == "tag" else None


def resources_of(element: etree._Element) -> tuple[str, ...]:
    """Return the ids in a tag."""
    return tuple(reference.get("id", "") for reference in element.iterfind("obj_ref"))


def set_resources(element: etree._Element, names: Iterable[str]) -> None:
    """Replace the ids in a tag."""
    for reference in element.findall("obj_ref"):
        element.remove(reference)
    for name in names:
        etree.SubElement(element, "obj_ref", id=name)


def reconcile(draft: Draft, wanted: Tag) -> etree._Element:
    """Create or change one tag; the order of its resources is irrelevant."""
    for name in wanted.resources:
        found = draft.get(name)
        if found is None:
            raise DeclarationError(wanted.path, f"no resource {name!r} is declared or in the cluster")
        if found.tag not in RESOURCE_TAGS:
            raise DeclarationError(wanted.path, f"{name!r} is a <{found.tag}>, not a resource")
    element = find(draft, wanted)
    if element is None:
        element = _create(draft, wanted)
    elif set(resources_of(element)) == set(wanted.resources):
        return element
    set_resources(element, wanted.resources)
    draft.touch(wanted.id)
    return element


def _create(draft: Draft, wanted: Tag) -> etree._Element:
    taken = draft.get(wanted.id)
    if taken is not None:
        raise ConflictError(
            wanted.path, f"the cluster has a <{taken.tag}> with the id {wanted.id!r}, not a <tag>"
        )
    return draft.add(draft.section(SECTION), "tag", wanted.id)
