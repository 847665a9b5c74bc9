"""The engine's interface: one object for one cluster, or for one sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from ..common.errors import DeclarationError
from .actions import DEFAULT_ALLOW, parse_allow
from .cib.document import Cib
from .cib.elements import OBJECT_TAGS
from .cib.interventions import read_interventions
from .cib.masking import Mask, hide_secrets
from .declaration import parse_declaration
from .declaration.resources import parse_agent
from .export import Export, export
from .native.cache import Cache
from .native.compile import Compiled, compile_text
from .native.difference import difference_in_words
from .plan import describe, ownership
from .plan.model import Plan
from .plan.planner import make_plan
from .programs.agent_metadata import AgentMetadata, read_metadata
from .scheduler import whatif
from .session import Session
from .status import ClusterStatus, read_status
from .transaction.commit import AgentCheck, Outcome, Policy, Proposal, commit_proposals, propose


class Cluster(Session):
    """A cluster that can be queried and changed."""

    def propose(
        self,
        declaration: Mapping[str, Any],
        *,
        document: str | None,
        writer: str = "",
        allow: Iterable[str] = DEFAULT_ALLOW,
        show_secrets: bool = False,
    ) -> Proposal:
        """Return the changes and actions that a declaration would cause; write nothing."""
        return propose(
            parse_declaration(declaration),
            self.snapshot,
            self.policy(allow=allow),
            document=document,
            writer=writer,
            show_secrets=show_secrets,
        )

    def plan(self, declaration: Mapping[str, Any], *, document: str | None, writer: str = "") -> Plan:
        """Return the changes that a declaration would cause; neither simulate nor write."""
        return make_plan(parse_declaration(declaration), self.snapshot, document=document, writer=writer)

    def apply(
        self,
        declaration: Mapping[str, Any],
        *,
        document: str | None,
        writer: str = "",
        policy: Policy | None = None,
        remake: Callable[[Cib], Mapping[str, Any]] | None = None,
    ) -> Outcome:
        """Apply a declaration to the configuration; see :func:`~.transaction.commit.commit`.

        :param policy: the limits, from :meth:`policy`
        :param remake: makes the declaration for a CIB other than the snapshot, if it depends on the CIB
        """
        policy = self.policy() if policy is None else policy
        parsed = parse_declaration(declaration)
        snapshot = self.snapshot
        self.forget()

        def propose_on(cib: Cib) -> Proposal:
            wanted = parsed if remake is None or cib is snapshot else parse_declaration(remake(cib))
            return propose(wanted, cib, policy, document=document, writer=writer)

        outcome = commit_proposals(self.store, propose_on, policy, snapshot=snapshot)
        if not outcome.written:
            self._snapshot = outcome.proposal.plan.snapshot
        return outcome

    def status(self) -> ClusterStatus:
        """Return the current nodes, resources and failures."""
        return read_status(self.snapshot, timeout=self.timeout)

    def interventions(self) -> tuple[str, ...]:
        """Return clauses about temporary settings of operators."""
        return read_interventions(self.snapshot)

    def records(self) -> dict[str, ownership.Record]:
        """Return the ownership records by document."""
        return ownership.read_records(self.snapshot)

    def what_if(self, *, lost_nodes: Sequence[str] = (), failed: Sequence[str] = ()) -> whatif.WhatIf:
        """Predict the effects of lost nodes or failed resources."""
        return whatif.what_if(
            self.snapshot,
            lost_nodes=lost_nodes,
            failed=failed,
            timeout=self.timeout,
        )

    def survives(self, resources: Sequence[str]) -> tuple[str, ...]:
        """Return a sentence for each resource that would not survive the loss of any single node."""
        return whatif.survives(self.snapshot, resources, timeout=self.timeout)

    def get(self, name: str, *, show_secrets: bool = False) -> dict[str, str] | None:
        """Return the fields of one object, None if no object has this id."""
        element = self.snapshot.by_id.get(name)
        if element is None or element.tag not in OBJECT_TAGS:
            return None
        found = {"kind": describe.kind_of(element), **describe.describe(element)}
        return self._mask(show_secrets).fields(name, found)

    def export(self, names: Sequence[str] = (), *, show_secrets: bool = False) -> Export:
        """Return the configuration, or only ``names``, as a declaration."""
        return export(self.snapshot, names, self._mask(show_secrets))

    def xml(self, *, show_secrets: bool = False) -> str:
        """Return the CIB as XML, with secret values masked unless ``show_secrets`` is set."""
        copy = self.snapshot.copy()
        hide_secrets(copy, self._mask(show_secrets))
        return etree.tostring(copy.root, pretty_print=True).decode()

    def compile(self, program: str, text: object, *, path: str, cache: Cache | None = None) -> Compiled:
        """Return native text as a declaration; see :func:`~.native.compile.compile_text`."""
        return compile_text(program, text, self.snapshot, path=path, timeout=self.timeout, cache=cache)

    def in_words(self, plan: Plan, program: str, *, show_secrets: bool = False) -> str:
        """Return a plan as a diff of the output of ``pcs`` or ``crm``."""
        return difference_in_words(
            program,
            plan.snapshot,
            plan.target,
            Mask(plan.secrets, show=show_secrets),
            timeout=self.timeout,
        )

    def agent(self, name: str) -> AgentMetadata | None:
        """Return the metadata of the agent ``name``, None if it is not installed."""
        return read_metadata(str(parse_agent(name, "agent")), timeout=self.timeout)

    def _mask(self, show_secrets: bool) -> Mask:
        marked = {name for record in self.records().values() for name in record.secrets}
        return Mask(marked, show=show_secrets)

    def policy(
        self, *, allow: Iterable[str] = DEFAULT_ALLOW, rollback: bool = False, settle: bool = True
    ) -> Policy:
        """Return the limits for a change of this cluster; see :class:`~.transaction.commit.Policy`.

        :raises DeclarationError: ``allow`` contains an unknown kind of action
        """
        return Policy(
            allow=parse_allow(allow),
            rollback=rollback,
            settle=settle,
            timeout=self.timeout,
            agent_check=self._agent_check(),
        )

    def _agent_check(self) -> AgentCheck:
        if self.settings.validate == "false":
            return AgentCheck.SKIP
        if self.settings.validate == "auto" and self.is_sandbox:
            return AgentCheck.WARN
        return AgentCheck.REFUSE


def require_document(name: object) -> str:
    """Return ``name`` if it is a valid name of a document."""
    if not isinstance(name, str) or not name.strip():
        raise DeclarationError("document", "should be a name: non-empty text")
    return name
