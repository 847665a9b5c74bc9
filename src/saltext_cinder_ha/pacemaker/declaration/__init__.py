"""Parse and validate declarations into frozen values, with errors that name the path.

Belongs here: the structure of a declaration, independent of any cluster.
Does not belong here: the comparison with the configuration (``plan``).
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
