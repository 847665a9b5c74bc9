"""Restarts across the cluster, one node at a time, even if several minions request them at once."""

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
"""How long a node waits for the others."""

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
    """Restart resources on one node under the cluster-wide restart lock.

    A node with a virtual address lets the others go first. The first restart that is refused or fails is the
    last one.

    :param next_resource: called under the lock; returns the next resource to restart in the current cluster,
        None to stop
    :param owner: a readable name of the caller
    :param within: seconds to wait for the lock
    :raises LockBusyError: the lock was busy for the whole time
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
    """Return whether a virtual IP address of the cluster is active on a node."""
    running = active_nodes(cib)
    return any(
        node in running.get(primitive.get("id"), ())
        for primitive in cib.configuration.iterfind("resources//primitive")
        if primitive.get("type") in _ADDRESSES
    )
