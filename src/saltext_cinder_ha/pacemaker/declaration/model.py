"""The data classes of a declaration. None always means: not given, so left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .. import values
from ..rules import Rule

Values = Mapping[str, str]


class Agent(NamedTuple):
    """A resource agent's name (Pacemaker Explained, "Resource Classes")."""

    standard: str
    provider: str | None
    type: str

    def __str__(self) -> str:
        return ":".join(filter(None, self))


@dataclass(frozen=True)
class Operation:
    """An operation of a resource; ``attributes`` are its XML attributes except name and interval.

    ``id`` is the id of a new operation; None: generate it as pcs does. An existing operation keeps its id.
    """

    name: str
    interval: str
    attributes: Values = field(default_factory=dict)
    params: Values = field(default_factory=dict, repr=False)
    id: str | None = field(default=None, compare=False)

    @cached_property
    def key(self) -> tuple[str, object, str]:
        """Return the identity of an operation within its resource."""
        role = values.role(self.attributes.get("role", "Started")) or ""
        return self.name, values.meaning(values.Type.TIME, self.interval), role


@dataclass(frozen=True)
class Clone:
    """The clone of a resource; an ``id`` of None stands for ``<resource>-clone``."""

    id: str | None = None
    meta: Values | None = None
    promotable: bool | None = None


@dataclass(frozen=True)
class Primitive:
    """One service, device or address that an agent manages."""

    id: str
    agent: Agent | None = None
    params: Values | None = field(default=None, repr=False)
    meta: Values | None = None
    utilization: Values | None = None
    operations: tuple[Operation, ...] | None = None
    clone: Clone | None = None
    description: str | None = None
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """Resources that run together on one node and start in the order of ``members``."""

    id: str
    members: tuple[str, ...]
    meta: Values | None = None
    clone: Clone | None = None
    description: str | None = None


Resource = Primitive | Group


@dataclass(frozen=True)
class ResourceSet:
    """A resource set of a constraint; ``attributes`` are its XML attributes."""

    resources: tuple[str, ...]
    attributes: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Constraint:
    """An order, colocation, location or ticket constraint.

    ``tag`` is its XML element, ``attributes`` are the XML attributes that were given, ``path`` its place in
    the declaration.
    """

    tag: str
    id: str | None
    attributes: Values
    sets: tuple[ResourceSet, ...] = ()
    rule: Rule | None = None
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class FencingLevel:
    """The devices that together fence a target, tried in the order of ``index``."""

    target: Values
    index: str
    devices: tuple[str, ...]
    path: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        return (*sorted(self.target.items()), self.index)


@dataclass(frozen=True)
class Tag:
    """A name for several resources (Pacemaker Explained, "Tags")."""

    id: str
    resources: tuple[str, ...]
    path: str = field(default="", compare=False)


@dataclass(frozen=True)
class Declaration:
    """The declared configuration of one document."""

    properties: Values = field(default_factory=dict)
    resource_defaults: Values = field(default_factory=dict)
    operation_defaults: Values = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    fencing_levels: tuple[FencingLevel, ...] = ()
    tags: tuple[Tag, ...] = ()
    absent: tuple[str, ...] = ()
    adopt: bool = False
    fingerprint: str = ""

    @property
    def primitives(self) -> Iterator[Primitive]:
        return (r for r in self.resources if isinstance(r, Primitive))

    @property
    def groups(self) -> Iterator[Group]:
        return (r for r in self.resources if isinstance(r, Group))
