"""A turn that at most one process of the whole cluster has at a time.

Every entrant moves a number in the CIB as long as it lives. Who sees the number of another stand still for
the time of a lease, by its own clock, takes that one out: no two clocks are ever compared. Whoever is known
to be gone (its node is no member, its process has ended) is taken out at once.
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
from ..errors import ClusterNotRunningError, NoQuorumError, TurnBusyError, TurnLostError
from ..programs.crm_node import local_node
from ..session import Session
from ..store.model import Store
from ..store.swap import Swap, swap
from .contenders import Entrant, Process, advance, lost_nodes, next_in_turn, read_entrants, write_entrants

LEASE_SECONDS = 30.0
"""How long an entrant lives of whom nothing is heard."""

COURTESY_SECONDS = 5.0
"""How long one that yields leaves the others to come, before it takes a turn that nobody wants."""

_BEATS_PER_LEASE = 3
_POLL_SECONDS = 0.5

_log = logging.getLogger(__name__)


class Turns:
    """The turns of one cluster, for one owner.

    :param session: with the cluster, or a sandbox
    :param owner: who takes turns, for people: the minion's id
    :param lease: seconds after which an entrant is taken out of whom nothing was heard
    :param courtesy: seconds that one that yields leaves the others to come

    >>> import tempfile
    >>> from saltext_cinder_ha.pacemaker.settings import Settings
    >>> folder = tempfile.TemporaryDirectory()
    >>> session = Session(Settings(cib_file=f"{folder.name}/cib.xml"))
    >>> with Turns(session, "ctl1").taken("example", within=5) as turn:
    ...     turn.is_held
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
    def taken(self, name: str, *, within: float, yields: bool = False) -> Iterator[Turn]:
        """Wait for the turn ``name``, have it for the block, give it back whatever happens in there.

        Who comes first goes first. Nothing is left in the CIB when nobody has the turn or waits for it.

        :param within: seconds to wait at most
        :param yields: let everybody go first who waits, and leave the others a moment to come
        :raises ClusterNotRunningError: this machine is in no cluster, or its cluster does not run
        :raises ToolMissingError: Pacemaker's tools are not installed
        :raises NoQuorumError: the cluster has no quorum: in another part somebody may have the turn
        :raises TurnBusyError: it was somebody else's all the time
        """
        turn = Turn(self._session.store, name, self._entrant(yields), self._lease)
        try:
            turn.wait(within, courtesy=self._courtesy if yields else 0)
            with turn.kept_alive():
                yield turn
        finally:
            turn.leave()

    @contextlib.contextmanager
    def taken_or_alone(self, name: str, *, within: float) -> Iterator[None]:
        """As :meth:`taken`; a machine in no cluster has nobody to share a turn with, and goes on without one.

        :param within: seconds to wait at most
        :raises NoQuorumError: as :meth:`taken`
        :raises TurnBusyError: as :meth:`taken`
        """
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(ClusterNotRunningError, ToolMissingError):
                stack.enter_context(self.taken(name, within=within))
            yield

    def _entrant(self, yields: bool) -> Entrant:
        return Entrant(
            id=f"saltext-entrant-{uuid.uuid4().hex}",
            owner=self._owner,
            node="" if self._session.is_sandbox else local_node(timeout=self._session.settings.timeout),
            process=Process.current(),
            yields=yields,
        )


