"""What the adapters share: from Salt's dunders to the engine, and from its answers to Salt's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from salt.exceptions import CommandExecutionError

from saltext_cinder_ha.adapters import context
from saltext_cinder_ha.common import process
from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.transaction.commit import Outcome, Proposal
from saltext_cinder_ha.pacemaker.transaction.settle import Settlement

from ...planning import cib, dummies, plan


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


def test_mistake_in_a_function_is_an_error_that_salt_shows_as_a_sentence() -> None:
    @context.raises_for_salt
    def function() -> None:
        raise DeclarationError("down", "there is no such node")

    with pytest.raises(CommandExecutionError, match=r"^down: there is no such node$"):
        function()


def test_mistake_in_a_state_is_a_failed_state() -> None:
    @context.returns_state
    def state(name: str) -> None:
        raise DeclarationError("", "there is no such thing")

    failed = {"name": "x", "result": False, "changes": {}, "comment": "there is no such thing"}
    assert state("x") == failed


def test_bug_of_ours_is_not_swallowed() -> None:
    @context.returns_state
    def state(name: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        state("x")


def test_state_gets_its_arguments_without_those_of_salt() -> None:
    @context.returns_state
    def state(name: str, size: int, color: str = "red") -> dict[str, Any]:
        return {"name": name, "size": size, "color": color}

    assert state("x", size=1, __sls__="a") == {"name": "x", "size": 1, "color": "red"}
    assert state("x")["comment"] == "size: is missing"
    assert "colr: is no known key; did you mean 'color'?" in state("x", size=1, colr=2)["comment"]


def test_change_that_was_taken_back_is_no_change() -> None:
    proposal = Proposal(plan({"resources": dummies("vip")}, cib()))
    failed = Settlement(failures=("start vip on ctl1: not installed",))
    outcome = Outcome(proposal, written=True, settlement=failed)
    state = context.outcome_as_state("x", outcome, sandbox=False)
    assert state["result"] is False
    assert set(state["changes"]["resources"]) == {"vip"}
    assert "not installed" in state["comment"]
    taken_back = Outcome(proposal, written=True, settlement=failed, rolled_back=True)
    state = context.outcome_as_state("x", taken_back, sandbox=False)
    assert (state["result"], state["changes"]) == (False, {})
    assert "taken back" in state["comment"]


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
        sentence = "cinder_ha.release: is auto, but which release of Cinder is installed is not known here"
        with pytest.raises(CommandExecutionError, match=f"^{sentence}; name the release$"):
            modules.cinder_ha.config()
        assert states.cinder_ha.config_valid("x").comment == f"{sentence}; name the release"

    def test_what_does_not_need_the_release_works(self, modules: Any) -> None:
        assert modules.cinder_ha.declaration()["resources"]
        assert modules.cinder_ha.layout()["mistake"] is None


def test_values_of_the_pillar_are_taken_as_they_are() -> None:
    assert context.pillar_of({"cinder_ha": {"site": "east"}, "other": 1}) == {"cinder_ha": {"site": "east"}}
    assert context.pillar_of({}) == {}
