"""Minions that apply at the same moment restart one node at a time, the one with the virtual address last."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.deploy.topology import declaration_of, service_ids
from saltext_cinder_ha.pacemaker.cib.history import active_nodes, last_start
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.lock.contenders import read_contenders
from saltext_cinder_ha.pacemaker.lock.lock import ClusterLocks
from saltext_cinder_ha.pacemaker.restart.coordinated import RESTART_LOCK, has_address
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.site import parse_site

NODES = ("ctl1", "ctl2", "ctl3")
LONG = 120.0


@pytest.fixture
def pillar(repository: Path) -> dict[str, Any]:
    content = yaml.safe_load((repository / "pillar.example").read_text())
    content["cinder_ha"]["cluster"]["ordering"] = "relaxed"
    return content


@pytest.fixture
def cluster(cib_file: Path, pillar: dict[str, Any]) -> Cluster:
    found = Cluster(Settings(cib_file=str(cib_file)))
    assert found.apply(declaration_of(parse_site(pillar), os_family="Debian"), document=None).succeeded
    return found


@pytest.fixture
def minions(minion_config: Path, cluster: Cluster, tmp_path: Path) -> dict[str, Path]:
    """The configuration folders of three minions on one cluster, each with files of its own."""
    settings = yaml.safe_load((minion_config / "minion").read_text())
    folders = {}
    for node in NODES:
        folder = tmp_path / node
        conf = folder / "etc/cinder/cinder.conf"
        conf.parent.mkdir(parents=True)
        conf.write_text("[DEFAULT]\nreport_interval = 20\n")
        later_than_the_start = time.time() + 2
        os.utime(conf, (later_than_the_start, later_than_the_start))
        own = {**settings["pacemaker"], "sandbox_root": str(folder)}
        minion = {**settings, "id": node, "root_dir": str(folder / "root"), "pacemaker": own}
        (folder / "minion").write_text(yaml.safe_dump(minion))
        folders[node] = folder
    return folders


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def restart_current(folder: Path) -> subprocess.Popen[bytes]:
    salt_call = str(Path(sys.executable).with_name("salt-call"))
    state = ["state.single", "cinder_ha.services_current", f"name={folder}/etc/cinder/cinder.conf"]
    return subprocess.Popen(
        [salt_call, "--local", f"--config-dir={folder}", "--out=json", *state],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def wait_for_contenders(cluster: Cluster, number: int) -> None:
    deadline = time.monotonic() + LONG
    # A file that others replace has no event to wait for.
    while len(read_contenders(cluster.store.read(), RESTART_LOCK)) < number:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def running_on(cluster: Cluster, node: str, services: list[str]) -> list[str]:
    where = active_nodes(cluster.store.read())
    return sorted(service for service in services if node in where.get(service, ()))


def restarts_of(result: dict[str, Any], node: str) -> list[str]:
    """What the cluster did for one minion, which should be restarts on its own node only."""
    deeds = re.findall(r"The cluster did: (.*?)\.(?: |$)", result["comment"])
    found = [deed for sentence in deeds for deed in sentence.split(", ")]
    assert [deed for deed in found if not re.fullmatch(rf"restart \S+ on {node}", deed)] == []
    return sorted(deed.split()[1] for deed in found)


def test_one_node_restarts_at_a_time_each_once_and_that_with_the_address_last(
    cluster: Cluster,
    minions: dict[str, Path],
    pillar: dict[str, Any],
    processes: list[subprocess.Popen[bytes]],
) -> None:
    services = list(service_ids(parse_site(pillar)).values())
    before = cluster.store.read()
    expected = {node: running_on(cluster, node, services) for node in NODES}
    last = {node for node in NODES if has_address(before, node)}
    assert last < set(NODES)
    # All of them come while somebody else holds the lock, so that the order does not depend on who is faster.
    with ClusterLocks(cluster, "test").held(RESTART_LOCK, within=LONG):
        processes += [restart_current(folder) for folder in minions.values()]
        wait_for_contenders(cluster, 1 + len(NODES))
    answers = [json.loads(process.communicate(timeout=LONG)[0])["local"] for process in processes]
    results = {node: next(iter(answer.values())) for node, answer in zip(NODES, answers, strict=True)}
    assert [result["comment"] for result in results.values() if result["result"] is not True] == []
    assert {node: restarts_of(result, node) for node, result in results.items()} == expected

    after = cluster.store.read()
    assert active_nodes(after) == active_nodes(before)
    assert read_contenders(after, RESTART_LOCK) == ()
    restarts = {
        node: [start.time for name in expected[node] if (start := last_start(after, name, node))]
        for node in NODES
    }
    in_turn = sorted(NODES, key=lambda node: (max(restarts[node]), node in last))
    assert set(in_turn[-len(last) :]) == last
    for node, following in itertools.pairwise(in_turn):
        assert max(restarts[node]) <= min(restarts[following])
