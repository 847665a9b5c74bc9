"""Reconcile the constraints of a draft with a declaration, and match existing ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from ...common.errors import DeclarationError
from .. import values
from ..cib.draft import Draft
from ..cib.elements import CLONE_TAGS, CONSTRAINT_TAGS, RESOURCE_TAGS, id_part, is_made_by_operator
from ..declaration.model import Constraint, ResourceSet, Values
from ..errors import ConflictError
from ..rules import Rule, conditions_meaning, rule_from_xml, rule_to_xml, rules_equal
from ..values import Type

_RESOURCE_ATTRIBUTES = ("rsc", "with-rsc", "first", "then")

_TYPES = {
    "score": Type.SCORE,
    "rsc-role": Type.ROLE,
    "with-rsc-role": Type.ROLE,
    "role": Type.ROLE,
    "symmetrical": Type.BOOLEAN,
    "sequential": Type.BOOLEAN,
    "require-all": Type.BOOLEAN,
    "influence": Type.BOOLEAN,
}

# The attributes that identify a constraint, with their defaults; all others can change in place.
_IDENTITY: dict[str, dict[str, str]] = {
    "rsc_order": {"first": "", "then": "", "first-action": "start", "then-action": "start"},
    "rsc_colocation": {
        "rsc": "",
        "with-rsc": "",
        "rsc-role": "Started",
        "with-rsc-role": "Started",
        "node-attribute": "#uname",
    },
    "rsc_location": {"rsc": "", "rsc-pattern": "", "node": "", "role": "Started"},
    "rsc_ticket": {"rsc": "", "ticket": "", "rsc-role": "Started"},
}

# Pacemaker Explained, chapter "Resource Constraints": the defaults of missing attributes.
_IMPLIED = {
    "symmetrical": "true",
    "require-all": "true",
    "resource-discovery": "always",
    "score": "0",
}

_NOT_WITH_SETS = {
    "rsc_order": ("first", "then", "first-action", "then-action"),
    "rsc_colocation": ("rsc", "with-rsc", "rsc-role", "with-rsc-role", "node-attribute"),
    "rsc_location": ("rsc", "rsc-pattern", "role"),
    "rsc_ticket": ("rsc", "rsc-role"),
}

_Identity = tuple[object, ...]


@dataclass(frozen=True)
class Matched:
    """A declared constraint and its element in the draft, None if it has to be created."""

    wanted: Constraint
    element: etree._Element | None


def match(draft: Draft, wanted: Sequence[Constraint]) -> list[Matched]:
    """Find the existing constraint for each declared one.

    An explicit id decides. Without an id, a constraint between the same resources matches whatever its id, so
    that one created by hand or by another tool is accepted.
    """
    _check_no_duplicates(wanted)
    claimed = {c.id for c in wanted if c.id}
    index = _by_identity(draft, claimed)
    return [Matched(c, _by_id(draft, c) if c.id else _take(index, c)) for c in wanted]


def _check_no_duplicates(wanted: Sequence[Constraint]) -> None:
    """Raise if two declared constraints duplicate or contradict each other."""
    first: dict[_Identity, Constraint] = {}
    for constraint in wanted:
        other = first.setdefault(_identity(constraint), constraint)
        if other is not constraint and not (other.id and constraint.id):
            raise DeclarationError(
                constraint.path,
                f"constrains the same resources as {other.path}; keep one of the two, or give each an id",
            )


def _by_id(draft: Draft, wanted: Constraint) -> etree._Element | None:
    element = draft.get(wanted.id or "")
    # One of another kind would have to be removed first, which only its owner may do.
    return element if element is not None and element.tag == wanted.tag else None


def _by_identity(draft: Draft, claimed: Collection[str | None]) -> dict[_Identity, list[etree._Element]]:
    index: dict[_Identity, list[etree._Element]] = {}
    for element in draft.section("constraints").iterchildren(*CONSTRAINT_TAGS):
        if element.get("id") not in claimed and not is_made_by_operator(element):
            index.setdefault(_identity_of(element), []).append(element)
    return index


def _take(index: dict[_Identity, list[etree._Element]], wanted: Constraint) -> etree._Element | None:
    candidates = index.get(_identity(wanted), [])
    preferred = default_id(wanted)
    for position, element in enumerate(candidates):
        if element.get("id") == preferred:
            return candidates.pop(position)
    return candidates.pop(0) if candidates else None


def _identity(wanted: Constraint) -> _Identity:
    return _identity_from(wanted.tag, wanted.attributes, wanted.sets, wanted.rule)


def _identity_of(element: etree._Element) -> _Identity:
    attributes = dict(element.attrib)
    if element.tag == "rsc_order" and "then-action" not in attributes and "first" in attributes:
        # Pacemaker Explained, "Ordering": then-action defaults to first-action.
        attributes["then-action"] = attributes.get("first-action", "start")
    return _identity_from(element.tag, attributes, tuple(_sets_of(element)), _rule_of(element))


def _identity_from(tag: str, attributes: Values, sets: Sequence[ResourceSet], rule: Rule | None) -> _Identity:
    own = tuple(_meaning(name, attributes.get(name, default)) for name, default in _IDENTITY[tag].items())
    conditions = None if rule is None else conditions_meaning(rule)
    return tag, own, tuple(_set_meaning(s) for s in sets), conditions


def _set_meaning(resource_set: ResourceSet) -> tuple[object, ...]:
    options = sorted((k, str(_meaning(k, v))) for k, v in resource_set.attributes.items())
    return resource_set.resources, tuple(options)


def _meaning(name: str, value: str) -> object:
    return values.meaning(_TYPES.get(name, Type.TEXT), value)


def _sets_of(element: etree._Element) -> Iterator[ResourceSet]:
    for found in element.iterfind("resource_set"):
        refs = tuple(r.get("id", "") for r in found.iterfind("resource_ref"))
        yield ResourceSet(refs, {k: v for k, v in found.attrib.items() if k != "id"})


def _rule_of(element: etree._Element) -> Rule | None:
    rules = element.findall("rule")
    return rule_from_xml(rules[0]) if len(rules) == 1 else None


_NAMES_IN_ID = 3


def default_id(wanted: Constraint) -> str:
    """Return the id that pcs 0.11 would give to this constraint."""
    attributes = wanted.attributes
    if wanted.sets:
        names = [name for resource_set in wanted.sets for name in resource_set.resources]
        letters = "".join(f"{name[0]}{name[-1]}" for name in names[:_NAMES_IN_ID])
        return f"{wanted.tag.removeprefix('rsc_')}_set_{letters}"
    if wanted.tag == "rsc_order":
        kind = attributes.get("kind", "mandatory")
        return f"order-{attributes['first']}-{attributes['then']}-{kind}"
    if wanted.tag == "rsc_colocation":
        score = attributes.get("score", "INFINITY")
        return id_part(f"colocation-{attributes['rsc']}-{attributes['with-rsc']}-{score}")
    if wanted.tag == "rsc_ticket":
        parts = [attributes["ticket"], attributes["rsc"], attributes.get("rsc-role")]
        return id_part("ticket-" + "-".join(filter(None, parts)))
    subject = attributes.get("rsc") or attributes["rsc-pattern"]
    if "node" in attributes:
        score = attributes.get("score", "INFINITY")
        return id_part(f"location-{subject}-{attributes['node']}-{score}")
    return id_part(f"location-{subject}")


def reconcile(draft: Draft, matched: Matched) -> etree._Element:
    """Create or change one constraint."""
    wanted, element = matched.wanted, matched.element
    _check_resources(draft, wanted, is_new=element is None)
    if element is None:
        return _create(draft, wanted)
    changed = _change_attributes(draft, element, wanted)
    changed |= _change_sets(draft, element, wanted)
    changed |= _change_rule(draft, element, wanted)
    if changed:
        draft.touch(element.get("id"))
    return element


def _check_resources(draft: Draft, wanted: Constraint, *, is_new: bool) -> None:
    named = [wanted.attributes[n] for n in _RESOURCE_ATTRIBUTES if n in wanted.attributes]
    for name in (*named, *(r for s in wanted.sets for r in s.resources)):
        element = draft.get(name)
        if element is None:
            raise DeclarationError(wanted.path, f"no resource {name!r} is declared or in the cluster")
        if element.tag not in (*RESOURCE_TAGS, "tag"):
            raise DeclarationError(
                wanted.path, f"{name!r} is a <{element.tag}>, neither a resource nor a tag"
            )
        parent = element.getparent()
        if is_new and parent.tag in CLONE_TAGS:
            raise DeclarationError(
                wanted.path,
                f"{name!r} runs as the clone {parent.get('id')!r}; name the clone instead",
            )


_CREATED_WITH = {
    "rsc_order": {"first-action": "start", "then-action": "start"},
    "rsc_colocation": {"score": "INFINITY"},
    "rsc_location": {"score": "INFINITY"},
    "rsc_ticket": {},
}


def _create(draft: Draft, wanted: Constraint) -> etree._Element:
    attributes = _spelled(wanted.attributes, draft.schema)
    if wanted.rule is None and not (wanted.sets and wanted.tag == "rsc_order"):
        attributes = {**_CREATED_WITH[wanted.tag], **attributes}
    attributes = _with_both_roles(wanted.tag, attributes)
    name = wanted.id or draft.new_id(default_id(wanted))
    taken = draft.get(name)
    if taken is not None:
        raise ConflictError(
            f"{wanted.path}.id",
            f"the cluster has a <{taken.tag}> with the id {name!r}, not a <{wanted.tag}>",
        )
    element = draft.add(draft.section("constraints"), wanted.tag, name, attributes)
    _add_sets(draft, element, wanted.sets)
    if wanted.rule is not None:
        _add_rule(draft, element, wanted.rule, f"{wanted.path}.rule")
    draft.touch(name)
    return element


def _with_both_roles(tag: str, attributes: dict[str, str]) -> dict[str, str]:
    roles = ("rsc-role", "with-rsc-role")
    if tag != "rsc_colocation" or not any(role in attributes for role in roles):
        return attributes
    # As pcs does: a constraint with one role written and one implied is hard to read.
    return {**dict.fromkeys(roles, "Started"), **attributes}


def _spelled(attributes: Values, schema: str) -> dict[str, str]:
    return {
        name: values.role_for_schema(value, schema) if _TYPES.get(name) is Type.ROLE else value
        for name, value in attributes.items()
    }


def _change_attributes(draft: Draft, element: etree._Element, wanted: Constraint) -> bool:
    shape = (bool(wanted.sets), wanted.rule is not None)
    # If the shape changes, write out all attributes as in a new constraint.
    is_reshaped = shape != (element.find("resource_set") is not None, element.find("rule") is not None)
    changed = _leave_shape(element, wanted)
    implied = {} if is_reshaped else {**_IMPLIED, **_IDENTITY[wanted.tag]}
    for name, value in _spelled(wanted.attributes, draft.schema).items():
        live = element.get(name, implied.get(name))
        if name == "then-action" and element.get(name) is None and not is_reshaped:
            live = element.get("first-action", "start")
        if name == "kind" and live is None:
            live = kind_of_order(element)
        if live is None or _meaning(name, live) != _meaning(name, value):
            element.set(name, value)
            changed = True
    if "kind" in element.attrib and "score" in element.attrib and element.tag == "rsc_order":
        del element.attrib["score"]
    if "node" in wanted.attributes and "score" not in element.attrib:
        element.set("score", wanted.attributes.get("score", _CREATED_WITH[wanted.tag]["score"]))
        changed = True
    return changed


def _leave_shape(element: etree._Element, wanted: Constraint) -> bool:
    """Drop the attributes that the schema does not allow with the wanted ones: sets or pair, node or rule."""
    unwanted: list[str] = []
    if wanted.sets:
        unwanted += _NOT_WITH_SETS[wanted.tag]
    if wanted.rule is not None:
        unwanted += ("node", "score")
    for name, other in (("rsc", "rsc-pattern"), ("rsc-pattern", "rsc")):
        if name in wanted.attributes:
            unwanted.append(other)
    found = [name for name in unwanted if name in element.attrib]
    for name in found:
        del element.attrib[name]
    return bool(found)


def kind_of_order(element: etree._Element) -> str:
    """Return the kind of an order constraint that has a score, the old syntax, or neither."""
    score = values.score(element.get("score", "INFINITY"))
    return "Optional" if score == 0 else "Mandatory"


def _change_sets(draft: Draft, element: etree._Element, wanted: Constraint) -> bool:
    live = list(_sets_of(element))
    if [_set_meaning(s) for s in live] == [_set_meaning(s) for s in wanted.sets]:
        return False
    for found in element.findall("resource_set"):
        draft.remove(found)
    _add_sets(draft, element, wanted.sets)
    return True


def _add_sets(draft: Draft, element: etree._Element, sets: Sequence[ResourceSet]) -> None:
    for resource_set in sets:
        name = draft.new_id(f"{element.get('id')}_set")
        attributes = _spelled(resource_set.attributes, draft.schema)
        added = draft.add(element, "resource_set", name, attributes)
        for resource in resource_set.resources:
            etree.SubElement(added, "resource_ref", id=resource)


def _change_rule(draft: Draft, element: etree._Element, wanted: Constraint) -> bool:
    if wanted.rule is None:
        if wanted.tag != "rsc_location" or "node" not in wanted.attributes:
            return False
        rules = element.findall("rule")
        for rule in rules:
            draft.remove(rule)
        return bool(rules)
    live = _rule_of(element)
    if live is not None and rules_equal(live, wanted.rule):
        return False
    for rule in element.findall("rule"):
        draft.remove(rule)
    _add_rule(draft, element, wanted.rule, f"{wanted.path}.rule")
    return True


def _add_rule(draft: Draft, element: etree._Element, rule: Rule, path: str) -> None:
    if rule.id in draft.by_id:
        raise ConflictError(path, f"the id {rule.id!r} is taken in the cluster")
    added = rule_to_xml(
        rule,
        rule.id or draft.new_id(f"{element.get('id')}-rule"),
        promoted_names=values.has_promoted_roles(draft.schema),
        taken=draft.by_id,
    )
    element.append(added)
    for part in added.iter():
        if part.get("id"):
            draft.by_id[part.get("id")] = part
