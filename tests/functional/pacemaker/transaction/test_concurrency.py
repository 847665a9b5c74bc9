"""Whoever writes at the same moment, or dies in the middle of it: nothing is lost, nothing is half done."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.patch import difference
from saltext_cinder_ha.pacemaker.cib.schema import violation
from saltext_cinder_ha.pacemaker.programs.cibadmin import Push
from tests.canonical import configuration
from tests.sandboxes import Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

# A fork would share this process's threads and pytest's own state.
SPAWN = multiprocessing.get_context("spawn")
DUMMY = "ocf:pacemaker:Dummy"
OBJECT = {"resources": {"a": {"agent": DUMMY, "params": {"fake": "0"}}}}
CHANGES: list[dict[str, Any]] = [
    {"params": {"fake": "1"}},
    {"meta": {"priority": 5}},
    {"utilization": {"cpu": 2}},
    {"operations": [{"name": "monitor", "interval": "7s"}]},
]
WRITERS = 4
ROUNDS = 10
KILLS = 6


def a_change_from_the_same_snapshot(path: Path, barrier: Barrier, number: int) -> None:
    sandbox = Sandbox(path)
    snapshot = sandbox.read()
    barrier.wait()
    sandbox.apply({"resources": {"a": CHANGES[number]}}, None, snapshot=snapshot)


def many_increments(path: Path, barrier: Barrier, number: int) -> None:
    """Count up what everybody counts up, and declare things of one's own in between."""
    sandbox = Sandbox(path)
    barrier.wait()
    for turn in range(ROUNDS):
        while not count_up(sandbox):
            pass
        names = [f"r{number}-{n}" for n in range(turn + 1)]
        sandbox.apply({"resources": {n: {"agent": DUMMY} for n in names}}, f"writer-{number}")


def count_up(sandbox: Sandbox) -> bool:
    current = sandbox.read()
    target = current.copy()
    counter = counter_of(target)
    counter.set("value", str(int(counter.get("value")) + 1))
    patchset = difference(current, target).to_xml(current.version)
    return sandbox.store.push(patchset) is Push.COMMITTED


def counter_of(cib: Cib) -> Any:
    return cib.configuration.find(".//nvpair[@name='batch-limit']")


def to_and_fro(path: Path, started: Event) -> None:
    sandbox = Sandbox(path)
    for declaration in itertools.cycle(DOCUMENTS):
        sandbox.apply(declaration)
        started.set()


# Big enough that a write takes a while.
DOCUMENTS = [
    {"resources": {f"{name}{n}": {"agent": DUMMY, "params": {"fake": name}} for n in range(60)}}
    for name in ("x", "y")
]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path)


@pytest.fixture
def run_at_once(sandbox: Sandbox) -> Iterator[Callable[[Any], None]]:
    """Runs the same function in several processes, all from the same moment on."""
    processes: list[BaseProcess] = []

    def run(target: Any) -> None:
        barrier = SPAWN.Barrier(WRITERS)
        for number in range(WRITERS):
            arguments = (sandbox.path, barrier, number)
            processes.append(SPAWN.Process(target=target, args=arguments))
        for process in processes:
            process.start()
        for process in processes:
            process.join(timeout=120)
        assert [process.exitcode for process in processes] == [0] * WRITERS

    yield run
    for process in processes:
        process.kill()


def test_changes_of_the_same_object_from_the_same_snapshot_all_land(
    sandbox: Sandbox, run_at_once: Callable[[Any], None]
) -> None:
    sandbox.apply(OBJECT, None)
    before = sandbox.read().version
    run_at_once(a_change_from_the_same_snapshot)
    together = {key: value for change in CHANGES for key, value in change.items()}
    assert not sandbox.propose({"resources": {"a": together}}, None).plan
    assert sandbox.read().version.epoch == before.epoch + WRITERS


def test_no_increment_and_no_object_of_many_writers_is_lost(
    sandbox: Sandbox, run_at_once: Callable[[Any], None]
) -> None:
    sandbox.apply({"properties": {"batch-limit": 0}}, None)
    before = sandbox.read().version
    run_at_once(many_increments)
    after = sandbox.read()
    assert counter_of(after).get("value") == str(WRITERS * ROUNDS)
    names = {p.get("id") for p in after.configuration.iter("primitive")}
    assert names == {f"r{number}-{turn}" for number in range(WRITERS) for turn in range(ROUNDS)}
    assert after.version.epoch == before.epoch + 2 * WRITERS * ROUNDS


def test_two_that_want_the_same_write_once(sandbox: Sandbox, run_at_once: Callable[[Any], None]) -> None:
    before = sandbox.read().version
    run_at_once(the_same_declaration)
    assert sandbox.read().version.epoch == before.epoch + 1


def the_same_declaration(path: Path, barrier: Barrier, _number: int) -> None:
    sandbox = Sandbox(path)
    snapshot = sandbox.read()
    barrier.wait()
    sandbox.apply(OBJECT, snapshot=snapshot)


def test_a_kill_at_any_moment_leaves_the_file_as_before_or_after(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who is killed cannot take its private folder along.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    states = {configuration(sandbox.read())}
    for declaration in DOCUMENTS:
        sandbox.apply(declaration)
        states.add(configuration(sandbox.read()))
    for number in range(KILLS):
        started = SPAWN.Event()
        process = SPAWN.Process(target=to_and_fro, args=(sandbox.path, started))
        process.start()
        assert started.wait(timeout=60)
        # Spread over a write and the plan before it, which together take about as long.
        process.join(timeout=0.05 * number)
        process.kill()
        process.join(timeout=60)
        found = sandbox.read()
        assert configuration(found) in states
        assert violation(found) is None
    sandbox.apply(DOCUMENTS[0])
    assert not sandbox.propose(DOCUMENTS[0]).plan
