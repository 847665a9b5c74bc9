"""Restarts of a whole cluster, one node at a time, whatever the number of minions that want them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..actions import DEFAULT_ALLOW
from ..cib.activity import whereabouts
from ..cib.document import Cib
from ..lock.lock import Turns
from ..session import Session
from .instance import Restart, restart

RESTART_TURN = "restart"
WITHIN_SECONDS = 900.0
"""How long a node waits for the others at most."""

_ADDRESSES = ("IPaddr", "IPaddr2", "IPv6addr")


def restart_in_turn(
    session: Session,
    node: str,
    next_resource: Callable[[], str | None],
    *,
    owner: str,
    allow: Collection[str] = DEFAULT_ALLOW,
    within: float = WITHIN_SECONDS,
) -> tuple[Restart, ...]:
    """Restart resources on one node while no other does; one with a virtual address lets the others go first.

    Ends with the first restart that is refused or fails.

    :param next_resource: says in the turn what to restart next, by the cluster as it is then; None: no more
    :param owner: who restarts, for people
    :param within: seconds to wait for the turn
    :raises TurnBusyError: the turn did not come
    :raises SaltextError: as :func:`~.instance.restart`
    """
    done: list[Restart] = []
    turns = Turns(session, owner)
    with turns.taken(RESTART_TURN, within=within, yields=has_address(session.snapshot, node)) as turn:
        session.forget()
        while (resource := next_resource()) is not None:
            done.append(restart(session, resource, node, allow=allow, turn=turn))
            if done[-1].refused or done[-1].failures:
                break
    return tuple(done)


def has_address(cib: Cib, node: str) -> bool:
    """Say whether a node has a virtual IP address of the cluster's."""
    running = whereabouts(cib)
    return any(
        node in running.get(primitive.get("id"), ())
        for primitive in cib.configuration.iterfind("resources//primitive")
        if primitive.get("type") in _ADDRESSES
    )
