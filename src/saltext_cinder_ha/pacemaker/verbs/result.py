"""The result of a verb, independent of the tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..cib.interventions import MoveConstraint


@dataclass(frozen=True)
class VerbResult:
    """The prediction or the result of a verb.

    :param result: None if something would change, False if a predicted action failed or did not happen
    :param actions: the predicted actions
    :param happened: the actions that the operation history shows
    :param missing: the predicted actions that did not happen
    :param failures: a sentence for each failure
    :param unstarted: a sentence for each resource that is not running, but did not fail
    :param constraints: the constraints that a move created
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
        """Return the result as plain data."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


def predicted_comment(purpose: str, actions: Iterable[str], *, sandbox: bool) -> str:
    """Return a comment about the prediction."""
    listed = "; ".join(actions)
    caused = f"The change causes these actions: {listed}." if listed else "The change causes no actions."
    return _joined([f"Would {purpose}.", caused], sandbox)


def unchanged_comment(result: str, *, sandbox: bool) -> str:
    """Return a comment that the requested state is there already."""
    return _joined([f"{_capitalised(result)} already; nothing is changed."], sandbox)


def done_comment(answer: VerbResult, result: str, *, sandbox: bool) -> str:
    """Return a comment about the result."""
    parts = [
        f"{_capitalised(result)}." if answer.result else "",
        _listed("The cluster did: ", answer.happened) or "The cluster had nothing to do.",
        _listed("Failed: ", answer.failures),
        _listed("Predicted, but not done: ", answer.missing),
        _listed("", answer.unstarted),
        _listed("", (c.with_end for c in answer.constraints)),
    ]
    return _joined(parts, sandbox)


def _listed(start: str, items: Iterable[str]) -> str:
    found = "; ".join(items)
    return f"{start}{found}." if found else ""


def _capitalised(sentence: str) -> str:
    # Do not capitalize the name of an object.
    return f"The{sentence[3:]}" if sentence.startswith("the ") else sentence


def _joined(parts: Iterable[str], sandbox: bool) -> str:
    marked = "In the sandbox, no cluster is touched." if sandbox else ""
    return "\n".join(filter(None, [*parts, marked]))
