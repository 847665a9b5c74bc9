"""What a verb answers, whichever tool carried it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class MoveConstraint:
    """A constraint that moves or bans of a resource have left, and when it lapses.

    :param banned: it keeps the resource away from the node, where others bind it to the node
    :param until: an ISO 8601 time; None: until it is cleared
    """

    id: str
    resource: str
    node: str
    banned: bool
    until: str | None

    def __str__(self) -> str:
        """Say it as a person would.

        >>> str(MoveConstraint("cli-prefer-vip", "vip", "ctl2", False, None))
        'vip is bound to ctl2 by cli-prefer-vip until somebody clears it'
        """
        bound = "kept away from" if self.banned else "bound to"
        return (
            f"{self.resource} is {bound} {self.node} by {self.id} until {self.until or 'somebody clears it'}"
        )


@dataclass(frozen=True)
class Answer:
    """What a verb would do, or what it did.

    :param result: None where something would change, False where what was foretold failed or did not come
    :param actions: what the cluster was foretold to do
    :param happened: what it did, by its own record
    :param missing: what was foretold and did not happen
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
        """It as plain data."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


def foretold_comment(purpose: str, actions: Iterable[str], *, sandbox: bool) -> str:
    """What would happen, in sentences."""
    listed = "; ".join(actions)
    does = (
        f"Because of it the cluster does: {listed}." if listed else "The cluster does nothing because of it."
    )
    return _joined([f"Would {purpose}.", does], sandbox)


def unchanged_comment(result: str, *, sandbox: bool) -> str:
    """That all is as asked for."""
    return _joined([f"{_capitalised(result)} already; nothing is changed."], sandbox)


def done_comment(answer: Answer, result: str, *, sandbox: bool) -> str:
    """What happened, in sentences."""
    parts = [
        f"{_capitalised(result)}." if answer.result else "",
        _listed("The cluster did: ", answer.happened) or "The cluster had nothing to do.",
        _listed("Failed: ", answer.failures),
        _listed("Foretold, but not done: ", answer.missing),
        _listed("", answer.unstarted),
        _listed("", map(str, answer.constraints)),
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
