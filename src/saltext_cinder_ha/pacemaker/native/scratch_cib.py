"""The CIB that a text is compiled on: the parts of the live CIB that the text refers to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set

from lxml import etree

from ..cib.document import Cib
from ..cib.elements import RESOURCE_TAGS, clone_of
from ..cib.masking import Mask
from ..plan import ownership, tags
from .placeholders import Placeholders
from .script import Script

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_OTHER_OBJECTS = ("id-ref", "template")


def scratch_of(live: Cib, script: Script, hidden: Placeholders) -> Cib:
    """Return a CIB with the nodes, resources and tags that the text needs, without secrets.

    It lacks the objects that the text creates, so that the tool can create them again even if the text was
    applied before.

    :param hidden: collects the secrets of the resources
    """
    copy = live.copy()
    resources = copy.section("resources")
    named = {name for s in script.commands for word in s.words for name in _NAME.findall(word)}
    _undo_tagging(copy, script)
    used = [tag for tag in copy.configuration.iterfind("tags/tag") if tag.get("id") in named - script.created]
    if resources is not None:
        _undo(copy, resources, script)
        _keep(resources, _needed(copy, resources, named.union(*map(tags.resources_of, used))))
        _hide_secrets(resources, live, hidden)
    return _bare(copy, resources, used)


def _undo(cib: Cib, resources: etree._Element, script: Script) -> None:
    for name in sorted(script.created):
        element = cib.by_id.get(name)
        if element is None or element.tag not in RESOURCE_TAGS:
            continue
        if element.tag == "primitive":
            _remove(element)
        else:
            _dissolve(element)
    for name in sorted(script.cloned):
        element = cib.by_id.get(name)
        clone = None if element is None else clone_of(element)
        if clone is not None and clone.getparent() is not None:
            _dissolve(clone)
    for group, member in sorted(script.grouped):
        element = cib.by_id.get(member)
        holder = None if element is None else element.getparent()
        if element is not None and holder is not None and holder.get("id") == group:
            resources.append(element)
            _drop_if_empty(holder)


def _undo_tagging(cib: Cib, script: Script) -> None:
    """Restore tags to their state before the updates of the text; a tag keeps at least one resource."""
    for tag in cib.configuration.iterfind("tags/tag"):
        gained, lost = (
            {name for updated, name in pairs if updated == tag.get("id")}
            for pairs in (script.tagged, script.untagged)
        )
        members = tags.resources_of(tag)
        restored = sorted(name for name in lost - script.created if _is_resource(cib, name))
        before = [*(name for name in members if name not in gained | lost), *restored]
        if before and (gained or lost):
            tags.set_resources(tag, before)


def _is_resource(cib: Cib, name: str) -> bool:
    element = cib.by_id.get(name)
    return element is not None and element.tag in RESOURCE_TAGS


def _dissolve(holder: etree._Element) -> None:
    """Remove a group or a clone but keep its members; remove the clone of a group with the group."""
    outer = holder.getparent()
    if outer is None:
        return
    place = holder if outer.tag == "resources" else outer
    for member in holder.findall("*"):
        if member.tag in RESOURCE_TAGS:
            place.addprevious(member)
    _remove(holder)


def _remove(element: etree._Element) -> None:
    holder = element.getparent()
    holder.remove(element)
    _drop_if_empty(holder)


def _drop_if_empty(holder: etree._Element) -> None:
    is_wrapper = holder.tag in RESOURCE_TAGS and holder.tag not in ("primitive", "bundle")
    if is_wrapper and not any(child.tag in RESOURCE_TAGS for child in holder):
        _remove(holder)


def _needed(cib: Cib, resources: etree._Element, named: Set[str]) -> set[etree._Element]:
    """Return the top-level resources that are named, and those that they refer to."""
    outermost = {
        element.get("id"): child for child in resources for element in child.iter(*RESOURCE_TAGS, "template")
    }
    found = {outermost[name] for name in named if name in outermost}
    waiting = list(found)
    while waiting:
        for other in _others(waiting.pop(), cib):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _others(element: etree._Element, cib: Cib) -> Iterable[etree._Element]:
    for part in element.iter(tag=etree.Element):
        for attribute in _OTHER_OBJECTS:
            target = cib.by_id.get(part.get(attribute, ""))
            while target is not None and target.getparent() is not None:
                if target.getparent().tag == "resources":
                    yield target
                target = target.getparent()


def _keep(resources: etree._Element, needed: set[etree._Element]) -> None:
    for child in list(resources):
        if child not in needed:
            resources.remove(child)


def _hide_secrets(resources: etree._Element, live: Cib, hidden: Placeholders) -> None:
    mask = Mask({name for record in ownership.read_records(live).values() for name in record.secrets})
    for pair in resources.iter("nvpair"):
        owner = next(pair.iterancestors("primitive", "template"), None)
        name, value = pair.get("name", ""), pair.get("value", "")
        if owner is not None and mask.value(owner.get("id", ""), name, value) != value:
            pair.set("value", hidden.hide(value))


def _bare(cib: Cib, resources: etree._Element | None, used: Sequence[etree._Element]) -> Cib:
    """Return a CIB with the same schema and nodes, and only these resources and tags."""
    root = etree.Element("cib", {name: cib.root.get(name) for name in _kept_attributes(cib)})
    root.attrib.update({"admin_epoch": "0", "epoch": "1", "num_updates": "0"})
    configuration = etree.SubElement(root, "configuration")
    etree.SubElement(configuration, "crm_config")
    nodes = etree.SubElement(configuration, "nodes")
    for node in cib.configuration.iterfind("nodes/node"):
        etree.SubElement(nodes, "node", dict(node.attrib))
    configuration.append(etree.Element("resources") if resources is None else resources)
    etree.SubElement(configuration, "constraints")
    if used:
        etree.SubElement(configuration, tags.SECTION).extend(used)
    etree.SubElement(root, "status")
    return Cib(root)


def _kept_attributes(cib: Cib) -> list[str]:
    return [name for name in ("validate-with", "crm_feature_set") if name in cib.root.attrib]
