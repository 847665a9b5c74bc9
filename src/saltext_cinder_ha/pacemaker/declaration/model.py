"""The values that a declaration consists of. None always means: not given, so left alone."""

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
    """An operation of a resource; ``attributes`` are the XML attributes beside name and interval.

    ``id`` is what a new one is called; None leaves it to pcs's rule. One that is there keeps its id.
    """

    name: str
    interval: str
    attributes: Values = field(default_factory=dict)
    params: Values = field(default_factory=dict, repr=False)
    id: str | None = field(default=None, compare=False)

    @cached_property
    def key(self) -> tuple[str, object, str]:
        """What Pacemaker tells two operations of one resource apart by."""
        role = values.role(self.attributes.get("role", "Started")) or ""
        return self.name, values.meaning(values.Type.TIME, self.interval), role


@dataclass(frozen=True)
class Clone:
    """That a resource runs on several nodes; ``id`` None stands for ``<resource>-clone``."""

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
    """Resources that run together on one node, started in the order of ``members``."""

    id: str
    members: tuple[str, ...]
    meta: Values | None = None
    clone: Clone | None = None
    description: str | None = None


Resource = Primitive | Group


@dataclass(frozen=True)
class ResourceSet:
    """One set of a constraint over several resources; ``attributes`` are its XML attributes."""

    resources: tuple[str, ...]
    attributes: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Constraint:
    """An order, colocation, location or ticket constraint.

    ``tag`` is its XML element, ``attributes`` those XML attributes that were given, ``path`` its place in the
    declaration.
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
    """Everything that one document says about the cluster's configuration."""

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
