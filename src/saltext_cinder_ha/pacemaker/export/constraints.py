"""Export constraints, fencing levels and tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from .. import values
from ..cib.document import Cib
from ..cib.draft import references_of
from ..cib.elements import RESOURCE_TAGS
from ..declaration.constraints import KINDS, Key, parse_constraint, parse_fencing_level
from ..declaration.tags import parse_tag
from ..plan.constraints import kind_of_order
from ..plan.fencing import is_device
from ..plan.tags import resources_of
from ..rules import rule_from_xml, rule_to_text
from .remarks import Remarks

_KIND_NAMES = {kind.tag: name for name, kind in KINDS.items()}
_ROLE_ATTRIBUTES = ("role", "rsc-role", "with-rsc-role")
_LEVEL_KEYS = {
    "target": "target",
    "target_pattern": "target-pattern",
    "target_attribute": "target-attribute",
    "target_value": "target-value",
    "level": "index",
}


def concerned(element: etree._Element) -> frozenset[str]:
    """Return the ids of the resources that a constraint or a fencing level refers to."""
    return frozenset(name for part in element.iter(tag=etree.Element) for name in references_of(part))


def exported_constraint(element: etree._Element, cib: Cib, remarks: Remarks) -> dict[str, Any] | None:
    """Return the mapping that declares a constraint, None if it cannot be declared."""
    name = _KIND_NAMES[element.tag]
    path = f"constraints.{element.get('id')}"
    obstacles = list(_obstacles(element, cib))
    for obstacle in obstacles:
        remarks.note(path, obstacle)
    if obstacles:
        return None
    body = _body(element, name)
    return {name: body} if remarks.accepted(parse_constraint, name, body, path) else None


def _obstacles(element: etree._Element, cib: Cib) -> Iterator[str]:
    """Yield the parts that a declaration cannot express."""
    kind = KINDS[_KIND_NAMES[element.tag]]
    known = {"id", *(xml_name for xml_name, _ in kind.keys.values())}
    if element.tag == "rsc_order":
        known.add("score")
    yield from _unknown(element, known)
    if element.find("lifetime") is not None:
        yield "has a lifetime"
    rules = element.findall("rule")
    if len(rules) > 1:
        yield "has several rules"
    elif any(rule_from_xml(rule) is None for rule in rules):
        yield "has a rule that cannot be declared"
    for resource_set in element.iterfind("resource_set"):
        if resource_set.get("id-ref"):
            yield f"uses the set {resource_set.get('id-ref')!r} of another constraint"
        else:
            known = {"id", *(xml_name for xml_name, _ in kind.set_keys.values())}
            yield from _unknown(resource_set, known)
    for name in sorted(concerned(element)):
        named = cib.by_id.get(name)
        if named is not None and named.tag == "template":
            yield f"is about the template {name!r}"


def _unknown(element: etree._Element, known: set[str]) -> Iterator[str]:
    for name in sorted(set(map(str, element.keys())) - known):
        place = " in a set" if element.tag == "resource_set" else ""
        yield f"has {name}={element.get(name)}{place}"


def _body(element: etree._Element, name: str) -> dict[str, Any]:
    kind = KINDS[name]
    body: dict[str, Any] = {"id": element.get("id"), **_options(element, kind.keys)}
    if element.tag == "rsc_order":
        body.update(_implied_of_order(element))
    if element.tag == "rsc_colocation":
        # The scheduler reads a missing score as 0, but a new constraint gets INFINITY, as in pcs.
        body.setdefault("score", "0")
    sets = [_set(found, kind.set_keys) for found in element.iterfind("resource_set")]
    if sets:
        body["sets"] = sets
    rule = element.find("rule")
    parsed = None if rule is None else rule_from_xml(rule)
    if parsed is not None:
        body["rule"] = rule_to_text(parsed)
    return body


def _implied_of_order(element: etree._Element) -> dict[str, str]:
    """Return the meaning of an order constraint that is written in an older syntax."""
    found = {}
    if "score" in element.attrib:
        found["kind"] = kind_of_order(element)
    if "first-action" in element.attrib and "then-action" not in element.attrib:
        found["then_action"] = element.get("first-action", "")
    return found


def _set(element: etree._Element, keys: Mapping[str, Key]) -> dict[str, Any]:
    resources = [ref.get("id") for ref in element.iterfind("resource_ref")]
    return {"resources": resources, **_options(element, keys)}


def _options(element: etree._Element, keys: Mapping[str, Key]) -> dict[str, str]:
    return {
        key: _modern(xml_name, element.get(xml_name, ""))
        for key, (xml_name, _) in keys.items()
        if xml_name in element.attrib
    }


def _modern(name: str, value: str) -> str:
    return values.role(value) or value if name in _ROLE_ATTRIBUTES else value


def exported_level(element: etree._Element, cib: Cib, remarks: Remarks) -> dict[str, Any] | None:
    """Return the mapping that declares a fencing level, None if it cannot be declared."""
    path = f"fencing_levels.{element.get('id')}"
    devices = element.get("devices", "").split(",")
    for device in devices:
        if not is_device(cib.by_id, device):
            remarks.note(path, f"names {device!r}, which is not a fencing device of the cluster")
            return None
    body: dict[str, Any] = {
        key: element.get(name) for key, name in _LEVEL_KEYS.items() if name in element.attrib
    }
    body["devices"] = devices
    return body if remarks.accepted(parse_fencing_level, body, path) else None


def exported_tag(element: etree._Element, cib: Cib, remarks: Remarks) -> list[str] | None:
    """Return the resources of a tag, None if it contains anything else."""
    name = element.get("id", "")
    path = f"tags.{name}"
    found = list(resources_of(element))
    for resource in found:
        named = cib.by_id.get(resource)
        if named is None or named.tag not in RESOURCE_TAGS:
            remarks.note(path, f"names {resource!r}, which is not a resource of the cluster")
            return None
    return found if remarks.accepted(parse_tag, name, found, path) else None
