"""The one compare-and-swap loop: every write to a CIB goes through it.

A patch names the version of the CIB that it was made for, and the cluster refuses it for any other version.
A refused writer reads the CIB again. If the part that the patch changes (configuration or status) is still
the same, it sends the same patch again; otherwise it makes a new one, so that no concurrent change is lost.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ...common.errors import ToolFailedError
from ..cib.document import Cib
from ..cib.patch import Patch
from ..errors import ContentionError
from ..programs.cibadmin import Push
from .model import Store

_ATTEMPTS = 40
"""After so many refusals without another writer, contention is not the cause."""

_LONGEST_PAUSE_SECONDS = 0.5


class Writable(Protocol):
    """A change to write, made for one CIB."""

    @property
    def patch(self) -> Patch:
        """Return the changes to write; the patch is false if there are none."""

    @property
    def carries_secret(self) -> bool:
        """Return whether the patch contains a secret."""


@dataclass(frozen=True)
class PlainPatch:
    """A patch without secrets, and nothing else."""

    patch: Patch
    carries_secret: bool = False


WritableT = TypeVar("WritableT", bound=Writable)


@dataclass(frozen=True)
class Swap(Generic[WritableT]):
    """The result: the last change that was made, and whether it was written."""

    made: WritableT
    written: bool
    attempts: int


def swap(
    store: Store,
    make: Callable[[Cib], WritableT],
    *,
    timeout: float,
    snapshot: Cib | None = None,
    check: Callable[[Cib], None] | None = None,
) -> Swap[WritableT]:
    """Write the change that ``make`` makes for the current CIB; retry if another writer was faster.

    :param make: makes the change for a CIB; called again if the CIB has changed meanwhile
    :param timeout: seconds after which the loop gives up
    :param snapshot: a CIB read a moment ago; saves one read
    :param check: raises if the CIB that it is given must not be changed; called before each attempt
    :raises ContentionError: other writers were faster each time; nothing was written
    :raises ToolFailedError: cibadmin rejects the change without another writer; nothing was written
    """
    first = current = source = store.read() if snapshot is None else snapshot
    made = make(source)
    deadline = time.monotonic() + timeout
    attempts = 0
    while made.patch:
        # Send a secret to a fresh version only, because Pacemaker logs the values of a refused patch.
        if attempts or (made.carries_secret and not store.is_sandbox):
            current = store.read()
        fits = _fits(made.patch, source, current)
        if not fits:
            source, made = current, make(current)
        # Planning takes time, and each monitor result changes the version: read again first.
        if fits or (made.patch and made.patch.of_status):
            attempts += 1
            if check is not None:
                check(current)
            if store.push(made.patch.to_xml(current.version)) is Push.COMMITTED:
                return Swap(made, True, attempts)
            _pause(attempts)
        if attempts >= _ATTEMPTS and current.version == first.version:
            raise _rejected(store)
        if time.monotonic() > deadline:
            raise _contended(store, timeout)
    return Swap(made, False, attempts)


def _fits(patch: Patch, source: Cib, current: Cib) -> bool:
    """Return whether a patch made for ``source`` is still right for ``current``."""
    if patch.of_status:
        return current.version == source.version
    return current.version.configuration == source.version.configuration


def _rejected(store: Store) -> ToolFailedError:
    return ToolFailedError(
        f"cibadmin rejects the change to {store.origin}, although no other process has written since it was "
        "planned; nothing was written"
    )


def _contended(store: Store, seconds: float) -> ContentionError:
    return ContentionError(
        f"other processes kept changing {store.origin} for {seconds:g} s, so this change could not be made; "
        "nothing was written, try again"
    )


def _pause(attempt: int) -> None:
    # Without jitter, minions that collided once would collide again.
    longest = min(_LONGEST_PAUSE_SECONDS, 0.01 * 2**attempt)
    time.sleep(random.uniform(0, longest))  # noqa: S311
