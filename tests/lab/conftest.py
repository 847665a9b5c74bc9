"""Fixtures: the lab at the depth that a module asks for, as new for each module."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from . import api, diagnosis
from .applying import apply_all
from .cluster import View
from .host import CACHE, LabError
from .lab import Depth, Lab
from .salt_site import SaltSite
from .volumes import Volumes

MARKER = "lab"
_SOAK_MARKER = "soak"
# For whoever works on a test: the lab that is up is used, and stays up.
_USE_PRESENT = os.environ.get("LAB") == "present"
_FAILURES = CACHE / "failures"
_LAB = Lab()
_figures: list[tuple[str, str]] = []
_as_new_at: dict[Lab, Depth] = {}


Figure = Callable[[str, str], None]


@dataclass(frozen=True)
class Effort:
    """How often tests repeat what they do at random moments, or what chance may spoil.

    :param applies: times that three minions apply from nothing
    :param kills: times that a minion is killed in an apply
    :param losses: times that a node loses power, one node after the other
    :param rival_writes: changes that each of the other tools makes
    """

    applies: int = 2
    kills: int = 3
    losses: int = 1
    rival_writes: int = 6


_SOAK = Effort(applies=10, kills=50, losses=9, rival_writes=30)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="repeat the lab's tests in full: `make lab-soak`")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}: needs the lab; run by `make lab-test`")
    config.addinivalue_line("markers", f"{_SOAK_MARKER}: run by `make lab-soak` alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the lab's tests to the command that asks for them, and the longest to the one that does all."""
    unwanted = _SOAK_MARKER if MARKER in (config.option.markexpr or "") else MARKER
    if unwanted == _SOAK_MARKER and config.getoption("--soak"):
        return
    wanted = [item for item in items if item.get_closest_marker(unwanted) is None]
    if len(wanted) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = wanted


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep every machine's logs of a failure, and show the end of each."""
    report = yield
    if report.failed and item.get_closest_marker(MARKER) and _LAB.exists:
        folder = _FAILURES / re.sub(r"\W+", "-", item.nodeid)
        report.sections.append(("The lab's logs", diagnosis.collect(_LAB.machines, folder)))
    return report


@pytest.fixture(scope="session")
def made_lab() -> Iterator[Lab]:
    """The lab with its machines off."""
    if _LAB.exists and _USE_PRESENT:
        _LAB.provision()
        yield _LAB
        return
    if _LAB.exists:
        raise LabError("there is a lab already: `make lab-down`, or LAB=present to have it reset and used")
    try:
        _LAB.make()
        yield _LAB
    finally:
        _LAB.down()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the tests measured, as a table that a page can carry."""
    if _figures:
        terminalreporter.section("figures of the lab")
        rows = [("what", "measured"), ("---", "---"), *_figures]
        for what, measured in rows:
            terminalreporter.write_line(f"| {what} | {measured} |")


@pytest.fixture(scope="module")
def lab(made_lab: Lab, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The lab at the depth that the module's ``DEPTH`` says.

    It is as new, or a module before says with ``LEAVES`` that it leaves the machines like new ones of that
    depth.
    """
    depth = getattr(request.module, "DEPTH", Depth.CLUSTER)
    if _as_new_at.pop(made_lab, None) is not depth:
        made_lab.reset(depth)
    failed_before = request.session.testsfailed
    yield made_lab
    left = getattr(request.module, "LEAVES", None)
    if left is not None and request.session.testsfailed == failed_before:
        _as_new_at[made_lab] = left


@pytest.fixture(scope="module")
def view(lab: Lab) -> View:
    """The cluster as the first controller sees it."""
    return View(lab.controllers[0])


@pytest.fixture(scope="module")
def salt(lab: Lab) -> SaltSite:
    """The master and its minions."""
    return lab.salt


@pytest.fixture(scope="module")
def volumes(lab: Lab) -> Volumes:
    """The Block Storage service as its clients see it."""
    return Volumes(lab.infra)


@pytest.fixture
def running(salt: SaltSite, view: View, volumes: Volumes) -> None:
    """The whole service as the formula makes it, and all of it up."""
    view.wait_online()
    apply_all(salt)
    api.wait_answers(within=120)
    volumes.wait_up()


@pytest.fixture
def changed_report(salt: SaltSite) -> dict[str, Any]:
    """The pillar with another interval of reports, which concerns all services but the API."""
    pillar = salt.read_pillar()
    pillar["cinder_ha"]["config"]["DEFAULT"]["report_interval"] += 1
    return pillar


@pytest.fixture(scope="session")
def effort(pytestconfig: pytest.Config) -> Effort:
    """How often to repeat."""
    return _SOAK if pytestconfig.getoption("--soak") else Effort()


@pytest.fixture
def figure() -> Figure:
    """Note something measured, for the table at the end: what, and how much of which unit."""

    def note(what: str, measured: str) -> None:
        print(f"{what}: {measured}")
        _figures.append((what, measured))

    return note
