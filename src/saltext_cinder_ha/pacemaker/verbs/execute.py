"""Execute a request: the tool edits a copy of the CIB, the engine predicts and commits the result.

So ``test`` predicts exactly what is written, no concurrent change is lost, and an interruption leaves the CIB
in the old or the new state. Transient attributes are not configuration: for them, the tool edits the cluster
itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..actions import KINDS, Action, base_name
from ..cib import node_attributes
from ..cib.document import Cib
from ..cib.draft import Draft
from ..cib.elements import OBJECT_TAGS
from ..cib.history import actions_between
from ..cib.interventions import MoveConstraint, read_move_constraints
from ..cib.masking import Mask
from ..cib.patch import difference
from ..plan.changes import changes_of
from ..plan.model import Change, Plan
from ..session import Session
from ..status import read_status
from ..store.model import Store
from ..transaction.commit import (
    AgentCheck,
    Outcome,
    Policy,
    Proposal,
    commit_proposals,
    predict_change,
    propose_plan,
    require_quorum,
)
from ..transaction.settle import Settlement, why_stopped
from ..transaction.summary import changes
from .edits import Edit, TransientFlag
from .requests import Move, Request
from .result import VerbResult, done_comment, predicted_comment, unchanged_comment
from .tool_commands import choose_tool, edited
from .transient_flags import remove_flags

_UNRECORDED = ("fence", "reload")


def predict(session: Session, request: Request) -> VerbResult:
    """Predict the changes and actions of a request; change nothing.

    :raises SaltextError: as :func:`carry_out`
    """
    edits = request.missing_edits(session.snapshot)
    proposal = _propose(session, request, session.snapshot, edits)
    sandbox = session.is_sandbox
    if not _differs(proposal.plan):
        return VerbResult(True, unchanged_comment(request.result, sandbox=sandbox))
    actions = tuple(map(str, proposal.actions))
    comment = predicted_comment(request.purpose, actions, sandbox=sandbox)
    return VerbResult(None, comment, changes(proposal), actions)


def carry_out(session: Session, request: Request) -> VerbResult:
    """Execute a request, wait for the cluster, and report its actions.

    :raises DeclarationError: the cluster has no such node or resource, or would not act as requested; nothing
        was changed
    :raises ToolMissingError: neither pcs nor crm is installed, or not the one in the settings
    :raises ToolFailedError: the tool failed
    :raises NoQuorumError: the cluster has no quorum; nothing was changed
    :raises ContentionError: other writers were faster each time
    """
    edits = request.missing_edits(session.snapshot)
    if any(isinstance(edit, TransientFlag) for edit in edits):
        outcome = _carry_out_transient(session, request, edits)
    else:
        outcome = _commit(session, request)
    if not outcome.written:
        return VerbResult(True, unchanged_comment(request.result, sandbox=session.is_sandbox))
    answer = _answer(request, outcome, session.snapshot, session.timeout)
    return replace(answer, comment=done_comment(answer, request.result, sandbox=session.is_sandbox))


def not_done(predicted: tuple[Action, ...], done: tuple[Action, ...]) -> tuple[str, ...]:
    """Return the predicted actions that did not happen, apart from kinds that are not in the history."""
    seen = {action.essence for action in done}
    return tuple(
        str(action)
        for action in predicted
        if not action.blocked and action.kind not in _UNRECORDED and action.essence not in seen
    )


def _carry_out_transient(session: Session, request: Request, edits: Sequence[Edit]) -> Outcome:
    """Remove transient flags, then change the configuration if it differs as well."""
    timeout = session.timeout
    predicted = _propose(session, request, session.snapshot, edits)
    require_quorum(session.store, session.snapshot)
    flags = [edit for edit in edits if isinstance(edit, TransientFlag)]
    remove_flags(session.store, flags, choose_tool(session.settings.tool), timeout=timeout)
    session.forget()
    outcome = _commit(session, request)
    settlement = outcome.settlement if outcome.written else _settle(session.store, timeout)
    return replace(outcome, proposal=predicted, written=True, settlement=settlement)


def _commit(session: Session, request: Request) -> Outcome:
    """Write the edits that the configuration lacks."""

    def propose_on(cib: Cib) -> Proposal:
        edits = [edit for edit in request.missing_edits(cib) if not isinstance(edit, TransientFlag)]
        return _propose(session, request, cib, edits)

    snapshot = session.snapshot
    session.forget()
    return commit_proposals(session.store, propose_on, _policy(session), snapshot=snapshot)


def _settle(store: Store, timeout: float) -> Settlement:
    idle = store.settle(timeout)
    return Settlement(idle=idle, failures=() if idle else (f"the cluster is still busy after {timeout:g} s",))


def _policy(session: Session) -> Policy:
    # The operator asked explicitly: `allow` does not apply.
    return Policy(allow=KINDS, timeout=session.timeout, agent_check=AgentCheck.SKIP)


def _propose(session: Session, request: Request, cib: Cib, edits: Sequence[Edit]) -> Proposal:
    policy = _policy(session)
    target = cib
    if edits:
        tool = choose_tool(session.settings.tool)
        target = edited(cib, edits, tool, timeout=policy.timeout)
    plan = Plan("", cib, target, difference(cib, target), tuple(_changes(cib, target)))
    if not _differs(plan):
        return Proposal(plan)
    proposal = propose_plan(plan, policy) if plan else Proposal(plan, predict_change(plan, policy.timeout))
    request.check(cib, proposal.actions)
    return proposal


def _differs(plan: Plan) -> bool:
    # A transient flag is a change, but not part of a patch.
    return bool(plan or plan.changes)


def _changes(before: Cib, after: Cib) -> Iterator[Change]:
    draft = Draft(before)
    draft.cib, draft.by_id = after, after.by_id
    for name, element in {**before.by_id, **after.by_id}.items():
        if element.tag in OBJECT_TAGS:
            draft.touch(name)
    yield from changes_of(draft, Mask())
    for name in after.node_names():
        old, new = (_node_attributes(cib, name) for cib in (before, after))
        if old != new:
            differing = sorted(key for key in {**old, **new} if old.get(key) != new.get(key))
            yield Change("nodes", name, "node", *({k: a[k] for k in differing if k in a} for a in (old, new)))


def _node_attributes(cib: Cib, name: str) -> dict[str, str]:
    transient = node_attributes.transient(cib, name)
    return {
        **node_attributes.permanent(cib, name),
        **{f"{key} (transient)": value for key, value in transient.items()},
    }


def _answer(request: Request, outcome: Outcome, reached: Cib, timeout: float) -> VerbResult:
    proposal = outcome.proposal
    done = actions_between(proposal.plan.snapshot, reached)
    missing = not_done(proposal.actions, done)
    failures = outcome.settlement.failures
    return VerbResult(
        result=not failures and not missing,
        comment="",
        changes=changes(proposal),
        actions=tuple(map(str, proposal.actions)),
        happened=tuple(map(str, done)),
        missing=missing,
        failures=failures,
        unstarted=tuple(_unstarted(request, reached, timeout)),
        constraints=_constraints(request, reached),
    )


def _unstarted(request: Request, reached: Cib, timeout: float) -> Iterator[str]:
    subjects = request.subjects(reached)
    if not subjects:
        return
    status = read_status(reached, timeout=timeout)
    failed = {base_name(failure.resource) for failure in status.failures}
    for resource in status.resources:
        if resource.id in subjects and not resource.active and resource.id not in failed:
            yield f"{resource.id} is not running: {why_stopped(reached, status, resource)}"


def _constraints(request: Request, cib: Cib) -> tuple[MoveConstraint, ...]:
    if not isinstance(request, Move):
        return ()
    return tuple(found for found in read_move_constraints(cib) if found.resource == request.resource)
