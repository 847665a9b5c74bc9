"""The compare-and-swap loop: what is sent again as it is, what is made anew, and when it gives up.

The store is played: what another writer does between a read and a push has to come at exactly that moment.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from saltext_cinder_ha.common.errors import ToolFailedError
from saltext_cinder_ha.pacemaker.cib.document import Cib, Version
from saltext_cinder_ha.pacemaker.cib.patch import Patch, difference, status_difference
from saltext_cinder_ha.pacemaker.errors import ContentionError
from saltext_cinder_ha.pacemaker.programs.cibadmin import Push
from saltext_cinder_ha.pacemaker.store import swap as room
from saltext_cinder_ha.pacemaker.store.swap import PlainPatch, swap

LONG = 60.0
STATUS_MOVES = {"num_updates": 1}
CONFIGURATION_MOVES = {"epoch": 1}


class PlayedStore:
    """A store in which another writer gets in before each of the first pushes, by ``others``."""

    is_sandbox = False
    origin = "the cluster"

    def __init__(self, others: list[dict[str, int]] | None = None):
        self.version = Version(0, 10, 5)
        self.others = others or []
        self.reads = 0
        self.sent: list[bytes] = []

    def read(self) -> Cib:
        self.reads += 1
        numbers = " ".join(f'{name}="{number}"' for name, number in self.version._asdict().items())
        xml = f"<cib {numbers}><configuration><constraints/></configuration><status/></cib>"
        return Cib.parse(xml.encode(), self.origin)

    def push(self, patchset: bytes) -> Push:
        self.sent.append(patchset)
        if self.others:
            moved = self.others.pop(0)
            self.version = self.version._replace(
                **{name: getattr(self.version, name) + step for name, step in moved.items()}
            )
            return Push.STALE
        return Push.COMMITTED

    def settle(self, timeout: float) -> bool:
        raise AssertionError(timeout)


class Maker:
    """Makes patches, and remembers of which versions."""

    def __init__(self, between: Callable[[Cib, Cib], Patch] = difference, *, secret: bool = False):
        self.versions: list[Version] = []
        self._between = between
        self._secret = secret

    def __call__(self, cib: Cib) -> PlainPatch:
        self.versions.append(cib.version)
        changed = cib.copy()
        for section in (changed.configuration, changed.status):
            section.set("mark", "ours")
        return PlainPatch(self._between(cib, changed), self._secret)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_pause", lambda _attempt: None)


def test_patch_of_a_configuration_that_did_not_change_is_sent_again_as_it_is() -> None:
    store, make = PlayedStore([STATUS_MOVES]), Maker()
    done = swap(store, make, timeout=LONG)
    assert (done.written, done.attempts) == (True, 2)
    assert make.versions == [Version(0, 10, 5)]
    assert b'num_updates="6"' in store.sent[1]


def test_patch_of_a_configuration_that_changed_is_made_anew_and_sent_to_a_version_read_afterwards() -> None:
    store, make = PlayedStore([CONFIGURATION_MOVES]), Maker()
    assert swap(store, make, timeout=LONG).attempts == 2
    assert make.versions == [Version(0, 10, 5), Version(0, 11, 5)]
    assert store.reads == 3


def test_patch_of_a_status_is_made_anew_of_each_version_and_costs_one_read_each() -> None:
    store, make = PlayedStore([STATUS_MOVES, STATUS_MOVES]), Maker(status_difference)
    assert swap(store, make, timeout=LONG).attempts == 3
    assert make.versions == [Version(0, 10, number) for number in (5, 6, 7)]
    assert store.reads == 3


def test_each_version_that_is_changed_is_checked_before() -> None:
    seen: list[Version] = []

    def check(cib: Cib) -> None:
        seen.append(cib.version)
        if len(seen) == 2:
            raise ZeroDivisionError

    store = PlayedStore([STATUS_MOVES])
    with pytest.raises(ZeroDivisionError):
        swap(store, Maker(), timeout=LONG, check=check)
    assert seen == [Version(0, 10, 5), Version(0, 10, 6)]
    assert len(store.sent) == 1


def test_snapshot_saves_the_read_except_for_a_secret() -> None:
    store = PlayedStore()
    swap(store, Maker(), timeout=LONG, snapshot=store.read())
    assert store.reads == 1
    swap(store, Maker(secret=True), timeout=LONG, snapshot=store.read())
    assert store.reads == 3


def test_nothing_to_write_is_not_written() -> None:
    store = PlayedStore()
    done = swap(store, lambda _cib: PlainPatch(Patch(())), timeout=LONG)
    assert (done.written, done.attempts, store.sent) == (False, 0, [])


def test_others_that_are_always_faster_end_it_when_the_time_is_over() -> None:
    store = PlayedStore([CONFIGURATION_MOVES] * 10)
    with pytest.raises(ContentionError, match="other processes kept changing the cluster for 0 s"):
        swap(store, Maker(), timeout=0)
    assert len(store.sent) == 1


@pytest.mark.parametrize("between", [difference, status_difference])
def test_change_that_is_refused_although_nobody_else_writes_is_no_contention(
    between: Callable[[Cib, Cib], Patch],
) -> None:
    store = PlayedStore([{}] * 1000)
    with pytest.raises(ToolFailedError, match="no other process has written"):
        swap(store, Maker(between), timeout=LONG)
