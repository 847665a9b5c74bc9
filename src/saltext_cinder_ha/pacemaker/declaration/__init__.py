"""What a user may declare: parsing and validation into frozen values, errors that name the path."""

from .document import parse_declaration
from .model import (
    Agent,
    Clone,
    Constraint,
    Declaration,
    FencingLevel,
    Group,
    Operation,
    Primitive,
    Resource,
    ResourceSet,
    Tag,
)

__all__ = [
    "Agent",
    "Clone",
    "Constraint",
    "Declaration",
    "FencingLevel",
    "Group",
    "Operation",
    "Primitive",
    "Resource",
    "ResourceSet",
    "Tag",
    "parse_declaration",
]
