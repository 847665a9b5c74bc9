"""Whoever kills or interrupts a verb in the middle leaves the configuration as before or as after it."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from saltext_cinder_ha.pacemaker.cib.schema import violation
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.pacemaker.verbs import NodeRequest, carry_out
from tests.canonical import configuration
from tests.planning import dummies
from tests.sandboxes import Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

# A fork would share this process's threads and pytest's own state.
SPAWN = multiprocessing.get_context("spawn")
INTERRUPTIONS = 3


def cluster_of(path: Path) -> Cluster:
    return Cluster(Settings(cib_file=str(path)))


def standby(path: Path, on: bool) -> bool:
    return bool(carry_out(cluster_of(path), NodeRequest(("ctl1",), "standby", on)).result)


def to_and_fro(path: Path, started: Event) -> None:
    for on in itertools.cycle((True, False)):
        started.set()
        standby(path, on)


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    made = new_sandbox(tmp_path)
    made.apply({"resources": dummies("a", "b")}, settle=True)
    return made


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT], ids=lambda sent: sent.name)
def test_a_verb_leaves_the_configuration_before_or_after(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    # Who is killed cannot take its private folder along.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    states = {configuration(sandbox.read())}
    assert standby(sandbox.path, True)
    states.add(configuration(sandbox.read()))
    assert standby(sandbox.path, False)
    states.add(configuration(sandbox.read()))
    assert len(states) == 2
    for number in range(INTERRUPTIONS):
        started = SPAWN.Event()
        process = SPAWN.Process(target=to_and_fro, args=(sandbox.path, started))
        process.start()
        assert started.wait(timeout=60)
        # Spread over the tool's run, the simulations and the write.
        process.join(timeout=0.4 * (number + 1))
        os.kill(process.pid or 0, sent)
        process.join(timeout=60)
        assert process.exitcode is not None
        found = sandbox.read()
        assert configuration(found) in states
        assert violation(found) is None
    # Nothing is locked, and whatever was left is gone on from.
    assert standby(sandbox.path, True)
    assert configuration(sandbox.read()) in states
