"""Parse declared resources: primitives, groups, their clones and operations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...common import fields
from ...common.errors import DeclarationError
from ...common.fields import Fields
from .. import values
from . import readers
from .model import Agent, Clone, Group, Operation, Primitive, Resource

_STANDARDS = ("ocf", "systemd", "service", "lsb", "stonith", "nagios", "upstart", "heartbeat")
_AGENT_PART = re.compile(r"[A-Za-z0-9._@\\-]+(/[A-Za-z0-9._@-]+)?")

_PRIMITIVE_KEYS = (
    "agent",
    "params",
    "meta",
    "utilization",
    "operations",
    "clone",
    "description",
    "secret",
)
_GROUP_KEYS = ("group", "meta", "clone", "description")
_OPERATION_ATTRIBUTES = (
    "timeout",
    "role",
    "on-fail",
    "start-delay",
    "enabled",
    "record-pending",
    "interval-origin",
    "description",
)
_OPERATION_KEYS = ("name", "interval", "params", "id", *_OPERATION_ATTRIBUTES)
_ON_FAIL = ("ignore", "block", "stop", "restart", "standby", "fence", "restart-container", "demote")
_OPERATION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# The intervals that pcs uses by default; the schema requires an interval.
_DEFAULT_INTERVALS = {"monitor": "60s"}


def parse_resources(value: object, path: str) -> tuple[Resource, ...]:
    """Parse the mapping of resource ids; check ids and groups across resources."""
    resources = tuple(
        _resource(readers.identifier(name, fields.joined(path, name)), given, fields.joined(path, name))
        for name, given in fields.mapping(value, path).items()
    )
    _check_ids(resources, path)
    _check_groups(resources, path)
    return resources


def _resource(name: str, value: object, path: str) -> Resource:
    if isinstance(value, Mapping) and "group" in value:
        return _group(name, Fields(value, path, _GROUP_KEYS))
    return _primitive(name, Fields(value, path, _PRIMITIVE_KEYS))


def _group(name: str, given: Fields) -> Group:
    path = given.at("group")
    members = readers.distinct_identifiers(
        given.raw("group"), path, empty="has no members, but a group should have at least one"
    )
    if name in members:
        raise DeclarationError(path, f"contains the group {name!r} itself")
    return Group(
        id=name,
        members=members,
        meta=given.optional("meta", readers.named_values, values.meta_type),
        clone=given.optional("clone", _clone),
        description=given.optional("description", readers.text),
    )


def _primitive(name: str, given: Fields) -> Primitive:
    params = given.optional("params", readers.named_values)
    return Primitive(
        id=name,
        agent=given.optional("agent", parse_agent),
        params=params,
        meta=given.optional("meta", readers.named_values, values.meta_type),
        utilization=given.optional("utilization", readers.named_values, values.utilization_type),
        operations=given.optional("operations", parse_operations),
        clone=given.optional("clone", _clone),
        description=given.optional("description", readers.text),
        secret=frozenset(given.optional("secret", _secret_names) or ()),
    )


def _secret_names(value: object, path: str) -> list[str]:
    names = fields.sequence(value, path)
    return [readers.text(name, fields.joined(path, index)) for index, name in enumerate(names)]


def parse_agent(value: object, path: str) -> Agent:
    """Parse an agent's name.

    >>> parse_agent("ocf:heartbeat:IPaddr2", "agent")
    Agent(standard='ocf', provider='heartbeat', type='IPaddr2')
    """
    parts = readers.text(value, path).split(":")
    shape = "ocf:PROVIDER:TYPE for an OCF agent, CLASS:TYPE for any other (systemd:cinder-volume)"
    standard = parts[0]
    if standard not in _STANDARDS:
        raise DeclarationError(
            path, f"{fields.what(value)} should be {shape}; classes: {', '.join(_STANDARDS)}"
        )
    if len(parts) != (3 if standard == "ocf" else 2) and standard != "heartbeat":
        raise DeclarationError(path, f"{fields.what(value)} should be {shape}")
    if not all(_AGENT_PART.fullmatch(part) for part in parts):
        raise DeclarationError(
            path, f"{fields.what(value)} contains a character that is not allowed in an agent name"
        )
    return Agent(standard, parts[1] if len(parts) == 3 else None, parts[-1])


def _clone(value: object, path: str) -> Clone | None:
    """Parse a clone; ``true`` is the shortest form, and ``false`` means no clone."""
    if isinstance(value, bool):
        return Clone() if value else None
    given = Fields(value, path, ("id", "meta", "promotable"))
    meta = given.optional("meta", readers.named_values, values.meta_type)
    if given.given("promotable") and "promotable" in (meta or {}):
        raise DeclarationError(given.at("promotable"), "is given under meta, too; keep one of the two")
    return Clone(
        id=given.optional("id", readers.identifier),
        meta=meta,
        promotable=given.optional("promotable", fields.boolean),
    )


def parse_operations(value: object, path: str) -> tuple[Operation, ...]:
    """Parse the list of a primitive's operations."""
    found: dict[tuple[str, object], Operation] = {}
    for index, given in enumerate(fields.sequence(value, path)):
        here = fields.joined(path, index)
        operation = _operation(Fields(given, here, _OPERATION_KEYS))
        # Pacemaker runs neither of two duplicates (lib/pacemaker/pcmk_sched_recurring.c, is_op_dup).
        alike = operation.name, values.meaning(values.Type.TIME, operation.interval)
        if alike in found:
            raise DeclarationError(
                here,
                f"is a second {operation.name} with the interval {operation.interval}; each should have its "
                "own interval, whatever its role",
            )
        found[alike] = operation
    return tuple(found.values())


