"""From Salt's dunders to what the pure packages work with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from salt.exceptions import CommandExecutionError

from saltext_cinder_ha.adapters import context
from saltext_cinder_ha.common import process


@pytest.fixture
def opts(tmp_path: Path) -> dict[str, Any]:
    return {"pacemaker": {"cib_file": str(tmp_path / "cib.xml")}}


def test_states_of_one_run_share_a_cluster(opts: dict[str, Any]) -> None:
    run: dict[str, Any] = {}
    first = context.cluster_of_run(opts, run)
    assert context.cluster_of_run(opts, run) is first
    assert context.cluster_of_run(opts, {}) is not first


def test_old_snapshot_is_not_used_later_in_a_long_run(
    opts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run: dict[str, Any] = {}
    first = context.cluster_of_run(opts, run)
    monkeypatch.setattr(context, "_LONGEST_KEPT_SECONDS", -1.0)
    assert context.cluster_of_run(opts, run) is not first


def test_release_that_is_asked_for_is_that_of_the_installed_cinder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository / ".venv-openstack/bin"), prepend=os.pathsep)
    assert context.read_site({"cinder_ha": {"release": "auto"}}).release == "2026.2"


class TestWithoutCinder:
    @pytest.fixture
    def pillar(self, repository: Path) -> dict[str, Any]:
        content = yaml.safe_load((repository / "pillar.example").read_text())
        content["cinder_ha"]["release"] = "auto"
        return content

    @pytest.fixture(autouse=True)
    def _no_cinder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = tmp_path / "programs"
        folder.mkdir()
        for tool in ("crm_simulate", "crm_mon", "crm_node"):
            (folder / tool).symlink_to(process.find_program(tool))
        monkeypatch.setattr(process, "_SYSTEM_FOLDERS", ())
        monkeypatch.setenv("PATH", str(folder))

    def test_what_needs_the_release_says_so_in_one_sentence(self, modules: Any, states: Any) -> None:
        sentence = "cinder_ha.release: is auto, but no installed Cinder tells its release here"
        with pytest.raises(CommandExecutionError, match=f"^{sentence}; name the release$"):
            modules.cinder_ha.config()
        assert states.cinder_ha.config_valid("x").comment == f"{sentence}; name the release"

    def test_what_does_not_need_the_release_works(self, modules: Any) -> None:
        assert modules.cinder_ha.declaration()["resources"]
        assert modules.cinder_ha.layout()["mistake"] is None


def test_values_of_the_pillar_are_taken_as_they_are() -> None:
    assert context.pillar_of({"cinder_ha": {"site": "east"}, "other": 1}) == {"cinder_ha": {"site": "east"}}
    assert context.pillar_of({}) == {}
