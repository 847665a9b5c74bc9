"""A lock that at most one process of the whole cluster holds at a time.

Each contender increments a heartbeat in the CIB; one that stalls for a lease is evicted. Each observer
measures the lease with its own clock, so clocks need not agree. A contender that is known to be gone (its
node is not a member, its process has ended) is evicted at once.
"""

from __future__ import annotations

import contextlib
import logging
import math
import random
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ...common.errors import SaltextError, ToolMissingError
from ..cib.document import Cib
from ..cib.patch import Patch, status_difference
from ..errors import ClusterNotRunningError, LockBusyError, LockLostError, NoQuorumError
from ..programs.crm_node import local_node
from ..session import Session
from ..store.model import Store
from ..store.swap import Swap, swap
from .contenders import (
    Contender,
    Process,
    advance,
    lost_nodes,
    next_holder,
    read_contenders,
    write_contenders,
)

LEASE_SECONDS = 30.0
"""How long a contender may stall before it is evicted."""

COURTESY_SECONDS = 5.0
"""How long a yielding contender waits for others before it takes a free lock."""

_HEARTBEATS_PER_LEASE = 3
_POLL_SECONDS = 0.5

_log = logging.getLogger(__name__)


class ClusterLocks:
    """The locks of one cluster, for one owner.

    :param session: the session with the cluster, or with a sandbox
    :param owner: a readable name of the owner: the minion's id
    :param lease: seconds after which a contender that stalls is evicted
    :param courtesy: seconds that a yielding contender waits for others to arrive

    >>> import tempfile
    >>> from saltext_cinder_ha.pacemaker.settings import Settings
    >>> folder = tempfile.TemporaryDirectory()
    >>> session = Session(Settings(cib_file=f"{folder.name}/cib.xml"))
    >>> with ClusterLocks(session, "ctl1").held("example", within=5) as lock:
    ...     lock.is_held
    True
    >>> folder.cleanup()
    """

    def __init__(
        self,
        session: Session,
        owner: str,
        *,
        lease: float = LEASE_SECONDS,
        courtesy: float = COURTESY_SECONDS,
    ):
        self._session = session
        self._owner = owner
        self._lease = lease
        self._courtesy = courtesy

    @contextlib.contextmanager
    def held(self, name: str, *, within: float, yields: bool = False) -> Iterator[Lock]:
        """Wait for the lock ``name``, hold it during the block, and always release it.

        First come, first served. A lock without contenders leaves nothing in the CIB.

        :param within: the maximum number of seconds to wait
        :param yields: let all other contenders go first, and give them a moment to arrive
        :raises ClusterNotRunningError: this machine is not in a cluster, or its cluster is not running
        :raises ToolMissingError: Pacemaker's tools are not installed
        :raises NoQuorumError: the cluster has no quorum: a process in another partition may hold the lock
        :raises LockBusyError: the lock was busy for the whole time
        """
        lock = Lock(self._session.store, name, self._contender(yields), self._lease)
        try:
            lock.wait(within, courtesy=self._courtesy if yields else 0)
            with lock.kept_alive():
                yield lock
        finally:
            lock.leave()

    @contextlib.contextmanager
    def held_or_alone(self, name: str, *, within: float) -> Iterator[None]:
        """Hold a lock as :meth:`held` does; proceed without one on a machine that is not in a cluster.

        :param within: the maximum number of seconds to wait
        :raises NoQuorumError: as :meth:`held`
        :raises LockBusyError: as :meth:`held`
        """
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(ClusterNotRunningError, ToolMissingError):
                stack.enter_context(self.held(name, within=within))
            yield

    def _contender(self, yields: bool) -> Contender:
        return Contender(
            id=f"saltext-entrant-{uuid.uuid4().hex}",
            owner=self._owner,
            node="" if self._session.is_sandbox else local_node(timeout=self._session.timeout),
            process=Process.current(),
            yields=yields,
        )


