"""Make Keystone's catalog the desired one, however often that takes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import CatalogError, RefusedError, UnavailableError
from .keystone import Keystone
from .model import Catalog, Desired
from .plan import CatalogPlan, Step, make_plan

_MOST_ROUNDS = 30
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class CatalogOutcome:
    """What was done.

    :param steps: what Keystone confirmed, in its order
    :param notes: sentences about what was left as it is
    :param error: why the catalog is not the desired one; None when it is
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    error: CatalogError | None = None


class Patience:
    """The time for a task, and the pauses between its attempts.

    :param seconds: time after which nothing is tried again
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._rounds = 0

    def pause(self, error: UnavailableError) -> None:
        """Wait as long as Keystone asked for; else longer each time, and never the same as others.

        :raises UnavailableError: the error itself, when the time does not suffice
        """
        seconds = error.retry_after
        if seconds is None:
            longest = min(_LONGEST_PAUSE_SECONDS, 0.1 * 2**self._rounds)
            seconds = longest * random.uniform(0.5, 1)  # noqa: S311
        if time.monotonic() + seconds >= self._until:
            raise error
        time.sleep(seconds)

    def next_round(self, keystone: Keystone) -> None:
        """Begin another round.

        :raises UnavailableError: there were enough
        """
        self._rounds += 1
        if self._rounds > _MOST_ROUNDS:
            raise UnavailableError(f"{keystone} needs more than {_MOST_ROUNDS} attempts")
        self.next_request(keystone)

    def next_request(self, keystone: Keystone) -> None:
        """Make sure that there is time for another request.

        :raises UnavailableError: there is none
        """
        if time.monotonic() >= self._until:
            raise UnavailableError(f"{keystone} did not do it all within {self._seconds:g} s")


def look(keystone: Keystone, patience: Patience) -> Catalog:
    """Return the live catalog.

    :raises CatalogError: Keystone did not show its catalog in time
    """
    while True:
        patience.next_round(keystone)
        try:
            return keystone.read()
        except UnavailableError as error:
            patience.pause(error)


def reconcile(keystone: Keystone, desired: Desired, patience: Patience) -> CatalogOutcome:
    """Change the catalog until a look at it shows the desired one.

    A request that failed is not repeated: the catalog is read again and the plan made anew, so that what was
    done although no answer came is not done twice, and what others did meanwhile is seen. That ends with one
    row for each thing, too, when several of these run at once without knowing of each other.
    """
    done: list[Step] = []
    try:
        while plan := make_plan(desired, look(keystone, patience)):
            try:
                for step in _carried_out(plan, keystone, desired, patience):
                    done.append(step)
            except UnavailableError as error:
                patience.pause(error)
    except CatalogError as error:
        return CatalogOutcome(tuple(done), error=error)
    return CatalogOutcome(tuple(done), plan.notes)


def _carried_out(
    plan: CatalogPlan, keystone: Keystone, desired: Desired, patience: Patience
) -> Iterator[Step]:
    """Do the steps of a plan, and yield each when it is done."""
    service_ids: dict[str, str] = {}
    for step in plan.steps:
        patience.next_request(keystone)
        try:
            if keystone.carry_out(step, service_ids):
                yield step
        except RefusedError:
            # Others may have removed the service that the step builds on, which Keystone calls a bad request.
            if step in make_plan(desired, look(keystone, patience)).steps:
                raise
            return
