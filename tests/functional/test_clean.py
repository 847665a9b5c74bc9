"""``cinder_ha.clean`` undoes this node's files, and the cluster's objects only where the pillar says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings

FILES = ("etc/cinder/cinder.conf", "var/lib/saltext-cinder-ha")


@pytest.fixture
def pillar(repository: Path, clean: str) -> dict[str, Any]:
    content = yaml.safe_load((repository / "pillar.example").read_text())
    content["cinder_ha"]["clean"] = clean
    return content


@pytest.fixture
def applied(modules: Any, cib_file: Path) -> Path:
    assert [r.comment for r in modules.state.apply("cinder_ha") if r.result is not True] == []
    assert all((cib_file.parent / file).exists() for file in FILES)
    return cib_file


def resources(cib_file: Path) -> set[str]:
    return set(Cluster(Settings(cib_file=str(cib_file))).export().declaration.get("resources", {}))


@pytest.mark.parametrize("clean", ["node"])
def test_refused_while_the_cluster_runs_a_service_here(modules: Any, applied: Path) -> None:
    before = applied.read_bytes()
    (result,) = modules.state.apply("cinder_ha.clean")
    assert (result.result, result.changes) == (False, {})
    assert "openstack-cinder-api" in result.comment
    assert "put the node in standby first" in result.comment
    assert applied.read_bytes() == before
    assert all((applied.parent / file).exists() for file in FILES)


@pytest.mark.parametrize("clean", ["node"])
def test_node_in_standby_loses_its_files_and_the_cluster_keeps_its_objects(
    modules: Any, applied: Path
) -> None:
    modules.pacemaker.standby("ctl1")
    before = applied.read_bytes()
    foretold = modules.state.apply("cinder_ha.clean", test=True)
    assert None in {result.result for result in foretold}
    results = modules.state.apply("cinder_ha.clean")
    assert [result.comment for result in results if result.result is not True] == []
    assert not any((applied.parent / file).exists() for file in FILES)
    assert applied.read_bytes() == before
    assert [result.id for result in modules.state.apply("cinder_ha.clean") if result.changes] == []


@pytest.mark.parametrize("clean", ["cluster"])
def test_everything_that_the_formula_made_goes_and_nothing_else(modules: Any, applied: Path) -> None:
    foreign = {"resources": {"foreign": {"agent": "ocf:pacemaker:Dummy"}}}
    Cluster(Settings(cib_file=str(applied))).apply(foreign, document=None)
    results = modules.state.apply("cinder_ha.clean")
    assert [result.comment for result in results if result.result is not True] == []
    assert resources(applied) == {"foreign"}
    assert not any((applied.parent / file).exists() for file in FILES)
    assert [result.id for result in modules.state.apply("cinder_ha.clean") if result.changes] == []
