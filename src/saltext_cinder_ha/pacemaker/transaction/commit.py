"""Apply one declaration to the cluster: read, plan, predict, allow, write, settle, verify.

The write is a compare-and-swap on the CIB's version: see :mod:`~..store.swap`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum

from ...common import process
from ...common.errors import DeclarationError, SaltextError
from ..actions import DEFAULT_ALLOW, Action, refused_actions
from ..cib.document import Cib
from ..cib.patch import Patch, difference
from ..declaration import Declaration
from ..errors import ContentionError, NoQuorumError
from ..plan.model import AgentUse, Plan
from ..plan.planner import make_plan
from ..programs.agent_metadata import check_parameters, read_metadata
from ..scheduler.prediction import caused, predict
from ..store.model import Store
from ..store.swap import PlainPatch, swap
from .settle import Settlement, settle_and_verify


class AgentCheck(Enum):
    """The reaction to an agent that is not installed on the planning machine."""

    REFUSE = "refuse"
    WARN = "warn"
    SKIP = "skip"
    """Parameters are not checked either."""


@dataclass(frozen=True)
class Policy:
    """The limits of a transaction.

    :param allow: kinds of actions that the change may cause, a subset of :data:`~..actions.KINDS`
    :param rollback: whether to roll back a change that fails
    :param settle: whether to wait for the cluster and verify
    :param timeout: seconds for each tool, and for the cluster to settle
    :param agent_check: the reaction to an agent that is not installed here
    """

    allow: Collection[str] = DEFAULT_ALLOW
    rollback: bool = False
    settle: bool = True
    timeout: float = 60.0
    agent_check: AgentCheck = AgentCheck.REFUSE


@dataclass(frozen=True)
class Proposal:
    """A plan and the actions that it would cause."""

    plan: Plan
    actions: tuple[Action, ...] = ()
    refused: tuple[Action, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def patch(self) -> Patch:
        """Return the patch to write; it is empty if an action is refused."""
        return Patch(()) if self.refused else self.plan.patch

    @property
    def carries_secret(self) -> bool:
        """Return whether the patch contains a secret."""
        return self.plan.carries_secret


@dataclass(frozen=True)
class Outcome:
    """The result of a transaction."""

    proposal: Proposal
    written: bool = False
    attempts: int = 0
    settlement: Settlement = field(default_factory=Settlement)
    rolled_back: bool = False
    rollback_problem: str | None = None

    @property
    def succeeded(self) -> bool:
        return not self.proposal.refused and not self.settlement.failures


def propose(
    declaration: Declaration,
    snapshot: Cib,
    policy: Policy,
    *,
    document: str | None,
    writer: str = "",
    show_secrets: bool = False,
) -> Proposal:
    """Plan a declaration on a snapshot and predict the resulting actions; write nothing.

    :raises DeclarationError: the declaration is invalid, or conflicts with the configuration
    """
    plan = make_plan(declaration, snapshot, document=document, writer=writer, show_secrets=show_secrets)
    return propose_plan(plan, policy)


def propose_plan(plan: Plan, policy: Policy) -> Proposal:
    """Predict the actions that a plan would cause; write nothing.

    :raises DeclarationError: an agent is not installed, or its metadata does not allow a parameter
    """
    if not plan:
        return Proposal(plan)
    warnings = _check_agents(plan.agents, policy)
    actions = predict_change(plan, policy.timeout)
    refused = refused_actions(actions, policy.allow)
    return Proposal(plan, actions, refused, warnings)


def predict_change(plan: Plan, timeout: float) -> tuple[Action, ...]:
    """Predict the actions that a plan causes; run both simulations in parallel, as they dominate the time."""
    states = (plan.snapshot, plan.target)
    with ThreadPoolExecutor(max_workers=len(states)) as pool:
        try:
            before, after = pool.map(lambda cib: predict(cib, timeout=timeout), states)
        except (KeyboardInterrupt, SystemExit):
            process.end_running()
            raise
    return caused(before, after)


def commit(
    store: Store,
    declaration: Declaration,
    policy: Policy,
    *,
    document: str | None,
    writer: str = "",
    snapshot: Cib | None = None,
) -> Outcome:
    """Apply a declaration to the cluster's configuration.

    :param store: the store of the CIB
    :param document: the name under which objects are owned and pruned; None: neither
    :param writer: the name of the writer, recorded with the owned objects
    :param snapshot: a CIB that was just read, to save one read; the write detects an outdated one
    :raises DeclarationError: the declaration is invalid; nothing was written
    :raises NoQuorumError: a change is needed, but the cluster has no quorum; nothing was written
    :raises ContentionError: other writers were faster each time, until the policy's timeout; nothing was
        written
    :raises ToolFailedError: cibadmin rejects the change without another writer
    """

    def propose_on(cib: Cib) -> Proposal:
        return propose(declaration, cib, policy, document=document, writer=writer)

    return commit_proposals(store, propose_on, policy, snapshot=snapshot)


def commit_proposals(
    store: Store,
    propose_on: Callable[[Cib], Proposal],
    policy: Policy,
    *,
    snapshot: Cib | None = None,
) -> Outcome:
    """Write a proposal for the current CIB; propose again if another writer was faster.

    :param propose_on: proposes a change of the CIB that it is given
    :param snapshot: a CIB that was just read, to save one read
    :raises SaltextError: as for :func:`commit`
    """
    done = swap(
        store,
        lambda cib: _propose_for(store, propose_on, cib),
        timeout=policy.timeout,
        snapshot=snapshot,
    )
    outcome = Outcome(done.made, written=done.written, attempts=done.attempts)
    return _settle(store, outcome, policy) if done.written and policy.settle else outcome


def _propose_for(store: Store, propose_on: Callable[[Cib], Proposal], snapshot: Cib) -> Proposal:
    proposal = propose_on(snapshot)
    if proposal.plan:
        require_quorum(store, snapshot)
    return proposal


def require_quorum(store: Store, snapshot: Cib) -> None:
    """Raise :class:`NoQuorumError` if the cluster has no quorum; a sandbox needs none."""
    if not store.is_sandbox and not snapshot.has_quorum:
        raise NoQuorumError(
            "the cluster has no quorum, so nothing was written: bring the missing nodes back first"
        )


def _settle(store: Store, outcome: Outcome, policy: Policy) -> Outcome:
    proposal = outcome.proposal
    try:
        settlement = settle_and_verify(store, proposal.plan, proposal.actions, timeout=policy.timeout)
    except SaltextError as error:
        # The change is written already, so the error becomes part of the outcome.
        settlement = Settlement(idle=False, failures=(str(error),))
    outcome = replace(outcome, settlement=settlement)
    if not settlement.failures or not policy.rollback:
        return outcome
    try:
        return _roll_back(store, outcome, policy)
    except SaltextError as error:
        return replace(outcome, rollback_problem=f"not rolled back: {error}")


def _roll_back(store: Store, outcome: Outcome, policy: Policy) -> Outcome:
    """Apply the inverse patch, unless another process has changed the configuration since."""
    plan = outcome.proposal.plan
    inverse = PlainPatch(difference(plan.target, plan.snapshot))
    nothing = PlainPatch(Patch(()))
    try:
        done = swap(
            store,
            lambda cib: inverse if _is_own_write(plan, cib) else nothing,
            timeout=policy.timeout,
        )
    except ContentionError:
        return replace(
            outcome, rollback_problem="not rolled back, because other writers were faster each time"
        )
    if not done.written:
        return replace(
            outcome,
            rollback_problem="not rolled back, because another process has changed the configuration since",
        )
    return _settle_again(store, replace(outcome, rolled_back=True), policy)


def _settle_again(store: Store, outcome: Outcome, policy: Policy) -> Outcome:
    try:
        store.settle(policy.timeout)
    except SaltextError as error:
        return replace(outcome, rollback_problem=f"rolled back, but the result is unknown: {error}")
    return outcome


def _is_own_write(plan: Plan, current: Cib) -> bool:
    return current.version.configuration == plan.snapshot.version.next_epoch.configuration


def _check_agents(uses: Iterable[AgentUse], policy: Policy) -> tuple[str, ...]:
    """Check parameters against the agents' metadata; return warnings, raise :class:`DeclarationError`."""
    if policy.agent_check is AgentCheck.SKIP:
        return ()
    missing: dict[str, None] = {}
    for use in uses:
        path = f"resources.{use.resource}"
        metadata = read_metadata(use.agent, timeout=policy.timeout)
        if metadata is None:
            if policy.agent_check is AgentCheck.REFUSE:
                raise DeclarationError(
                    f"{path}.agent",
                    f"the agent {use.agent} is not installed on this machine; install it, or set "
                    "validate: false to skip this check",
                )
            missing[use.agent] = None
            continue
        for problem in check_parameters(metadata, use.params):
            raise DeclarationError(f"{path}.params", problem)
    if not missing:
        return ()
    return (f"not installed on this machine, so not checked: {', '.join(missing)}",)
