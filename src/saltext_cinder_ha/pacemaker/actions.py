"""Actions of a cluster on its resources and nodes, and which of them are allowed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..common.errors import DeclarationError

KINDS = ("start", "stop", "restart", "move", "promote", "demote", "fence")
"""The kinds that can be allowed. A ``reload`` is predicted as well, but interrupts nothing."""

DEFAULT_ALLOW = tuple(kind for kind in KINDS if kind != "fence")


@dataclass(frozen=True)
class Action:
    """An action of the cluster on a resource, or (``fence``) on a node.

    :param kind: one of :data:`KINDS`, or ``reload``
    :param resource: the resource's id, with the instance number only where the clone is globally
        unique; None when a node is fenced
    :param node: the node of the action; for a move, the source
    :param destination: the target node of a move
    :param reason: Pacemaker's reason, if it gives one
    :param blocked: whether the cluster wants to, but cannot
    """

    kind: str
    resource: str | None
    node: str | None
    destination: str | None = None
    reason: str | None = None
    blocked: bool = False

    def __str__(self) -> str:
        """Return the action as text.

        >>> str(Action("restart", "vip", "ctl1", reason="resource definition change"))
        'restart vip on ctl1 (resource definition change)'
        >>> str(Action("move", "vip", "ctl1", "ctl2"))
        'move vip from ctl1 to ctl2'
        >>> str(Action("start", "vip", "ctl1", reason="no quorum", blocked=True))
        'start vip on ctl1: blocked (no quorum)'
        """
        words = f"{self._phrase()}: blocked" if self.blocked else self._phrase()
        return f"{words} ({self.reason})" if self.reason else words

    @property
    def essence(self) -> tuple[object, ...]:
        """Return the fields that identify an action.

        Reasons and instance numbers are left out: they depend on the order of the scheduler's work.
        """
        resource = base_name(self.resource) if self.resource else None
        return self.kind, resource, self.node, self.destination, self.blocked

    def _phrase(self) -> str:
        if self.resource is None:
            return f"{self.kind} {self.node}"
        if self.destination is not None:
            return f"{self.kind} {self.resource} from {self.node} to {self.destination}"
        return f"{self.kind} {self.resource} on {self.node}"


def parse_allow(value: object) -> frozenset[str]:
    """Parse the allowed kinds of actions; raise :class:`DeclarationError` for an unknown one.

    >>> sorted(parse_allow(["start", "stop"]))
    ['start', 'stop']
    """
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise _no_kinds()
    for kind in value:
        if not isinstance(kind, str):
            raise _no_kinds()
        if kind not in KINDS:
            raise DeclarationError("allow", f"{kind!r} is not a kind of action; allowed: {', '.join(KINDS)}")
    return frozenset(value)


def _no_kinds() -> DeclarationError:
    return DeclarationError("allow", f"should be a list of {', '.join(KINDS)}")


def refused_actions(actions: Iterable[Action], allow: Collection[str]) -> tuple[Action, ...]:
    """Return the actions that are not allowed; a blocked one needs no permission."""
    return tuple(a for a in actions if a.kind in KINDS and a.kind not in allow and not a.blocked)


def base_name(name: str) -> str:
    """Return the id of a resource without an instance number.

    >>> base_name("shard:1"), base_name("vip")
    ('shard', 'vip')
    """
    return re.sub(r":\d+$", "", name)
