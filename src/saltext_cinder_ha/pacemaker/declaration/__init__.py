"""What a user may declare: parsing and validation into frozen values, errors that name the path.

Belongs here: the shape of a declaration, without any look at a cluster.
Does not belong here: comparing with what is configured (``plan``).
May import: ``cib``, ``rules`` and below.
"""

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
