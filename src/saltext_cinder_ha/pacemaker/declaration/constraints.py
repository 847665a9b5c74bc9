"""Parse declared constraints and fencing levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...common import fields
from ...common.errors import DeclarationError
from ...common.fields import Fields
from .. import values
from ..rules import Rule, parse_rule
from ..values import Type
from . import readers
from .model import Constraint, FencingLevel, ResourceSet

_ACTIONS = ("start", "promote", "demote", "stop")
_ORDER_KINDS = ("Mandatory", "Optional", "Serialize")
_DISCOVERY = ("always", "never", "exclusive")
_LOSS_POLICIES = ("fence", "stop", "freeze", "demote")

Reader = Callable[[Any, str], str]
Key = tuple[str, Reader]
"""The XML attribute for a key, and the reader of its value."""


def _typed(value_type: Type) -> Reader:
    return lambda value, path: readers.typed(value, path, value_type)


def _choice(*allowed: str) -> Reader:
    return lambda value, path: fields.choice(value, path, allowed)


def _role(value: Any, path: str) -> str:
    found = readers.typed(value, path, Type.ROLE)
    return values.role(found) or found


def _flag(value: Any, path: str) -> str:
    return "true" if fields.boolean(value, path) else "false"


@dataclass(frozen=True)
class _ConstraintKind:
    """The syntax of one kind of constraint: keys, XML attributes and readers."""

    tag: str
    keys: dict[str, Key]
    required: tuple[str, ...]
    set_keys: dict[str, Key]
    for_one: tuple[str, ...]
    """Keys for a pair of resources, which cannot be combined with sets."""


KINDS = {
    "order": _ConstraintKind(
        "rsc_order",
        {
            "first": ("first", readers.identifier),
            "then": ("then", readers.identifier),
            "first_action": ("first-action", _choice(*_ACTIONS)),
            "then_action": ("then-action", _choice(*_ACTIONS)),
            "kind": ("kind", _choice(*_ORDER_KINDS)),
            "symmetrical": ("symmetrical", _flag),
            "require_all": ("require-all", _flag),
        },
        ("first", "then"),
        {
            "sequential": ("sequential", _flag),
            "require_all": ("require-all", _flag),
            "action": ("action", _choice(*_ACTIONS)),
        },
        ("first", "then", "first_action", "then_action"),
    ),
    "colocation": _ConstraintKind(
        "rsc_colocation",
        {
            "resource": ("rsc", readers.identifier),
            "with": ("with-rsc", readers.identifier),
            "score": ("score", _typed(Type.SCORE)),
            "role": ("rsc-role", _role),
            "with_role": ("with-rsc-role", _role),
            "influence": ("influence", _flag),
            "node_attribute": ("node-attribute", readers.text),
        },
        ("resource", "with"),
        {
            "sequential": ("sequential", _flag),
            "role": ("role", _role),
            "score": ("score", _typed(Type.SCORE)),
        },
        ("resource", "with", "role", "with_role", "node_attribute"),
    ),
    "location": _ConstraintKind(
        "rsc_location",
        {
            "resource": ("rsc", readers.identifier),
            "resource_pattern": ("rsc-pattern", readers.filled_text),
            "node": ("node", readers.filled_text),
            "score": ("score", _typed(Type.SCORE)),
            "role": ("role", _role),
            "resource_discovery": ("resource-discovery", _choice(*_DISCOVERY)),
        },
        (),
        {"sequential": ("sequential", _flag), "role": ("role", _role)},
        ("resource", "resource_pattern", "role"),
    ),
    "ticket": _ConstraintKind(
        "rsc_ticket",
        {
            "ticket": ("ticket", readers.filled_text),
            "resource": ("rsc", readers.identifier),
            "role": ("rsc-role", _role),
            "loss_policy": ("loss-policy", _choice(*_LOSS_POLICIES)),
        },
        ("resource",),
        {"sequential": ("sequential", _flag), "role": ("role", _role)},
        ("resource", "role"),
    ),
}


def parse_constraints(value: object, path: str) -> tuple[Constraint, ...]:
    """Parse the list of constraints; each is a mapping with its kind as the only key."""
    found = tuple(
        _constraint(given, fields.joined(path, index))
        for index, given in enumerate(fields.sequence(value, path))
    )
    taken: dict[str, str] = {}
    for constraint in found:
        if constraint.id is None:
            continue
        if constraint.id in taken:
            raise DeclarationError(
                constraint.path, f"the id {constraint.id!r} is taken by {taken[constraint.id]}"
            )
        taken[constraint.id] = constraint.path
    return found


def _constraint(value: object, path: str) -> Constraint:
    given = fields.mapping(value, path)
    if len(given) != 1:
        raise DeclarationError(path, f"should have one key, the kind of constraint: {fields.listed(KINDS)}")
    name, body = next(iter(given.items()))
    if name not in KINDS:
        raise DeclarationError(
            fields.joined(path, name), f"is not a kind of constraint; {fields.unknown(name, KINDS)}"
        )
    return parse_constraint(name, body, fields.joined(path, name))


def parse_constraint(name: str, body: object, path: str) -> Constraint:
    """Parse one constraint of the kind ``name``: ``order``, ``colocation``, ``location`` or ``ticket``."""
    kind = KINDS[name]
    extra = ("rule",) if name == "location" else ()
    given = Fields(body, path, (*kind.keys, "id", "sets", *extra))
    sets = _sets(given, kind)
    _check_shape(given, kind, bool(sets))
    attributes = {
        xml_name: read(given.raw(key), given.at(key))
        for key, (xml_name, read) in kind.keys.items()
        if given.given(key)
    }
    rule = None
    if name == "location":
        _check_location(given)
        rule = _rule(given)
    if rule is not None and rule.resource_discovery:
        # pcs accepts it as an option of the rule, but it is an attribute of the constraint.
        attributes.setdefault("resource-discovery", rule.resource_discovery)
    if name == "ticket":
        given.required("ticket")
    return Constraint(
        tag=kind.tag,
        id=given.optional("id", readers.identifier),
        attributes=attributes,
        sets=sets,
        rule=rule,
        path=path,
    )


def _check_shape(given: Fields, kind: _ConstraintKind, has_sets: bool) -> None:
    if not has_sets:
        for key in kind.required:
            given.required(key)
        _check_distinct([given.raw(key) for key in kind.required], given.path)
        return
    for key in kind.for_one:
        if given.given(key):
            raise DeclarationError(given.at(key), "cannot be combined with sets; give one of the two")


def _check_location(given: Fields) -> None:
    _require_one(given, "resource", "resource_pattern", "sets")
    _require_one(given, "node", "rule")
    if given.given("rule") and given.given("score"):
        raise DeclarationError(
            given.at("score"), "cannot be combined with a rule; put it in the rule: score=N ..."
        )


def _require_one(given: Fields, *keys: str) -> None:
    found = [key for key in keys if given.given(key)]
    if len(found) != 1:
        has = f"has {' and '.join(found)}" if found else "has none"
        raise DeclarationError(given.path, f"{has}, but should have one of {', '.join(keys)}")


def _check_distinct(names: Sequence[str], path: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DeclarationError(
                path, f"names {name!r} twice, but a constraint should be between different resources"
            )


def _rule(given: Fields) -> Rule | None:
    if not given.given("rule"):
        return None
    path = given.at("rule")
    try:
        return parse_rule(readers.text(_on_one_line(given.raw("rule")), path))
    except DeclarationError as error:
        raise DeclarationError(path, error.problem) from None


def _on_one_line(rule: object) -> object:
    return " ".join(rule.split()) if isinstance(rule, str) else rule


def _sets(given: Fields, kind: _ConstraintKind) -> tuple[ResourceSet, ...]:
    if not given.given("sets"):
        return ()
    path = given.at("sets")
    sets = tuple(
        _resource_set(item, fields.joined(path, index), kind)
        for index, item in enumerate(fields.sequence(given.raw("sets"), path))
    )
    if not sets:
        raise DeclarationError(path, "has no set, but should have at least one")
    _check_distinct([name for found in sets for name in found.resources], path)
    return sets


def _resource_set(value: object, path: str, kind: _ConstraintKind) -> ResourceSet:
    """Parse a set: a mapping with ``resources`` and options, or just the list of its resources."""
    if isinstance(value, str):
        raise DeclarationError(
            path, f"is {fields.what(value)}, but a set should be a list of resources or a mapping"
        )
    body = {"resources": value} if isinstance(value, (list, tuple)) else value
    given = Fields(body, path, ("resources", *kind.set_keys))
    place = given.at("resources")
    resources = readers.identifiers(
        given.required("resources"), place, empty="names no resource, but should name at least one"
    )
    return ResourceSet(
        resources,
        {
            xml_name: read(given.raw(key), given.at(key))
            for key, (xml_name, read) in kind.set_keys.items()
            if given.given(key)
        },
    )


_LEVEL_KEYS = ("target", "target_pattern", "target_attribute", "target_value", "level", "devices")


def parse_fencing_levels(value: object, path: str) -> tuple[FencingLevel, ...]:
    """Parse the list of fencing levels."""
    found: dict[tuple[object, ...], FencingLevel] = {}
    for index, item in enumerate(fields.sequence(value, path)):
        level = parse_fencing_level(item, fields.joined(path, index))
        if level.key in found:
            raise DeclarationError(
                level.path, f"is a second level {level.index} for the same target as {found[level.key].path}"
            )
        found[level.key] = level
    return tuple(found.values())


def parse_fencing_level(value: object, path: str) -> FencingLevel:
    """Parse one fencing level."""
    given = Fields(value, path, _LEVEL_KEYS)
    index = readers.typed(given.required("level"), given.at("level"), Type.INTEGER)
    if not 1 <= int(index) <= 9:
        raise DeclarationError(given.at("level"), f"is {index}, but should be a number from 1 to 9")
    place = given.at("devices")
    devices = readers.identifiers(
        given.required("devices"), place, empty="names no device, but should name at least one"
    )
    return FencingLevel(_target(given), str(int(index)), devices, given.path)


def _target(given: Fields) -> dict[str, str]:
    keys = [k for k in ("target", "target_pattern", "target_attribute") if given.given(k)]
    if len(keys) != 1:
        raise DeclarationError(given.path, "should have one of target, target_pattern or target_attribute")
    if given.given("target_value") != (keys == ["target_attribute"]):
        raise DeclarationError(given.path, "target_attribute and target_value belong together")
    present = [*keys, "target_value"] if keys == ["target_attribute"] else keys
    return {key.replace("_", "-"): readers.text(given.raw(key), given.at(key)) for key in present}
