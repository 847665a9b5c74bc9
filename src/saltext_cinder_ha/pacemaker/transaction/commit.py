"""Read, plan, predict, allow, write, settle, verify: the way of one declaration into the cluster.

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
    """What to do about an agent that is not installed where a change is planned."""

    REFUSE = "refuse"
    WARN = "warn"
    SKIP = "skip"
    """Nor are parameters checked."""


@dataclass(frozen=True)
class Policy:
    """How far a transaction may go.

    :param allow: the kinds of actions that the change may cause, a subset of :data:`~..actions.KINDS`
    :param rollback: whether a change that does not settle is taken back
    :param settle: whether to wait for the cluster and verify
    :param timeout: seconds for each tool, and for the settling
    :param agent_check: what an agent means that is not installed here
    """

    allow: Collection[str] = DEFAULT_ALLOW
    rollback: bool = False
    settle: bool = True
    timeout: float = 60.0
    agent_check: AgentCheck = AgentCheck.REFUSE


@dataclass(frozen=True)
class Proposal:
    """A plan and what it would cause."""

    plan: Plan
    actions: tuple[Action, ...] = ()
    refused: tuple[Action, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def patch(self) -> Patch:
        """Return what is to be written: nothing of what is refused."""
        return Patch(()) if self.refused else self.plan.patch

    @property
    def carries_secret(self) -> bool:
        """Say whether the patch holds a secret."""
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
    """Plan a declaration on a snapshot and predict what the cluster would do; write nothing.

    :raises DeclarationError: the declaration is wrong or does not fit
    """
    plan = make_plan(declaration, snapshot, document=document, writer=writer, show_secrets=show_secrets)
    return propose_plan(plan, policy)


def propose_plan(plan: Plan, policy: Policy) -> Proposal:
    """Predict what the cluster would do because of a plan; write nothing.

    :raises DeclarationError: an agent is not installed, or its metadata does not allow a parameter
    """
    if not plan:
        return Proposal(plan)
    warnings = _check_agents(plan.agents, policy)
    actions = predict_change(plan, policy.timeout)
    refused = refused_actions(actions, policy.allow)
    return Proposal(plan, actions, refused, warnings)


def predict_change(plan: Plan, timeout: float) -> tuple[Action, ...]:
    """Predict what a plan causes; run both simulations at once, as they take most of the time."""
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
    """Make the cluster's configuration be what a declaration says.

    :param store: where the CIB lives
    :param document: the name under which objects are owned and pruned; None: neither
    :param writer: who writes, for the record beside the owned objects
    :param snapshot: a CIB read a moment ago; saves one read, and an old one is noticed by the write
    :raises DeclarationError: the declaration is wrong; nothing was written
    :raises NoQuorumError: something differs, but the cluster has no quorum; nothing was written
    :raises ContentionError: other writers were faster each time, until the policy's timeout; nothing was
        written
    :raises ToolFailedError: the change is not taken, although nobody else writes
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
    """Write what is proposed on the CIB as it is; propose again whenever somebody else was faster.

    :param propose_on: proposes a change of the CIB that it is given
    :param snapshot: a CIB read a moment ago; saves one read
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
    """Raise :class:`NoQuorumError` where a write would be one of a cluster's lesser part."""
    if not store.is_sandbox and not snapshot.has_quorum:
        raise NoQuorumError(
            "the cluster has no quorum, so nothing is written: bring the missing nodes back first"
        )


def _settle(store: Store, outcome: Outcome, policy: Policy) -> Outcome:
    proposal = outcome.proposal
    try:
        settlement = settle_and_verify(store, proposal.plan, proposal.actions, timeout=policy.timeout)
    except SaltextError as error:
        # It is written: whatever goes wrong from here on belongs to the outcome.
        settlement = Settlement(idle=False, failures=(str(error),))
    outcome = replace(outcome, settlement=settlement)
    if not settlement.failures or not policy.rollback:
        return outcome
    try:
        return _roll_back(store, outcome, policy)
    except SaltextError as error:
        return replace(outcome, rollback_problem=f"not taken back: {error}")


def _roll_back(store: Store, outcome: Outcome, policy: Policy) -> Outcome:
    """Apply the inverse patch, unless somebody else wrote since: then theirs would be at risk."""
    plan = outcome.proposal.plan
    inverse = PlainPatch(difference(plan.target, plan.snapshot))
    nothing = PlainPatch(Patch(()))
    try:
        done = swap(
            store,
            lambda cib: inverse if _is_our_writing(plan, cib) else nothing,
            timeout=policy.timeout,
        )
    except ContentionError:
        return replace(outcome, rollback_problem="not taken back, because others wrote faster each time")
    if not done.written:
        return replace(outcome, rollback_problem="not taken back, because somebody else has written since")
    return _settle_again(store, replace(outcome, rolled_back=True), policy)


def _settle_again(store: Store, outcome: Outcome, policy: Policy) -> Outcome:
    try:
        store.settle(policy.timeout)
    except SaltextError as error:
        return replace(outcome, rollback_problem=f"taken back, but how that went is not known: {error}")
    return outcome


def _is_our_writing(plan: Plan, current: Cib) -> bool:
    return current.version.configuration == plan.snapshot.version.next_epoch.configuration


def _check_agents(uses: Iterable[AgentUse], policy: Policy) -> tuple[str, ...]:
    """Check parameters against the agents' metadata; return warnings, raise for mistakes."""
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
