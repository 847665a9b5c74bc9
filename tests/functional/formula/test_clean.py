"""``cinder_ha.clean`` undoes this node's files, and the cluster's objects only where the pillar says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings

WRITTEN_BY_NO_TEMPLATE = {"/etc/sysctl.d/60-cinder-ha.conf", "/var/lib/saltext-cinder-ha"}


@pytest.fixture
def clean() -> str:
    """The pillar's ``clean``. A test of the other one overrides it by a parameter."""
    return "node"


@pytest.fixture
def pillar(repository: Path, clean: str) -> dict[str, Any]:
    content = yaml.safe_load((repository / "pillar.example").read_text())
    content["cinder_ha"]["clean"] = clean
    content["cinder_ha"]["haproxy"]["enabled"] = True
    return content


@pytest.fixture(params=[("Debian", "Debian")], ids="/".join)
def grains(request: Any, machine_grains: dict[str, Any]) -> dict[str, Any]:
    family, distribution = request.param
    return {**machine_grains, "os_family": family, "os": distribution}


@pytest.fixture
def applied(modules: Any, cib_file: Path) -> Path:
    assert [r.comment for r in modules.state.apply("cinder_ha") if r.result is not True] == []
    return cib_file


def files_beside(cib_file: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in cib_file.parent.rglob("*") if p.is_file() and p != cib_file}


def resources(cib_file: Path) -> set[str]:
    return set(Cluster(Settings(cib_file=str(cib_file))).export().declaration.get("resources", {}))


def test_refused_while_the_cluster_runs_a_service_here(modules: Any, applied: Path) -> None:
    cib, files = applied.read_bytes(), files_beside(applied)
    (result,) = modules.state.apply("cinder_ha.clean")
    assert (result.result, result.changes) == (False, {})
    assert "openstack-cinder-api" in result.comment
    assert "put the node in standby first" in result.comment
    assert (applied.read_bytes(), files_beside(applied)) == (cib, files)


@pytest.mark.parametrize("grains", [("Debian", "Debian"), ("Debian", "Ubuntu")], indirect=True, ids="/".join)
def test_node_in_standby_loses_every_file_and_the_cluster_keeps_its_objects(
    modules: Any, applied: Path
) -> None:
    modules.pacemaker.standby("ctl1")
    cib, files = applied.read_bytes(), files_beside(applied)
    assert len(files) >= 4
    predicted = modules.state.apply("cinder_ha.clean", test=True)
    assert files_beside(applied) == files
    results = modules.state.apply("cinder_ha.clean")
    assert [result.comment for result in results if result.result is not True] == []
    assert [(r.id, r.changes) for r in results] == [(r.id, r.changes) for r in predicted]
    assert files_beside(applied) == {}
    assert applied.read_bytes() == cib
    assert [result.id for result in modules.state.apply("cinder_ha.clean") if result.changes] == []


@pytest.mark.parametrize("clean", ["cluster"])
def test_everything_that_the_formula_made_goes_and_nothing_else(modules: Any, applied: Path) -> None:
    foreign = {"resources": {"foreign": {"agent": "ocf:pacemaker:Dummy"}}}
    Cluster(Settings(cib_file=str(applied))).apply(foreign, document=None)
    results = modules.state.apply("cinder_ha.clean")
    assert [result.comment for result in results if result.result is not True] == []
    assert resources(applied) == {"foreign"}
    assert files_beside(applied) == {}
    assert [result.id for result in modules.state.apply("cinder_ha.clean") if result.changes] == []


class TestOnACluster:
    """What the SLS become on a node is looked at, not carried out: it would change this machine."""

    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {}}

    @pytest.mark.parametrize(
        "grains",
        [("Debian", "Debian"), ("Debian", "Ubuntu"), ("RedHat", "Rocky"), ("Suse", "SLES")],
        indirect=True,
        ids="/".join,
    )
    def test_exactly_what_the_other_parts_write_is_removed(self, modules: Any) -> None:
        written = set(names_of(modules.state.show_sls("cinder_ha.proxy"), "file", "managed"))
        removed = names_of(modules.state.show_sls("cinder_ha.clean"), "file", "absent")
        assert set(removed) == written | WRITTEN_BY_NO_TEMPLATE
        assert len(removed) == len(set(removed))

    def test_settings_of_the_kernel_are_in_the_file_that_is_removed(self, modules: Any) -> None:
        setting = modules.state.show_sls("cinder_ha.api")["net.ipv4.ip_nonlocal_bind"]["sysctl"]
        assert {"config": "/etc/sysctl.d/60-cinder-ha.conf"} in setting

    def test_proxy_is_stopped_before_its_file_goes(self, modules: Any) -> None:
        states = modules.state.show_sls("cinder_ha.clean")
        stopped = states["The proxy is stopped"]["service"]
        assert "dead" in stopped
        assert {"name": "haproxy"} in stopped
        assert {"require_in": [{"file": "/etc/haproxy/haproxy.cfg"}]} in stopped


class TestUnwantedProxy:
    """Whose file it is decides whether a proxy is taken away that the pillar does not mention."""

    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {}}

    @pytest.fixture
    def pillar(self, pillar: dict[str, Any]) -> dict[str, Any]:
        pillar["cinder_ha"]["haproxy"]["enabled"] = False
        return pillar

    @pytest.mark.parametrize(("by", "taken_away"), [("formula", True), ("others", False), ("nobody", False)])
    def test_only_one_that_the_formula_configured_is(
        self, modules: Any, repository: Path, tmp_path: Path, by: str, taken_away: bool
    ) -> None:
        template = repository / "states/cinder_ha/files/default/haproxy.cfg.jinja"
        file = tmp_path / "haproxy.cfg"
        if by != "nobody":
            file.write_text(template.read_text() if by == "formula" else "listen other\n")
        states = modules.state.show_sls("cinder_ha.api")
        for name, module in (("stopped", "service"), ("not configured", "file")):
            state = states[f"A proxy that is no longer in the pillar is {name}"][module]
            ((condition,),) = (a["onlyif"] for a in state if isinstance(a, dict) and "onlyif" in a)
            _, pattern = condition["args"]
            found = modules.file.search(str(file), pattern, ignore_if_missing=condition["ignore_if_missing"])
            assert (condition["fun"], found) == ("file.search", taken_away)


def names_of(states: dict[str, Any], module: str, function: str) -> list[str]:
    """The paths that the states of one function are about."""
    found = []
    for label, body in states.items():
        if function in body.get(module, ()):
            names = [a["name"] for a in body[module] if isinstance(a, dict) and "name" in a]
            found.append(names[0] if names else label)
    return found
