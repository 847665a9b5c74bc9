"""Bring Keystone's catalog to the desired one, with retries."""

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
    """The result of a reconciliation.

    :param steps: the steps that Keystone confirmed, in order
    :param notes: sentences about what was left unchanged
    :param error: why the catalog is not the desired one; None if it is
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    error: CatalogError | None = None


class Patience:
    """The time limit of a task, and the pauses between its attempts.

    :param seconds: time after which nothing is retried
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._rounds = 0

    def pause(self, error: UnavailableError) -> None:
        """Wait as long as Keystone asked, else with exponential backoff and jitter.

        :raises UnavailableError: the error itself, if there is not enough time left
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

        :raises UnavailableError: there were too many
        """
        self._rounds += 1
        if self._rounds > _MOST_ROUNDS:
            raise UnavailableError(f"{keystone} needs more than {_MOST_ROUNDS} attempts")
        self.next_request(keystone)

    def next_request(self, keystone: Keystone) -> None:
        """Require time for another request.

        :raises UnavailableError: there is none left
        """
        if time.monotonic() >= self._until:
            raise UnavailableError(f"{keystone} did not finish within {self._seconds:g} s")


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
    """Change the catalog until it is the desired one.

    A failed request is not repeated. Instead, the catalog is read and planned again, so that a request that
    succeeded without an answer is not sent twice, and concurrent changes are seen. This also converges to one
    row for each service and endpoint if several minions run it at once without a lock.
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
    """Carry out the steps of a plan, and yield each one that is done."""
    service_ids: dict[str, str] = {}
    for step in plan.steps:
        patience.next_request(keystone)
        try:
            if keystone.carry_out(step, service_ids):
                yield step
        except RefusedError:
            # Others may have removed the step's service, which Keystone answers with a bad request.
            if step in make_plan(desired, look(keystone, patience)).steps:
                raise
            return
