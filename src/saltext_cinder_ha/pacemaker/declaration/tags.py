"""Parse declared tags."""

from __future__ import annotations

from ...common import fields
from . import readers
from .model import Tag


def parse_tags(value: object, path: str) -> tuple[Tag, ...]:
    """Parse the mapping of tags to lists of resources."""
    return tuple(
        parse_tag(name, resources, fields.joined(path, name))
        for name, resources in fields.mapping(value, path).items()
    )


def parse_tag(name: object, value: object, path: str) -> Tag:
    """Parse one tag: its name, and the list of its resources."""
    resources = readers.distinct_identifiers(
        value, path, empty="names no resource, but should name at least one"
    )
    return Tag(readers.identifier(name, path), resources, path)
