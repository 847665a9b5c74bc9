"""Without quorum nothing is written, and the sentence says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .applying import apply, failures
from .cluster import View
from .host import wait_until
from .lab import Depth, Lab
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT


@pytest.fixture
def alone(lab: Lab) -> Iterator[None]:
    """Every controller by itself, each with the master and without its peers."""
    for machine in lab.controllers:
        machine.cut(*(peer.name for peer in lab.controllers if peer is not machine))
    for machine in lab.controllers:
        own = View(machine)
        wait_until(
            lambda own=own: own.report() is not None and not own.has_quorum(),
            f"{machine.name} has lost quorum",
            within=60,
        )
    yield
    for machine in lab.controllers:
        machine.heal()
    View(lab.controllers[0]).wait_online()


def test_apply_without_quorum_writes_nothing_and_says_why(
    lab: Lab, salt: SaltSite, view: View, alone: None
) -> None:
    before = [View(machine).configuration() for machine in lab.controllers]
    applied = apply(salt)
    assert sorted(applied) == [machine.name for machine in lab.controllers]
    for comment in failures(applied):
        assert "no quorum" in comment
    assert len(failures(applied)) == len(lab.controllers)
    assert [View(machine).configuration() for machine in lab.controllers] == before


def test_apply_after_the_heal_completes(salt: SaltSite, view: View) -> None:
    view.wait_online()
    assert failures(apply(salt)) == []