def _operation(given: Fields) -> Operation:
    name = _operation_name(given.required("name"), given.at("name"))
    interval = given.optional("interval", readers.typed, values.Type.TIME)
    return Operation(
        name=name,
        interval=interval or _DEFAULT_INTERVALS.get(name, "0s"),
        attributes={
            key: _operation_attribute(given, key) for key in _OPERATION_ATTRIBUTES if given.given(key)
        },
        params=given.optional("params", readers.named_values) or {},
        id=given.optional("id", readers.identifier),
    )


def _operation_name(value: object, path: str) -> str:
    name = readers.text(value, path)
    if not _OPERATION_NAME.fullmatch(name):
        raise DeclarationError(
            path, f"{fields.what(value)} is not the name of an operation, such as monitor, start or stop"
        )
    return name


def _operation_attribute(given: Fields, key: str) -> str:
    value: Any = given.raw(key)
    if key == "on-fail":
        return fields.choice(value, given.at(key), _ON_FAIL)
    value_type = values.operation_type(key)
    if value_type is values.Type.BOOLEAN:
        # Unlike Pacemaker itself, the schema does not allow on, off, yes and no here.
        return "true" if fields.boolean(value, given.at(key)) else "false"
    found = readers.typed(value, given.at(key), value_type)
    return values.role(found) or found if key == "role" else found


def _check_ids(resources: tuple[Resource, ...], path: str) -> None:
    seen: dict[str, str] = {}
    for resource in resources:
        place = fields.joined(path, resource.id)
        names = {resource.id: place}
        if resource.clone:
            names[resource.clone.id or f"{resource.id}-clone"] = fields.joined(place, "clone")
        for name, where in names.items():
            if name in seen:
                raise DeclarationError(where, f"the id {name!r} is taken by {seen[name]}")
            seen[name] = where
        if resource.clone and resource.clone.id == resource.id:
            raise DeclarationError(fields.joined(place, "clone.id"), "is the id of the resource itself")


def _check_groups(resources: tuple[Resource, ...], path: str) -> None:
    by_id = {resource.id: resource for resource in resources}
    group_of: dict[str, str] = {}
    for group in resources:
        if not isinstance(group, Group):
            continue
        place = fields.joined(fields.joined(path, group.id), "group")
        for member in group.members:
            if member in group_of:
                raise DeclarationError(place, f"{member!r} is in the group {group_of[member]!r} already")
            group_of[member] = group.id
            declared = by_id.get(member)
            if isinstance(declared, Group):
                raise DeclarationError(place, f"{member!r} is a group; a group holds primitives only")
            if declared and declared.clone:
                raise DeclarationError(
                    place, f"{member!r} is a clone; clone the whole group instead of a member"
                )
