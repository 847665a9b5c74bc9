"""Summaries of proposals and outcomes: sentences for users, plain data for states."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .commit import Outcome, Proposal

_VERBS = {
    "create": ("would be created", "created"),
    "update": ("would be changed", "changed"),
    "remove": ("would be removed", "removed"),
}


def changes(proposal: Proposal) -> dict[str, Any]:
    """Return the changes by section and object, and the actions that they cause.

    The result does not depend on whether the proposal was applied.
    """
    found: dict[str, Any] = proposal.plan.to_dict()
    if proposal.actions:
        found["actions"] = [str(action) for action in proposal.actions]
    return found


def describe_proposal(proposal: Proposal, *, sandbox: bool) -> str:
    """Return sentences about what would happen."""
    if not proposal.plan:
        parts = ["The configuration is as declared."]
    elif proposal.refused:
        parts = [refusal(proposal)]
    else:
        parts = [_count(proposal, done=False), _actions(proposal)]
    return _joined([*parts, *_remarks(proposal)], sandbox)


def describe_outcome(outcome: Outcome, *, sandbox: bool) -> str:
    """Return sentences about what happened."""
    proposal, settlement = outcome.proposal, outcome.settlement
    if not outcome.written:
        return describe_proposal(proposal, sandbox=sandbox)
    parts = [_count(proposal, done=True), _actions(proposal)]
    parts += [_sentence("Failed: ", settlement.failures), _sentence("", settlement.unstarted)]
    if outcome.rollback_problem:
        parts.append(f"The change was {outcome.rollback_problem}.")
    elif outcome.rolled_back:
        parts.append("The change was rolled back.")
    return _joined([*parts, *_remarks(proposal)], sandbox)


def refusal(proposal: Proposal) -> str:
    """Return a sentence on why nothing was written."""
    return (
        f"Refused, nothing was written: the change would {_listed(map(str, proposal.refused))}, "
        "which allow does not include."
    )


def _count(proposal: Proposal, *, done: bool) -> str:
    counted = Counter(change.action for change in proposal.plan.changes)
    parts = [f"{counted[a]} {_VERBS[a][done]}" for a in _VERBS if counted[a]]
    if proposal.plan.ownership:
        parts.append("what this document owns " + ("changed" if done else "would change"))
    if not parts:
        parts.append("the record of this document " + ("changed" if done else "would change"))
    return f"{', '.join(parts)}."


def _actions(proposal: Proposal) -> str:
    if not proposal.actions:
        return "The change causes no actions."
    return f"The change causes these actions: {_listed(map(str, proposal.actions))}."


def _remarks(proposal: Proposal) -> list[str]:
    plan = proposal.plan
    return [
        _sentence("Left as the operator set it: ", plan.interventions),
        _sentence("Warning: ", proposal.warnings),
        _sentence("Note: ", plan.notes),
    ]


def _sentence(start: str, items: tuple[str, ...]) -> str:
    if not items:
        return ""
    said = f"{start}{'; '.join(items)}"
    return said if said.endswith(("?", ".")) else f"{said}."


def _listed(items: Any) -> str:
    return "; ".join(items)


def _joined(parts: list[str], sandbox: bool) -> str:
    marked = "In the sandbox, no cluster is touched." if sandbox else ""
    return "\n".join(filter(None, [*parts, marked]))
