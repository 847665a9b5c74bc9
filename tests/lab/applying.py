"""Applying SLS in tests, and reading what the minions answer."""

from __future__ import annotations

from typing import Any

from .host import LabError
from .salt_site import SaltSite, states_of

FORMULA = "cinder_ha"
RESOURCES = f"{FORMULA}.resources"
"""The part of the formula that is about the cluster; it works with stand-ins for Cinder, too."""

Applied = dict[str, list[dict[str, Any]]]


def apply(salt: SaltSite, target: str = "*", sls: str = RESOURCES, **named: Any) -> Applied:
    """Apply an SLS on minions at the same moment; the states of each, by minion."""
    answers = salt.call("state.apply", sls, target=target, **named)
    return {minion: states_of(answer) for minion, answer in answers.items()}


def apply_all(salt: SaltSite) -> None:
    """Apply the whole formula on all minions.

    :raises LabError: a state is not True
    """
    failed = failures(apply(salt, sls=FORMULA))
    if failed:
        raise LabError(f"{FORMULA} is not applied: {'; '.join(failed)}")


def failures(applied: Applied) -> list[str]:
    """The comments of the states that are not True."""
    return [s["comment"] for states in applied.values() for s in states if s["result"] is not True]


def changers(applied: Applied, of: str | None = None) -> list[str]:
    """The minions that report a change; ``of``: in the state of this id."""

    def changed(state: dict[str, Any]) -> bool:
        return bool(state["changes"]) and of in (None, state["__id__"])

    return [name for name, states in applied.items() if any(map(changed, states))]


def comment_of(applied: Applied, minion: str) -> str:
    """The comment of the only state that a minion ran."""
    (state,) = applied[minion]
    return str(state["comment"])
