"""The edited scratch CIB as a declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from ...common.errors import DeclarationError
from ..cib import nvpairs
from ..cib.document import Cib
from ..cib.elements import OPERATOR_METAS, clone_of
from ..cib.masking import Mask
from ..export import Export, export
from ..export.resources import OPERATORS
from .script import Script

_NOTHING: dict[str, Any] = {"params": {}, "meta": {}, "operations": [], "utilization": {}}
# The parts of a new resource that the text defines completely, as a declaration does.
_WHOLE = ("params", "meta", "operations")
_OPTIONS = {
    "properties": ("crm_config", "cluster_property_set"),
    "resource_defaults": ("rsc_defaults", "meta_attributes"),
    "operation_defaults": ("op_defaults", "meta_attributes"),
}


def declaration_from(script: Script, before: Cib, after: Cib, *, keeps_ids: bool) -> dict[str, Any]:
    """Return the declaration that a text means.

    :param before: the scratch CIB before the tool ran
    :param after: the scratch CIB afterwards
    :param keeps_ids: whether operations and constraints keep their ids from the text
    :raises DeclarationError: a declaration cannot express a part of the text
    """
    found = export(after, [], Mask(show=True))
    _require_expressible(export(before, [], Mask(show=True)).left_out, found.left_out)
    declaration = {
        **{key: _options(after, key) for key in _OPTIONS},
        "resources": dict(_resources(script, before, after, found.declaration, keeps_ids)),
        "constraints": [
            _constraint(constraint, script, keeps_ids)
            for constraint in found.declaration.get("constraints", ())
        ],
        "fencing_levels": found.declaration.get("fencing_levels", []),
        "tags": _tags(script, before, found),
        "absent": list(script.absent),
    }
    return {key: value for key, value in declaration.items() if value}


def _require_expressible(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    for remark in after:
        # A declaration may set an operator's option, but not an operator's constraint.
        is_option = remark.endswith(OPERATORS) and not remark.startswith("constraints.")
        if remark not in before and not is_option:
            raise _inexpressible(remark)


def _tags(script: Script, before: Cib, found: Export) -> dict[str, list[str]]:
    updated = {tag for tag, _ in (*script.tagged, *script.untagged)}
    exported: dict[str, list[str]] = found.declaration.get("tags", {})
    for name in sorted(updated - exported.keys()):
        (remark,) = (remark for remark in found.left_out if remark.startswith(f"tags.{name}: "))
        raise _inexpressible(remark)
    return {
        name: resources for name, resources in exported.items() if name in updated or name not in before.by_id
    }


def _inexpressible(remark: str) -> DeclarationError:
    return DeclarationError("", f"the text configures something that cannot be declared: {remark}")


def _options(cib: Cib, key: str) -> dict[str, str]:
    tag, set_tag = _OPTIONS[key]
    section = cib.section(tag)
    return {} if section is None else dict(nvpairs.read(section, set_tag))


def _resources(
    script: Script, before: Cib, after: Cib, exported: dict[str, Any], keeps_ids: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, body in exported.get("resources", {}).items():
        element, old = after.by_id[name], before.by_id.get(name)
        clone = clone_of(element)
        parts = script.changed.get(name, frozenset())
        if clone is not None and body["clone"]["id"] == f"{name}-clone":
            del body["clone"]["id"]
        if old is None:
            found = _new(body, element, keeps_ids)
            parts = frozenset(_WHOLE)
        else:
            found = {part: body.get(part, _NOTHING[part]) for part in sorted(parts)}
            if _members(element) != _members(old):
                found["group"] = body["group"]
            if clone is not None and (clone_of(old) is None or clone.get("id") in script.changed):
                found["clone"] = {"meta": {}, **body["clone"]}
        if "meta" in parts:
            found["meta"] = {**found["meta"], **_operator_metas(element, script)}
        if found:
            yield name, found


def _new(body: dict[str, Any], element: etree._Element, keeps_ids: bool) -> dict[str, Any]:
    whole = _WHOLE if element.tag == "primitive" else ("meta",)
    found = {**{part: _NOTHING[part] for part in whole}, **body}
    if "clone" in found:
        found["clone"] = {"meta": {}, **found["clone"]}
    if keeps_ids and "operations" in found:
        ids = [op.get("id") for op in element.iterfind("operations/op")]
        found["operations"] = [
            {**operation, "id": name} for operation, name in zip(found["operations"], ids, strict=True)
        ]
    return found


def _members(element: etree._Element) -> list[str]:
    return [member.get("id") for member in element.iterfind("primitive")]


def _operator_metas(element: etree._Element, script: Script) -> dict[str, str]:
    """Return the operator's meta attributes that the text sets explicitly."""
    words = [word for statement in script.commands for word in statement.words]
    explicit = {name for name in OPERATOR_METAS if any(word.startswith(f"{name}=") for word in words)}
    if "--disabled" in words:
        explicit.add("target-role")
    found = nvpairs.read(element, "meta_attributes")
    return {name: found[name] for name in sorted(explicit) if name in found}


def _constraint(constraint: dict[str, Any], script: Script, keeps_ids: bool) -> dict[str, Any]:
    ((kind, body),) = constraint.items()
    if keeps_ids or body["id"] in script.named:
        return constraint
    # pcs generated the id; leave it out, so that an equal constraint with another id matches.
    return {kind: {key: value for key, value in body.items() if key != "id"}}
