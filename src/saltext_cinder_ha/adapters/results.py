"""Make the results of Salt's states and functions out of those of the other packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..deploy.state_result import StateResult
from ..pacemaker.restart.instance import Restart, restart_changes
from ..pacemaker.transaction import summary
from ..pacemaker.transaction.commit import Outcome, Proposal


def as_state(name: str, found: StateResult) -> dict[str, Any]:
    """Return the result of a state of the formula."""
    return {"name": name, "result": found.result, "changes": dict(found.changes), "comment": found.comment}


def proposal_as_state(name: str, proposal: Proposal, *, sandbox: bool) -> dict[str, Any]:
    """Return a state's result with ``test=True``: None if it would change something, False if refused."""
    result = True if not proposal.plan else None
    return {
        "name": name,
        "result": False if proposal.refused else result,
        "changes": {} if proposal.refused else summary.changes(proposal),
        "comment": summary.describe_proposal(proposal, sandbox=sandbox),
    }


def outcome_as_state(name: str, outcome: Outcome, *, sandbox: bool) -> dict[str, Any]:
    """Return the result of a state that was applied."""
    kept = outcome.written and not outcome.rolled_back
    return {
        "name": name,
        "result": outcome.succeeded,
        "changes": summary.changes(outcome.proposal) if kept else {},
        "comment": summary.describe_outcome(outcome, sandbox=sandbox),
    }


def restarts_as_state(
    name: str, restarts: Sequence[Restart], *, unchanged: str, test: bool, sandbox: bool
) -> dict[str, Any]:
    """Return the result of a state that restarts resources, or would with ``test``.

    :param unchanged: the sentence if there is nothing to restart
    """
    failed = any(one.refused or one.failures for one in restarts)
    sentences = [one.describe(done=not test) for one in restarts] or [unchanged]
    if sandbox:
        sentences.append("(sandbox)")
    changed = restart_changes(restarts)
    result = None if test and changed else True
    return {
        "name": name,
        "result": False if failed else result,
        "changes": changed,
        "comment": " ".join(sentences),
    }


def proposal_as_data(proposal: Proposal, *, sandbox: bool) -> dict[str, Any]:
    """Return a proposal as the result of an execution function."""
    return {
        "changes": proposal.plan.to_dict(),
        "actions": [str(action) for action in proposal.actions],
        "refused": [str(action) for action in proposal.refused],
        "warnings": [*proposal.warnings, *proposal.plan.notes],
        "interventions": list(proposal.plan.interventions),
        "comment": summary.describe_proposal(proposal, sandbox=sandbox),
        "sandbox": sandbox,
    }


def predicted_as_data(proposal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of ``apply`` with ``test``; ``result`` is None if something would change.

    :param proposal: as :func:`proposal_as_data` returns it
    """
    result = None if proposal["changes"] else True
    return {"result": False if proposal["refused"] else result, "written": False, **proposal}


def outcome_as_data(outcome: Outcome, *, sandbox: bool) -> dict[str, Any]:
    """Return an outcome as the result of an execution function."""
    return {
        **proposal_as_data(outcome.proposal, sandbox=sandbox),
        "result": outcome.succeeded,
        "written": outcome.written,
        "rolled_back": outcome.rolled_back,
        "failures": list(outcome.settlement.failures),
        "unstarted": list(outcome.settlement.unstarted),
        "comment": summary.describe_outcome(outcome, sandbox=sandbox),
    }
