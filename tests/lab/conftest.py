"""Fixtures: the lab at the depth that a module asks for, as new for each module."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator

import pytest

from . import diagnosis
from .cluster import View
from .host import CACHE, LabError
from .lab import Depth, Lab
from .salt_site import SaltSite

MARKER = "lab"
# How often a test repeats what it does at random moments; more in `make lab-soak`.
ROUNDS = int(os.environ.get("LAB_ROUNDS", "3"))
# For whoever works on a test: the lab that is up is used, and stays up.
_USE_PRESENT = os.environ.get("LAB") == "present"
_FAILURES = CACHE / "failures"
_LAB = Lab()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARKER}: needs the lab; run by `make lab-test`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the lab's tests to the command that asks for them."""
    if MARKER in (config.option.markexpr or ""):
        return
    wanted = [item for item in items if item.get_closest_marker(MARKER) is None]
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


@pytest.fixture(scope="module")
def lab(made_lab: Lab, request: pytest.FixtureRequest) -> Lab:
    """The lab, as new, at the depth that the module's ``DEPTH`` says."""
    made_lab.reset(getattr(request.module, "DEPTH", Depth.CLUSTER))
    return made_lab


@pytest.fixture(scope="module")
def view(lab: Lab) -> View:
    """The cluster as the first controller sees it."""
    return View(lab.controllers[0])


@pytest.fixture(scope="module")
def salt(lab: Lab) -> SaltSite:
    """The master and its minions."""
    return lab.salt


@pytest.fixture(scope="session")
def rounds() -> int:
    return ROUNDS