class Lock:
    """A lock as one contender sees it; see :meth:`ClusterLocks.held`."""

    def __init__(self, store: Store, name: str, me: Contender, lease: float):
        self.name = name
        self._store = store
        self._me = me
        self._lease = lease
        self._observed = _Heartbeats(lease)
        self._last_heartbeat = -math.inf
        self._held_until = -math.inf
        self._entered = False
        self._over = threading.Event()

    @property
    def is_held(self) -> bool:
        """Return whether the lock is held for certain: the lease has not expired."""
        return _now() < self._held_until

    def require(self, cib: Cib | None = None) -> None:
        """Raise unless the lock is still held.

        :param cib: a snapshot that must show this contender as the holder: a write that is guarded by the
            snapshot's version then fails if the lock is lost meanwhile
        :raises LockLostError: the lock was lost
        """
        if not self.is_held or not (cib is None or self._is_holder(read_contenders(cib, self.name))):
            raise LockLostError(
                f"the lock {self.name!r} was lost: the cluster got no heartbeat from its owner for "
                f"{self._lease:g} s, so another process may hold it now"
            )

    def wait(self, within: float, *, courtesy: float) -> None:
        """Wait until this contender holds the lock; see :meth:`ClusterLocks.held`."""
        began = _now()
        while not self._step(may_take=_now() >= began + courtesy):
            if _now() > began + within:
                raise LockBusyError(self._busy(within))
            # The command-line tools offer no event to wait for.
            time.sleep(_POLL_SECONDS * random.uniform(0.5, 1))  # noqa: S311

    @contextlib.contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Send heartbeats while the block runs."""
        heartbeats = threading.Thread(target=self._send_heartbeats, name=f"lock {self.name}", daemon=True)
        heartbeats.start()
        try:
            yield
        finally:
            self._over.set()
            heartbeats.join()

    def leave(self) -> None:
        """Release the lock, or leave the queue."""
        self._held_until = -math.inf
        if not self._entered:
            return
        try:
            self._change(lambda _cib, contenders: [c for c in contenders if c.id != self._me.id])
        except SaltextError as error:
            # The lease expires by itself, and the work under the lock is done.
            _log.warning("The lock %r could not be released: %s", self.name, error)

    def _step(self, *, may_take: bool) -> bool:
        """Join the queue, send a heartbeat or take the lock; return whether the lock is held."""
        began = _now()

        def queue_up(cib: Cib, contenders: Sequence[Contender]) -> Sequence[Contender]:
            self._require_quorum(cib)
            self._observed.observe(contenders)
            gone = self._gone(cib, contenders)
            wanted = advance(contenders, self._me, gone=gone, may_take=may_take)
            if wanted == contenders and began < self._last_heartbeat + self._lease / _HEARTBEATS_PER_LEASE:
                return contenders
            self._entered = True
            self._me = replace(self._me, heartbeat=self._me.heartbeat + 1)
            return advance(contenders, self._me, gone=gone, may_take=may_take)

        done = self._change(queue_up)
        if not done.written:
            return False
        self._last_heartbeat = began
        if self._is_holder(done.made.contenders):
            self._held_until = began + self._lease
        return self.is_held

    def _gone(self, cib: Cib, contenders: Iterable[Contender]) -> set[str]:
        lost = lost_nodes(cib)
        return {c.id for c in contenders if c.id != self._me.id and self._is_gone(c, lost)}

    def _is_gone(self, contender: Contender, lost: Collection[str]) -> bool:
        has_ended = contender.process is not None and contender.process.has_ended
        return contender.node in lost or has_ended or self._observed.is_stalled(contender)

    def _is_holder(self, contenders: Iterable[Contender]) -> bool:
        return any(contender.id == self._me.id and contender.holds for contender in contenders)

    def _send_heartbeats(self) -> None:
        while not self._over.wait(self._lease / _HEARTBEATS_PER_LEASE) and self.is_held:
            try:
                self._renew()
            except SaltextError as error:
                _log.warning("The lock %r could not be renewed: %s", self.name, error)

    def _renew(self) -> None:
        began = _now()
        self._me = replace(self._me, heartbeat=self._me.heartbeat + 1, holds=True)
        done = self._change(
            lambda _cib, contenders: [self._me if c.id == self._me.id else c for c in contenders]
        )
        self._held_until = began + self._lease if self._is_holder(done.made.contenders) else -math.inf

    def _change(self, make: Callable[[Cib, Sequence[Contender]], Sequence[Contender]]) -> Swap[_Queue]:
        """Write the contenders that ``make`` returns, if they differ."""

        def queue(cib: Cib) -> _Queue:
            contenders = tuple(make(cib, read_contenders(cib, self.name)))
            target = cib.copy()
            write_contenders(target, self.name, contenders)
            return _Queue(contenders, status_difference(cib, target))

        return swap(self._store, queue, timeout=self._lease)

    def _require_quorum(self, cib: Cib) -> None:
        if not self._store.is_sandbox and not cib.has_quorum:
            raise NoQuorumError(
                f"the cluster has no quorum, so the lock {self.name!r} cannot be acquired: a process in "
                "another partition may hold it"
            )

    def _busy(self, within: float) -> str:
        others = [c for c in read_contenders(self._store.read(), self.name) if c.id != self._me.id]
        first = next_holder(others)
        holder = f"{first} holds it" if first else "other processes acquired it first each time"
        return f"the lock {self.name!r} was not acquired within {within:g} s: {holder}; try again"


@dataclass(frozen=True)
class _Queue:
    """The contenders to write, and the patch that writes them."""

    contenders: tuple[Contender, ...]
    patch: Patch
    carries_secret: bool = False


class _Heartbeats:
    """The time at which each heartbeat was first seen, by the clock of this machine."""

    def __init__(self, lease: float):
        self._lease = lease
        self._since: dict[tuple[str, int], float] = {}

    def observe(self, contenders: Iterable[Contender]) -> None:
        now = _now()
        self._since = {(c.id, c.heartbeat): self._since.get((c.id, c.heartbeat), now) for c in contenders}

    def is_stalled(self, contender: Contender) -> bool:
        return _now() > self._since[contender.id, contender.heartbeat] + self._lease


def _now() -> float:
    # Unlike the monotonic clock, it advances while the machine is suspended.
    return time.clock_gettime(time.CLOCK_BOOTTIME)
