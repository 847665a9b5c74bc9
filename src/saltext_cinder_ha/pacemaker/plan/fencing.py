"""Reconcile the fencing levels of a draft with a declaration."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from ...common.errors import DeclarationError
from ..cib.draft import Draft
from ..cib.elements import id_part
from ..declaration.model import FencingLevel

SECTION = "fencing-topology"
_TARGET_ATTRIBUTES = ("target", "target-pattern", "target-attribute", "target-value")


def key_of(element: etree._Element) -> tuple[object, ...]:
    """Return the identity of a level: its target and its index."""
    target = [(k, element.get(k)) for k in _TARGET_ATTRIBUTES if element.get(k) is not None]
    return (*sorted(target), element.get("index", ""))


def find(draft: Draft, wanted: FencingLevel) -> etree._Element | None:
    """Return the existing level with the same target and index, None if there is none."""
    section = draft.cib.section(SECTION)
    if section is None:
        return None
    return next((e for e in section.iterfind("fencing-level") if key_of(e) == wanted.key), None)


def is_device(by_id: Mapping[str, etree._Element], name: str) -> bool:
    """Return whether ``name`` is a fencing device, by its own class or its template's."""
    found = by_id.get(name)
    if found is None or found.tag != "primitive":
        return False
    template = by_id.get(found.get("template", ""))
    return (found if template is None else template).get("class") == "stonith"


def reconcile(draft: Draft, wanted: FencingLevel) -> etree._Element:
    """Create or change one level."""
    for device in wanted.devices:
        if not is_device(draft.by_id, device):
            raise DeclarationError(
                f"{wanted.path}.devices",
                f"{device!r} is not a fencing device that is declared or in the cluster",
            )
    element = find(draft, wanted)
    devices = ",".join(wanted.devices)
    if element is None:
        name = draft.new_id(f"fl-{id_part(next(iter(wanted.target.values())))}-{wanted.index}")
        attributes = {"index": wanted.index, "devices": devices, **wanted.target}
        element = draft.add(draft.section(SECTION), "fencing-level", name, attributes)
        draft.touch(name)
    elif element.get("devices") != devices:
        element.set("devices", devices)
        draft.touch(element.get("id"))
    return element
