"""A restart touches one instance and what the constraints drag along; a kill leaves nothing stopped."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
from pathlib import Path

import pytest

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.history import active_nodes
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.errors import LockLostError
from saltext_cinder_ha.pacemaker.lock.lock import ClusterLocks
from saltext_cinder_ha.pacemaker.restart.instance import predict_restart, restart
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.pacemaker.store.file import FileStore
from tests.sandboxes import Sandbox

pytestmark = pytest.mark.one_salt

# A fork would share this process's threads and pytest's own state.
SPAWN = multiprocessing.get_context("spawn")
DUMMY = "ocf:pacemaker:Dummy"
CHAIN = {
    "properties": {"stonith-enabled": False},
    "resources": {
        "api": {"agent": DUMMY, "clone": {"meta": {"interleave": True}}},
        "scheduler": {"agent": DUMMY, "clone": {"meta": {"interleave": True}}},
        "vip": {"agent": DUMMY},
        "one": {"agent": DUMMY},
        "two": {"agent": DUMMY},
        "three": {"agent": DUMMY},
        "together": {"group": ["one", "two", "three"]},
    },
    "constraints": [
        {"order": {"first": "api-clone", "then": "scheduler-clone"}},
        {"colocation": {"resource": "scheduler-clone", "with": "api-clone"}},
        {"location": {"resource": "vip", "node": "ctl2", "score": 10}},
        {"location": {"resource": "together", "node": "ctl1", "score": 10}},
    ],
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("prepared") / "cib.xml"
    assert Cluster(Settings(cib_file=str(path))).apply(CHAIN, document=None).succeeded
    return path.read_bytes()


@pytest.fixture
def cluster(prepared: bytes, tmp_path: Path) -> Cluster:
    path = tmp_path / "cib.xml"
    path.write_bytes(prepared)
    return Cluster(Settings(cib_file=str(path)))


@pytest.fixture
def sandbox(cluster: Cluster) -> Sandbox:
    return Sandbox(Path(str(cluster.settings.cib_file)))


@pytest.mark.parametrize(
    ("resource", "node", "actions"),
    [
        ("vip", "ctl2", ["restart vip on ctl2"]),
        ("scheduler", "ctl3", ["restart scheduler on ctl3"]),
        ("scheduler-clone", "ctl1", ["restart scheduler on ctl1"]),
        ("api", "ctl3", ["restart api on ctl3", "restart scheduler on ctl3"]),
        ("three", "ctl1", ["restart three on ctl1"]),
        ("two", "ctl1", ["restart three on ctl1", "restart two on ctl1"]),
        ("together", "ctl1", ["restart one on ctl1", "restart three on ctl1", "restart two on ctl1"]),
    ],
)
def test_what_was_predicted_happens_and_nothing_else(
    cluster: Cluster, sandbox: Sandbox, resource: str, node: str, actions: list[str]
) -> None:
    before = sandbox.read()
    predicted = predict_restart(cluster, resource, node)
    assert sandbox.read().to_xml() == before.to_xml()
    assert [str(action) for action in predicted.actions] == actions
    done = restart(cluster, resource, node)
    assert done.performed == predicted.actions
    assert done.failures == ()
    after = sandbox.read()
    assert active_nodes(after) == active_nodes(before)
    assert "cli-" not in sandbox.path.read_text()
    assert not cluster.plan(CHAIN, document=None)


@pytest.mark.parametrize(
    ("prepare", "obstacle"),
    [
        (["property", "set", "maintenance-mode=true"], "the cluster is in maintenance mode"),
        (["resource", "unmanage", "vip"], "it is not managed by the cluster"),
        (["resource", "disable", "vip"], "it is not running on ctl2"),
        (["resource", "ban", "vip", "ctl2"], "it is not running on ctl2"),
    ],
)
def test_what_an_operator_has_put_aside_is_said_and_not_restarted(
    cluster: Cluster, sandbox: Sandbox, prepare: list[str], obstacle: str
) -> None:
    sandbox.pcs(" ".join(prepare))
    sandbox.store.settle(60)
    before = sandbox.path.read_bytes()
    assert restart(cluster, "vip", "ctl2").obstacle == obstacle
    assert sandbox.path.read_bytes() == before


def test_nothing_is_restarted_where_it_does_not_run(cluster: Cluster, sandbox: Sandbox) -> None:
    before = sandbox.path.read_bytes()
    assert restart(cluster, "vip", "ctl1").obstacle == "it is not running on ctl1"
    assert sandbox.path.read_bytes() == before


def test_what_is_not_allowed_is_refused_before_anything_stops(cluster: Cluster, sandbox: Sandbox) -> None:
    before = sandbox.path.read_bytes()
    done = restart(cluster, "api", "ctl1", allow=["start"])
    assert [str(action) for action in done.refused] == ["restart api on ctl1", "restart scheduler on ctl1"]
    assert sandbox.path.read_bytes() == before


def test_unknown_resource_is_one_sentence(cluster: Cluster) -> None:
    with pytest.raises(DeclarationError, match="no resource 'nobody' that could be restarted"):
        restart(cluster, "nobody", "ctl1")


def test_nothing_is_stopped_in_a_turn_that_was_lost(cluster: Cluster, sandbox: Sandbox) -> None:
    with ClusterLocks(cluster, "ctl1").held("restart", within=10) as lock:
        pass
    with pytest.raises(LockLostError):
        restart(cluster, "vip", "ctl2", lock=lock)
    assert active_nodes(sandbox.read())["vip"] == {"ctl2"}


@pytest.mark.parametrize(("resource", "node"), [("vip", "ctl2"), ("api", "ctl1"), ("two", "ctl1")])
def test_kill_in_the_middle_leaves_nothing_stopped_for_ever(
    cluster: Cluster, sandbox: Sandbox, resource: str, node: str
) -> None:
    before = active_nodes(sandbox.read())
    process = SPAWN.Process(target=restart_and_die, args=(sandbox.path, resource, node))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL
    sandbox.store.settle(60)
    assert active_nodes(sandbox.read()) != before
    let_the_time_pass(sandbox)
    sandbox.store.settle(60)
    assert active_nodes(sandbox.read()) == before
    assert restart(cluster, resource, node).failures == ()
    assert "cli-" not in sandbox.path.read_text()


def restart_and_die(path: Path, resource: str, node: str) -> None:
    """Die right after the write that stops the resource."""
    FileStore.settle = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]
    restart(Cluster(Settings(cib_file=str(path))), resource, node)


def let_the_time_pass(sandbox: Sandbox) -> None:
    """Move the ends of the constraints to where they are over."""
    text = sandbox.path.read_text()
    ends = re.findall(r'operation="lt" end="[^"]+"', text)
    assert ends
    for end in ends:
        text = text.replace(end, 'operation="lt" end="2020-01-01 00:00:00Z"')
    sandbox.path.write_bytes(Cib.parse(text.encode(), "test").to_xml())
