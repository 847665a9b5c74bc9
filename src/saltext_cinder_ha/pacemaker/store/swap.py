"""The one compare-and-swap loop: everything that is written to a CIB goes through it.

A patch names the version of the CIB that it was made for, and the cluster refuses it for any other. Whoever
was beaten reads again. As long as the part of the CIB that a patch changes (the configuration, or the status)
is at the version that the patch was made of, the patch is sent again as it is; else it is made anew, so that
nothing somebody else wrote meanwhile is lost.
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
"""After so many refusals without another writer, it is not the others."""

_LONGEST_PAUSE_SECONDS = 0.5


class Writable(Protocol):
    """What is to be written, made of one CIB."""

    @property
    def patch(self) -> Patch:
        """Return the changes to write, empty when there are none."""

    @property
    def carries_secret(self) -> bool:
        """Say whether the patch holds a secret."""


@dataclass(frozen=True)
class PlainPatch:
    """A patch without secrets, and nothing else."""

    patch: Patch
    carries_secret: bool = False


WritableT = TypeVar("WritableT", bound=Writable)


@dataclass(frozen=True)
class Swap(Generic[WritableT]):
    """The result: what was made last, and whether it was written."""

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
    """Write what ``make`` makes of the CIB as it is; try again whenever somebody else was faster.

    :param make: makes of a CIB what is to be written; called again for each CIB that this does not fit
    :param timeout: seconds after which no further attempt is made
    :param snapshot: a CIB read a moment ago; saves one read
    :param check: raises unless the CIB that it is given may be changed; it sees each version that is changed
    :raises ContentionError: others wrote faster each time; nothing was written
    :raises ToolFailedError: the change is not taken, although nobody else writes; nothing was written
    """
    first = current = source = store.read() if snapshot is None else snapshot
    made = make(source)
    deadline = time.monotonic() + timeout
    attempts = 0
    while made.patch:
        # A secret is sent to a fresh version only, as Pacemaker logs a refused patch with its values.
        if attempts or (made.carries_secret and not store.is_sandbox):
            current = store.read()
        fits = _fits(made.patch, source, current)
        if not fits:
            source, made = current, make(current)
        # A version does not last while a plan is made (each result of a monitor moves it): read again first.
        if fits or (made.patch and made.patch.of_status):
            attempts += 1
            if check is not None:
                check(current)
            if store.push(made.patch.to_xml(current.version)) is Push.COMMITTED:
                return Swap(made, True, attempts)
            _pause(attempts)
        if attempts >= _ATTEMPTS and current.version == first.version:
            raise _not_taken(store)
        if time.monotonic() > deadline:
            raise _outrun(store, timeout)
    return Swap(made, False, attempts)


def _fits(patch: Patch, source: Cib, current: Cib) -> bool:
    """Say whether a patch made of ``source`` means the same on ``current``."""
    if patch.of_status:
        return current.version == source.version
    return current.version.configuration == source.version.configuration


def _not_taken(store: Store) -> ToolFailedError:
    return ToolFailedError(
        f"cibadmin does not take the change to {store.origin}, although nobody else has written since it was "
        "planned; nothing was written"
    )


def _outrun(store: Store, seconds: float) -> ContentionError:
    return ContentionError(
        f"{store.origin} was changed by others again and again for {seconds:g} s while this change was made; "
        "nothing was written, try again"
    )


def _pause(attempt: int) -> None:
    # With jitter, or minions that collided once collide again.
    longest = min(_LONGEST_PAUSE_SECONDS, 0.01 * 2**attempt)
    time.sleep(random.uniform(0, longest))  # noqa: S311