class Turn:
    """One entrant's turn. Made by :meth:`Turns.taken`."""

    def __init__(self, store: Store, name: str, me: Entrant, lease: float):
        self.name = name
        self._store = store
        self._me = me
        self._lease = lease
        self._hearing = _Hearing(lease)
        self._beaten = -math.inf
        self._held_until = -math.inf
        self._entered = False
        self._over = threading.Event()

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have the turn yet."""
        return _now() < self._held_until

    def require(self, cib: Cib | None = None) -> None:
        """Make sure that the turn is still held.

        :param cib: a snapshot that has to show it, too: a write that is guarded by the snapshot's version
            then cannot come from one that has lost its turn meanwhile
        :raises TurnLostError: it is not
        """
        if not self.is_held or not (cib is None or self._is_holder(read_entrants(cib, self.name))):
            raise TurnLostError(
                f"the turn {self.name!r} was lost: for {self._lease:g} s the cluster heard nothing from its "
                "owner, so that somebody else may have it now"
            )

    def wait(self, within: float, *, courtesy: float) -> None:
        """Queue up, and return when the turn is this entrant's; see :meth:`Turns.taken`."""
        began = _now()
        while not self._step(may_take=_now() >= began + courtesy):
            if _now() > began + within:
                raise TurnBusyError(self._busy(within))
            # A CIB has no event to wait for that the command-line tools could tell.
            time.sleep(_POLL_SECONDS * random.uniform(0.5, 1))  # noqa: S311

    @contextlib.contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Let the others hear of this entrant while the block runs."""
        beats = threading.Thread(target=self._beat, name=f"turn {self.name}", daemon=True)
        beats.start()
        try:
            yield
        finally:
            self._over.set()
            beats.join()

    def leave(self) -> None:
        """Give the turn back, or the place in the queue."""
        self._held_until = -math.inf
        if not self._entered:
            return
        try:
            self._change(lambda _cib, entrants: [e for e in entrants if e.id != self._me.id])
        except SaltextError as error:
            # It ends by itself, and what was done in it is done.
            _log.warning("The turn %r could not be given back: %s", self.name, error)

    def _step(self, *, may_take: bool) -> bool:
        """Do what there is to do at this moment; say whether the turn is held."""
        began = _now()
        next_beat = replace(self._me, beat=self._me.beat + 1)

        def queue_up(cib: Cib, entrants: Sequence[Entrant]) -> Sequence[Entrant]:
            self._require_quorum(cib)
            self._hearing.hear(entrants)
            gone = self._gone(cib, entrants)
            wanted = advance(entrants, self._me, gone=gone, may_take=may_take)
            if wanted == entrants and began < self._beaten + self._lease / _BEATS_PER_LEASE:
                return entrants
            self._entered = True
            return advance(entrants, next_beat, gone=gone, may_take=may_take)

        done = self._change(queue_up)
        if not done.written:
            return False
        self._me = next_beat
        self._beaten = began
        if self._is_holder(done.made.entrants):
            self._held_until = began + self._lease
        return self.is_held

    def _gone(self, cib: Cib, entrants: Iterable[Entrant]) -> set[str]:
        lost = lost_nodes(cib)
        return {e.id for e in entrants if e.id != self._me.id and self._is_gone(e, lost)}

    def _is_gone(self, entrant: Entrant, lost: Collection[str]) -> bool:
        has_ended = entrant.process is not None and entrant.process.has_ended
        return entrant.node in lost or has_ended or self._hearing.is_silent(entrant)

    def _is_holder(self, entrants: Iterable[Entrant]) -> bool:
        return any(entrant.id == self._me.id and entrant.holds for entrant in entrants)

    def _beat(self) -> None:
        while not self._over.wait(self._lease / _BEATS_PER_LEASE) and self.is_held:
            try:
                self._renew()
            except SaltextError as error:
                _log.warning("The turn %r could not be renewed: %s", self.name, error)

    def _renew(self) -> None:
        began = _now()
        self._me = replace(self._me, beat=self._me.beat + 1, holds=True)
        done = self._change(lambda _cib, entrants: [self._me if e.id == self._me.id else e for e in entrants])
        self._held_until = began + self._lease if self._is_holder(done.made.entrants) else -math.inf

    def _change(self, make: Callable[[Cib, Sequence[Entrant]], Sequence[Entrant]]) -> Swap[_Queue]:
        """Write what ``make`` makes of the entrants, if that is a change."""

        def queue(cib: Cib) -> _Queue:
            entrants = tuple(make(cib, read_entrants(cib, self.name)))
            target = cib.copy()
            write_entrants(target, self.name, entrants)
            return _Queue(entrants, status_difference(cib, target))

        return swap(self._store, queue, timeout=self._lease)

    def _require_quorum(self, cib: Cib) -> None:
        if not self._store.is_sandbox and not cib.has_quorum:
            raise NoQuorumError(
                f"the cluster has no quorum, so the turn {self.name!r} cannot be taken: in another part of "
                "it somebody may have it"
            )

    def _busy(self, within: float) -> str:
        others = [e for e in read_entrants(self._store.read(), self.name) if e.id != self._me.id]
        first = next_in_turn(others)
        whose = f"{first} has it" if first else "others took it each time"
        return f"the turn {self.name!r} did not come within {within:g} s: {whose}; try again"


@dataclass(frozen=True)
class _Queue:
    """The entrants to write, and the patch that writes them."""

    entrants: tuple[Entrant, ...]
    patch: Patch
    carries_secret: bool = False


class _Hearing:
    """Since when, by the clock of this machine, each entrant's number stands still."""

    def __init__(self, lease: float):
        self._lease = lease
        self._since: dict[tuple[str, int], float] = {}

    def hear(self, entrants: Iterable[Entrant]) -> None:
        now = _now()
        self._since = {(e.id, e.beat): self._since.get((e.id, e.beat), now) for e in entrants}

    def is_silent(self, entrant: Entrant) -> bool:
        return _now() > self._since[entrant.id, entrant.beat] + self._lease


def _now() -> float:
    # Unlike the monotonic clock it goes on while the machine sleeps.
    return time.clock_gettime(time.CLOCK_BOOTTIME)
