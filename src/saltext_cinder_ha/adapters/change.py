"""Apply one declaration, for a state module or an execution module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..common.fields import boolean
from ..pacemaker.actions import DEFAULT_ALLOW
from ..pacemaker.cib.document import Cib
from ..pacemaker.cluster import Cluster
from ..pacemaker.transaction.commit import Outcome, Proposal
from .results import (
    outcome_as_data,
    outcome_as_state,
    predicted_as_data,
    proposal_as_data,
    proposal_as_state,
)

HOW = ("allow", "rollback", "settle")
"""The arguments that every state and function takes besides the declaration, to say how to apply it."""


@dataclass(frozen=True)
class ClusterChange:
    """A declaration, and how to apply it.

    :param document: the document that owns what is declared; None: nothing is owned
    :param allow: the kinds of actions that the change may cause
    :param remake: remakes the declaration when someone else has written to the CIB meanwhile
    """

    declaration: Mapping[str, Any] = field(repr=False)
    document: str | None = None
    allow: Iterable[str] = DEFAULT_ALLOW
    rollback: bool = False
    settle: bool = True
    remake: Callable[[Cib], Mapping[str, Any]] | None = None

    @classmethod
    def parse(
        cls, declaration: Mapping[str, Any], document: str | None, how: Mapping[str, Any]
    ) -> ClusterChange:
        """Parse the arguments :data:`HOW` that a user gave.

        :raises DeclarationError: one of them is invalid
        """
        allow = how.get("allow")
        return cls(
            declaration,
            document,
            allow=DEFAULT_ALLOW if allow is None else allow,
            rollback=boolean(how.get("rollback", False), "rollback"),
            settle=boolean(how.get("settle", True), "settle"),
        )

    def as_state(self, cluster: Cluster, name: str, opts: Mapping[str, Any]) -> dict[str, Any]:
        """Apply the change, or only predict it with ``test``, and return a state's result.

        :param opts: Salt's ``__opts__``
        """
        if opts["test"]:
            proposal = self.propose(cluster, opts)
            return proposal_as_state(name, proposal, sandbox=cluster.is_sandbox)
        return outcome_as_state(name, self._apply(cluster, opts), sandbox=cluster.is_sandbox)

    def as_data(self, cluster: Cluster, opts: Mapping[str, Any], *, test: bool) -> dict[str, Any]:
        """Apply the change, or only predict it with ``test``, and return an execution function's result.

        :param opts: Salt's ``__opts__``
        """
        if test:
            proposal = self.propose(cluster, opts)
            return predicted_as_data(proposal_as_data(proposal, sandbox=cluster.is_sandbox))
        return outcome_as_data(self._apply(cluster, opts), sandbox=cluster.is_sandbox)

    def propose(self, cluster: Cluster, opts: Mapping[str, Any], *, show_secrets: bool = False) -> Proposal:
        """Return what the change would write and cause; write nothing."""
        return cluster.propose(
            self.declaration,
            document=self.document,
            writer=opts["id"],
            allow=self.allow,
            show_secrets=show_secrets,
        )

    def _apply(self, cluster: Cluster, opts: Mapping[str, Any]) -> Outcome:
        return cluster.apply(
            self.declaration,
            document=self.document,
            writer=opts["id"],
            policy=cluster.policy(allow=self.allow, rollback=self.rollback, settle=self.settle),
            remake=self.remake,
        )
