"""What applying a declaration would do: the changes object by object, and the patch that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cib.document import Cib
from ..cib.patch import Patch


@dataclass(frozen=True)
class Change:
    """One object before and after; None where it is not there. Secrets are hidden already.

    Of an object that stays, ``old`` and ``new`` hold only the fields that differ.
    """

    section: str
    name: str
    kind: str
    old: Mapping[str, str] | str | None
    new: Mapping[str, str] | str | None

    @property
    def action(self) -> str:
        if self.old is None:
            return "create"
        return "remove" if self.new is None else "update"


@dataclass(frozen=True)
class OwnershipChange:
    """What a document takes over although it did not make it, and what it lets go without removing it."""

    taken: tuple[str, ...] = ()
    released: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.taken or self.released)


@dataclass(frozen=True)
class AgentUse:
    """A resource whose agent or parameters a plan sets, for checking them against the agent's metadata."""

    resource: str
    agent: str
    params: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """What applying a declaration would do to one snapshot; false when that is nothing."""

    document: str
    snapshot: Cib = field(repr=False)
    target: Cib = field(repr=False)
    patch: Patch = field(repr=False)
    changes: tuple[Change, ...] = ()
    ownership: OwnershipChange = OwnershipChange()
    interventions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    agents: tuple[AgentUse, ...] = ()
    carries_secret: bool = False
    secrets: frozenset[str] = frozenset()
    """Parameters that documents call secret, as ``RESOURCE.PARAM``."""

    def __bool__(self) -> bool:
        return bool(self.patch)

    def to_dict(self) -> dict[str, dict[str, dict[str, object]]]:
        """The changes as plain data: section, then object, then old and new."""
        found: dict[str, dict[str, dict[str, object]]] = {}
        for change in self.changes:
            found.setdefault(change.section, {})[change.name] = {
                "old": _plain(change.old),
                "new": _plain(change.new),
            }
        if self.ownership:
            found["owned"] = {
                name: {"old": None if taken else self.document, "new": self.document if taken else None}
                for names, taken in ((self.ownership.taken, True), (self.ownership.released, False))
                for name in names
            }
        return found


def _plain(value: Mapping[str, str] | str | None) -> object:
    return dict(value) if isinstance(value, Mapping) else value
