"""Describe an element of a CIB by its fields, named as in declarations and reports."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from ..cib import nvpairs
from ..cib.elements import CLONABLE_TAGS, CLONE_TAGS, CONSTRAINT_TAGS, agent_of
from ..rules import rule_from_xml, rule_to_text
from .tags import resources_of

Fields = dict[str, str]

KINDS = {
    "rsc_location": "location",
    "rsc_colocation": "colocation",
    "rsc_order": "order",
    "rsc_ticket": "ticket",
    "master": "clone",
}

_CONSTRAINT_FIELDS = {
    "rsc": "resource",
    "rsc-pattern": "resource_pattern",
    "with-rsc": "with",
    "rsc-role": "role",
    "with-rsc-role": "with_role",
}


def kind_of(element: etree._Element) -> str:
    """Return the user's name for this kind of object."""
    return KINDS.get(element.tag, element.tag)


def describe(element: etree._Element) -> Fields:
    """Return the fields of one object by dotted names, including secrets."""
    return _DESCRIBERS.get(element.tag, _attributes)(element)


def _primitive(element: etree._Element) -> Fields:
    found = {"agent": agent_of(element)} if element.get("type") else {}
    found.update(_attributes(element, "description", "template"))
    found.update(_pairs(element, "params", "instance_attributes"))
    found.update(_pairs(element, "meta", "meta_attributes"))
    found.update(_pairs(element, "utilization", "utilization"))
    shared = element.find("operations[@id-ref]")
    if shared is not None:
        found["operations"] = f"those of {shared.get('id-ref')}"
    for op in element.iterfind("operations/op"):
        found.update(_operation(op))
    found.update(_place(element))
    return found


def _operation(op: etree._Element) -> Fields:
    role = f"-{op.get('role')}" if op.get("role") else ""
    name = f"operations.{op.get('name')}-{op.get('interval', '0')}{role}"
    parts = [f"{k}={v}" for k, v in sorted(op.attrib.items()) if k not in ("id", "name", "role")]
    return {name: " ".join(parts), **_pairs(op, f"{name}.params", "instance_attributes")}


def _group(element: etree._Element) -> Fields:
    found = {"members": " ".join(m.get("id") for m in element.iterfind("primitive"))}
    found.update(_attributes(element, "description"))
    found.update(_pairs(element, "meta", "meta_attributes"))
    found.update(_place(element))
    return found


def _clone(element: etree._Element) -> Fields:
    inner = next(iter(element.iterchildren(*CLONABLE_TAGS)), None)
    found = {} if inner is None else {"resource": inner.get("id")}
    found.update(_pairs(element, "meta", "meta_attributes"))
    return found


def _place(element: etree._Element) -> Fields:
    parent = element.getparent()
    if parent is None or parent.tag not in ("group", *CLONE_TAGS):
        return {}
    return {kind_of(parent): parent.get("id")}


def _constraint(element: etree._Element) -> Fields:
    found = {
        _CONSTRAINT_FIELDS.get(name, name.replace("-", "_")): value
        for name, value in element.attrib.items()
        if name != "id"
    }
    for number, resource_set in enumerate(element.iterfind("resource_set")):
        refs = " ".join(r.get("id") for r in resource_set.iterfind("resource_ref"))
        options = "".join(f" {k}={v}" for k, v in sorted(resource_set.attrib.items()) if k != "id")
        found[f"sets[{number}]"] = refs + options
    for number, rule in enumerate(element.iterfind("rule")):
        parsed = rule_from_xml(rule)
        found["rule" if number == 0 else f"rule[{number}]"] = (
            etree.tostring(rule).decode() if parsed is None else rule_to_text(parsed)
        )
    return found


def _tag(element: etree._Element) -> Fields:
    return {"resources": " ".join(resources_of(element))}


def _attributes(element: etree._Element, *names: str) -> Fields:
    return {k: v for k, v in element.attrib.items() if k != "id" and (not names or k in names)}


def _pairs(element: etree._Element, prefix: str, tag: str) -> Fields:
    return {f"{prefix}.{name}": value for name, value in nvpairs.read(element, tag).items()}


_DESCRIBERS: dict[str, Callable[[etree._Element], Fields]] = {
    "primitive": _primitive,
    "group": _group,
    "clone": _clone,
    "master": _clone,
    "tag": _tag,
    **dict.fromkeys(CONSTRAINT_TAGS, _constraint),
}
