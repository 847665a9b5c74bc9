"""A plan: the changes object by object, and the patch for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cib.document import Cib
from ..cib.patch import Patch


@dataclass(frozen=True)
class Change:
    """One object before and after; None if it does not exist. Secrets are masked already.

    For an update, ``old`` and ``new`` contain only the differing fields.
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
    """Objects that a document takes over without creating them, or releases without removing them."""

    taken: tuple[str, ...] = ()
    released: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.taken or self.released)


@dataclass(frozen=True)
class AgentUse:
    """A resource whose agent or parameters a plan sets, to check them against the agent's metadata."""

    resource: str
    agent: str
    params: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Plan:
    """The changes that a declaration needs on one snapshot; false if there are none."""

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
    """Parameters that documents mark as secret, as ``RESOURCE.PARAM``."""

    def __bool__(self) -> bool:
        return bool(self.patch)

    def to_dict(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return the changes as plain data, by section and object, with old and new values."""
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
