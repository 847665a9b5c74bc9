"""Export primitives, groups and clones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from .. import values
from ..cib import nvpairs
from ..cib.elements import OPERATOR_METAS, agent_of, clone_of
from ..cib.masking import Mask
from ..declaration.readers import identifier, named_values
from ..declaration.resources import parse_agent, parse_operations
from .remarks import Remarks

OPERATORS = "is set by an operator, so it stays out of a declaration"


def exported_resource(element: etree._Element, mask: Mask, remarks: Remarks) -> dict[str, Any] | None:
    """Return the mapping that declares a primitive or a group, None if its id cannot be declared."""
    path = f"resources.{element.get('id')}"
    clone = clone_of(element)
    owners = [element] if clone is None else [element, clone]
    if not all(remarks.accepted(identifier, owner.get("id"), path) for owner in owners):
        return None
    body = (
        _primitive(element, path, mask, remarks)
        if element.tag == "primitive"
        else _group(element, path, mask, remarks)
    )
    body["clone"] = None if clone is None else _clone(clone, f"{path}.clone", mask, remarks)
    return {key: value for key, value in body.items() if value is not None}


def _primitive(element: etree._Element, path: str, mask: Mask, remarks: Remarks) -> dict[str, Any]:
    name = element.get("id", "")
    params = _pairs(element, "instance_attributes", f"{path}.params", remarks)
    return {
        "agent": _agent(element, path, remarks),
        "description": element.get("description"),
        "params": _masked(params, name, mask),
        "secret": [param for param in params or () if mask.is_secret(name, param)] or None,
        "meta": _meta(element, f"{path}.meta", mask, remarks),
        "utilization": _pairs(
            element, "utilization", f"{path}.utilization", remarks, values.utilization_type
        ),
        "operations": _operations(element, f"{path}.operations", mask, remarks),
    }


def _agent(element: etree._Element, path: str, remarks: Remarks) -> str | None:
    template = element.get("template")
    if template:
        remarks.note(path, f"takes its agent and more from the template {template!r}")
        return None
    agent = agent_of(element)
    return agent if remarks.accepted(parse_agent, agent, f"{path}.agent") else None


def _masked(params: dict[str, str] | None, resource: str, mask: Mask) -> dict[str, str] | None:
    if params is None:
        return None
    return {name: mask.value(resource, name, value) for name, value in params.items()}


def _group(element: etree._Element, path: str, mask: Mask, remarks: Remarks) -> dict[str, Any]:
    _note_params(element, path, remarks)
    return {
        "group": [member.get("id") for member in element.iterfind("primitive")],
        "description": element.get("description"),
        "meta": _meta(element, f"{path}.meta", mask, remarks),
    }


def _clone(element: etree._Element, path: str, mask: Mask, remarks: Remarks) -> dict[str, Any]:
    _note_params(element, path, remarks)
    if element.get("description"):
        remarks.note(f"{path}.description", "only a primitive or a group has one in a declaration")
    found: dict[str, Any] = {"id": element.get("id")}
    meta = _meta(element, f"{path}.meta", mask, remarks)
    if element.tag == "master":
        found["promotable"] = True
    elif meta and values.boolean(meta.get("promotable", "")):
        found["promotable"] = True
        del meta["promotable"]
    if meta:
        found["meta"] = meta
    return found


def _note_params(element: etree._Element, path: str, remarks: Remarks) -> None:
    if any(len(found) or found.get("id-ref") for found in element.iterfind("instance_attributes")):
        remarks.note(f"{path}.params", "only a primitive has params in a declaration")


def _meta(element: etree._Element, path: str, mask: Mask, remarks: Remarks) -> dict[str, str] | None:
    found = _pairs(element, "meta_attributes", path, remarks, values.meta_type) or {}
    for name in sorted(OPERATOR_METAS.intersection(found)):
        remarks.note(f"{path}.{name}", f"{found.pop(name)} {OPERATORS}")
    return _masked(found, element.get("id", ""), mask) or None


def _pairs(
    owner: etree._Element,
    tag: str,
    path: str,
    remarks: Remarks,
    type_of: nvpairs.TypeOf = values.text_type,
) -> dict[str, str] | None:
    """Return the unconditional names and values of ``owner``, None if there are none.

    If one of them is invalid, none is exported, because a declaration that gives some must give all.
    """
    for problem in set_problems(owner, tag):
        remarks.note(path, problem)
    found = nvpairs.read(owner, tag)
    return found if found and remarks.accepted(named_values, found, path, type_of) else None


def set_problems(owner: etree._Element, tag: str) -> Iterator[str]:
    for pair_set in owner.iterfind(tag):
        if pair_set.get("id-ref"):
            yield f"the set {pair_set.get('id-ref')!r} of another object is used too"
        elif pair_set.find("rule") is not None:
            yield f"the set {pair_set.get('id')!r} depends on a rule"
        for pair in pair_set.iterfind("nvpair[@id-ref]"):
            yield f"the pair {pair.get('id-ref')!r} of another object is used too"


def _operations(
    element: etree._Element, path: str, mask: Mask, remarks: Remarks
) -> list[dict[str, Any]] | None:
    """Return all operations; an empty list declares that there are none, not even a monitor."""
    holder = element.find("operations")
    if holder is None:
        return None if element.get("template") else []
    if holder.get("id-ref"):
        remarks.note(path, f"are those of {holder.get('id-ref')!r}")
        return None
    found = [_operation(op, f"{path}[{index}]", remarks) for index, op in enumerate(holder.iterfind("op"))]
    if not remarks.accepted(parse_operations, found, path):
        return None
    for operation in found:
        if "params" in operation:
            operation["params"] = _masked(operation["params"], element.get("id", ""), mask)
    return found


def _operation(op: etree._Element, path: str, remarks: Remarks) -> dict[str, Any]:
    found: dict[str, Any] = {str(key): value for key, value in op.items() if key != "id"}
    if "role" in found:
        found["role"] = values.role(found["role"]) or found["role"]
    if op.find("meta_attributes") is not None:
        remarks.note(path, f"the {op.get('name')} operation has meta attributes")
    params = _pairs(op, "instance_attributes", f"{path}.params", remarks)
    return {**found, "params": params} if params else found
