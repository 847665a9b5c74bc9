"""Restarts of a whole cluster, one node at a time, whatever the number of minions that want them at once."""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..actions import DEFAULT_ALLOW
from ..cib.document import Cib
from ..cib.history import active_nodes
from ..lock.lock import ClusterLocks
from ..session import Session
from .instance import Restart, restart

RESTART_LOCK = "restart"
WITHIN_SECONDS = 900.0
"""How long a node waits for the others at most."""

_ADDRESSES = ("IPaddr", "IPaddr2", "IPv6addr")


def restart_under_lock(
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

    :param next_resource: called under the lock; returns what to restart next, by the cluster as it is
        then, None for no more
    :param owner: who restarts, for people
    :param within: seconds to wait for the lock
    :raises LockBusyError: others held the lock all the time
    :raises SaltextError: as :func:`~.instance.restart`
    """
    done: list[Restart] = []
    locks = ClusterLocks(session, owner)
    with locks.held(RESTART_LOCK, within=within, yields=has_address(session.snapshot, node)) as lock:
        session.forget()
        while (resource := next_resource()) is not None:
            done.append(restart(session, resource, node, allow=allow, lock=lock))
            if done[-1].refused or done[-1].failures:
                break
    return tuple(done)


def has_address(cib: Cib, node: str) -> bool:
    """Say whether a node has a virtual IP address of the cluster's."""
    running = active_nodes(cib)
    return any(
        node in running.get(primitive.get("id"), ())
        for primitive in cib.configuration.iterfind("resources//primitive")
        if primitive.get("type") in _ADDRESSES
    )
