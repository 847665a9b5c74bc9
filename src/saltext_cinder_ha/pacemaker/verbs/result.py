"""The result of a verb, whichever tool carried it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..cib.interventions import MoveConstraint


@dataclass(frozen=True)
class VerbResult:
    """What a verb would do, or what it did.

    :param result: None where something would change, False where what was predicted failed or did not come
    :param actions: the prediction
    :param happened: what the cluster did, by its operation history
    :param missing: the predicted actions that did not happen
    :param failures: sentences
    :param unstarted: sentences about what does not run for a reason that is no failure
    :param constraints: those that a move has left
    """

    result: bool | None
    comment: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    happened: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    unstarted: tuple[str, ...] = ()
    constraints: tuple[MoveConstraint, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


def predicted_comment(purpose: str, actions: Iterable[str], *, sandbox: bool) -> str:
    """Say what would happen."""
    listed = "; ".join(actions)
    does = (
        f"Because of it the cluster does: {listed}." if listed else "The cluster does nothing because of it."
    )
    return _joined([f"Would {purpose}.", does], sandbox)


def unchanged_comment(result: str, *, sandbox: bool) -> str:
    """Say that all is as asked for."""
    return _joined([f"{_capitalised(result)} already; nothing is changed."], sandbox)


def done_comment(answer: VerbResult, result: str, *, sandbox: bool) -> str:
    """Say what happened."""
    parts = [
        f"{_capitalised(result)}." if answer.result else "",
        _listed("The cluster did: ", answer.happened) or "The cluster had nothing to do.",
        _listed("Failed: ", answer.failures),
        _listed("Predicted, but not done: ", answer.missing),
        _listed("", answer.unstarted),
        _listed("", (c.lasting for c in answer.constraints)),
    ]
    return _joined(parts, sandbox)


def _listed(start: str, items: Iterable[str]) -> str:
    found = "; ".join(items)
    return f"{start}{found}." if found else ""


def _capitalised(sentence: str) -> str:
    # The name of an object keeps its spelling.
    return f"The{sentence[3:]}" if sentence.startswith("the ") else sentence


def _joined(parts: Iterable[str], sandbox: bool) -> str:
    marked = "In the sandbox, no cluster is touched." if sandbox else ""
    return "\n".join(filter(None, [*parts, marked]))
