"""Parse a whole declaration."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ...common import fields
from ...common.errors import DeclarationError
from ...common.fields import Fields
from ...common.secrets import masked_data
from .. import values
from . import readers
from .constraints import parse_constraints, parse_fencing_levels
from .model import Constraint, Declaration, Group, Resource, Tag
from .resources import parse_resources
from .tags import parse_tags

KEYS = (
    "properties",
    "resource_defaults",
    "operation_defaults",
    "resources",
    "constraints",
    "fencing_levels",
    "tags",
    "absent",
    "adopt",
)


def parse_declaration(value: object) -> Declaration:
    """Parse and validate a declaration.

    :param value: data from YAML or Python: a mapping with any of the keys in :data:`KEYS`
    :raises DeclarationError: the first mistake, with its path

    >>> found = parse_declaration({"resources": {"vip": {"agent": "ocf:heartbeat:IPaddr2"}}})
    >>> found.resources[0].id
    'vip'
    >>> parse_declaration({"resource": {}})
    Traceback (most recent call last):
        ...
    saltext_cinder_ha.common.errors.DeclarationError: resource: is not a known key; did you mean \
'resources'? allowed: absent, adopt, constraints, fencing_levels, operation_defaults, properties, \
resource_defaults, resources, tags
    """
    given = Fields(fields.mapping(value, "declaration"), "", KEYS)
    resources = parse_resources(given.raw("resources"), "resources")
    constraints = parse_constraints(given.raw("constraints"), "constraints")
    tags = parse_tags(given.raw("tags"), "tags")
    _check_ids(constraints, tags, resources)
    absent = _absent(given)
    _check_absent(absent, resources, [*(c.id for c in constraints if c.id), *(tag.id for tag in tags)])
    return Declaration(
        properties=readers.named_values(given.raw("properties"), "properties", values.property_type),
        resource_defaults=readers.named_values(
            given.raw("resource_defaults"), "resource_defaults", values.meta_type
        ),
        operation_defaults=readers.named_values(
            given.raw("operation_defaults"), "operation_defaults", values.operation_type
        ),
        resources=resources,
        constraints=constraints,
        fencing_levels=parse_fencing_levels(given.raw("fencing_levels"), "fencing_levels"),
        tags=tags,
        absent=absent,
        adopt=bool(given.optional("adopt", fields.boolean)),
        fingerprint=_fingerprint(value),
    )


def _absent(given: Fields) -> tuple[str, ...]:
    items = fields.sequence(given.raw("absent"), "absent")
    return tuple(
        dict.fromkeys(readers.identifier(item, fields.joined("absent", i)) for i, item in enumerate(items))
    )


def _check_ids(
    constraints: tuple[Constraint, ...], tags: tuple[Tag, ...], resources: tuple[Resource, ...]
) -> None:
    taken = {r.id: f"resources.{r.id}" for r in resources}
    taken |= {r.clone.id or f"{r.id}-clone": f"resources.{r.id}.clone" for r in resources if r.clone}
    for constraint in constraints:
        if constraint.id in taken:
            raise DeclarationError(
                f"{constraint.path}.id", f"the id {constraint.id!r} is taken by {taken[constraint.id]}"
            )
    taken |= {constraint.id: constraint.path for constraint in constraints if constraint.id}
    for tag in tags:
        if tag.id in taken:
            raise DeclarationError(tag.path, f"the id {tag.id!r} is taken by {taken[tag.id]}")


def _check_absent(absent: tuple[str, ...], resources: tuple[Resource, ...], other_ids: list[str]) -> None:
    declared = {*other_ids, *(r.id for r in resources)}
    declared |= {r.clone.id or f"{r.id}-clone" for r in resources if r.clone}
    declared |= {m for r in resources if isinstance(r, Group) for m in r.members}
    for index, name in enumerate(absent):
        if name in declared:
            raise DeclarationError(
                fields.joined("absent", index), f"{name!r} is declared as present too; keep one of the two"
            )


def _fingerprint(value: Any) -> str:
    """Return a hash that identifies the content without secrets; values with secret names are ignored."""
    canonical = json.dumps(masked_data(value), sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
