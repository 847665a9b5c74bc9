"""One at a time in the whole cluster, and nobody waits for the dead."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.errors import ClusterNotRunningError, LockBusyError, LockLostError
from saltext_cinder_ha.pacemaker.lock import lock as lock_module
from saltext_cinder_ha.pacemaker.lock.contenders import read_contenders
from saltext_cinder_ha.pacemaker.lock.lock import ClusterLocks
from saltext_cinder_ha.pacemaker.settings import Settings

pytestmark = pytest.mark.one_salt

# A fork would share this process's threads and pytest's own state.
SPAWN = multiprocessing.get_context("spawn")
NAME = "example"
LONG = 60.0
LEASE = 4.0
OWNERS = 4
ROUNDS = 3


def locks(path: Path, owner: str = "ctl1", **how: float) -> ClusterLocks:
    return ClusterLocks(Cluster(Settings(cib_file=str(path))), owner, **how)


def read(path: Path) -> Cib:
    return Cluster(Settings(cib_file=str(path))).snapshot


def count_up_under_lock(path: Path, counter: Path, owner: str) -> None:
    """What loses a count as soon as two are inside at once."""
    for _ in range(ROUNDS):
        with locks(path, owner).held(NAME, within=LONG):
            inside = counter.with_suffix(".inside")
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
            counter.write_text(str(int(counter.read_text()) + 1))
            inside.unlink()


def take_and_stay(path: Path, taken: Event) -> None:
    with locks(path, "killed").held(NAME, within=LONG):
        taken.set()
        threading.Event().wait()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "cib.xml"
    Cluster(Settings(cib_file=str(path))).apply({"properties": {"stonith-enabled": False}}, document=None)
    return path


@pytest.fixture
def processes() -> Iterator[list[BaseProcess]]:
    started: list[BaseProcess] = []
    yield started
    for process in started:
        process.kill()
        process.join(timeout=LONG)


def test_never_two_inside_and_everybody_gets_in(
    path: Path, tmp_path: Path, processes: list[BaseProcess]
) -> None:
    before = read(path)
    counter = tmp_path / "counter"
    counter.write_text("0")
    for number in range(OWNERS):
        arguments = (path, counter, f"ctl{number}")
        processes.append(SPAWN.Process(target=count_up_under_lock, args=arguments))
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
    assert [process.exitcode for process in processes] == [0] * OWNERS
    assert counter.read_text() == str(OWNERS * ROUNDS)
    after = read(path)
    assert after.version.configuration == before.version.configuration
    after.root.set("num_updates", before.root.get("num_updates"))
    assert after.to_xml() == before.to_xml()


def test_killed_owner_on_this_machine_is_not_waited_for(path: Path, processes: list[BaseProcess]) -> None:
    taken = SPAWN.Event()
    process = SPAWN.Process(target=take_and_stay, args=(path, taken))
    processes.append(process)
    process.start()
    assert taken.wait(timeout=LONG)
    with pytest.raises(LockBusyError, match="killed holds it"), locks(path).held(NAME, within=0.1):
        pass
    process.kill()
    process.join(timeout=LONG)
    with locks(path).held(NAME, within=LONG) as lock:
        assert lock.is_held
    assert read_contenders(read(path), NAME) == ()


def test_owner_of_whom_nothing_is_heard_loses_the_turn_and_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A minion that hangs: it lives, but does nothing.
    monkeypatch.setattr(lock_module.Lock, "_send_heartbeats", lambda self: None)
    with locks(path, "hanging", lease=LEASE).held(NAME, within=LONG) as hanging:
        hanging.require(read(path))
        began = time.monotonic()
        with locks(path, "next", lease=LEASE).held(NAME, within=LONG) as following:
            assert time.monotonic() - began >= LEASE
            following.require(read(path))
            with pytest.raises(LockLostError, match="got no heartbeat from its owner"):
                hanging.require()


def test_owner_that_lives_keeps_the_turn_longer_than_a_lease(path: Path) -> None:
    with locks(path, "first", lease=LEASE).held(NAME, within=LONG) as first:
        with pytest.raises(LockBusyError), locks(path, lease=LEASE).held(NAME, within=2 * LEASE):
            pass
        first.require(read(path))


def test_write_of_one_that_was_taken_out_is_refused_by_its_snapshot(path: Path) -> None:
    with locks(path).held(NAME, within=LONG) as lock:
        lock.require(read(path))
        assert lock.is_held
        with pytest.raises(LockLostError):
            lock.require(Cib.parse(without_status(read(path)), "test"))


def without_status(cib: Cib) -> bytes:
    copy = cib.copy()
    copy.root.remove(copy.status)
    return copy.to_xml()


def test_turn_is_given_back_when_the_work_fails(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locks(path).held(NAME, within=LONG):
        raise ZeroDivisionError
    assert read_contenders(read(path), NAME) == ()


def test_who_yields_leaves_the_others_a_moment_to_come(path: Path) -> None:
    order: list[str] = []

    def yielding() -> None:
        with locks(path, "last", courtesy=2).held(NAME, within=LONG, yields=True):
            order.append("last")

    thread = threading.Thread(target=yielding)
    thread.start()
    deadline = time.monotonic() + LONG
    while not read_contenders(read(path), NAME):
        assert time.monotonic() < deadline
    with locks(path, "later").held(NAME, within=LONG):
        order.append("later")
    thread.join()
    assert order == ["later", "last"]


def test_apply_in_somebodys_turn_goes_on_and_rolls_back_as_ever(path: Path) -> None:
    cluster = Cluster(Settings(cib_file=str(path)))
    with locks(path).held(NAME, within=LONG) as lock:
        outcome = cluster.apply(
            {"resources": {"d": {"agent": "ocf:pacemaker:Dummy"}}},
            document="doc",
            policy=cluster.policy(rollback=True),
        )
        assert outcome.succeeded
        lock.require(read(path))
        assert NAME not in str(cluster.export())
        assert not cluster.status().problems
    assert not cluster.plan({"resources": {"d": {"agent": "ocf:pacemaker:Dummy"}}}, document="doc")


def test_machine_in_no_cluster_says_so_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A cluster that does run on the machine of the tests is none of theirs.
    for tool in ("cibadmin", "crm_node"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 102\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    taken = ClusterLocks(Cluster(Settings()), "ctl1").held(NAME, within=1)
    with pytest.raises(ClusterNotRunningError, match="is not running on this node"), taken:
        pass
