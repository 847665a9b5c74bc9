"""``state.apply cinder_ha`` on a masterless minion: from a pillar to resources that run, in a sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.pacemaker.cib.document import Cib

from ..observed import observed

CONTROLLERS = ("ctl1", "ctl2", "ctl3")
RESOURCES = "Cinder's resources are in the cluster"
SECRETS = ("FENCE_PASS", "CINDER_DBPASS", "RABBIT_PASS", "CINDER_PASS", "ADMIN_PASS")


@pytest.fixture
def pillar(repository: Path) -> dict[str, Any]:
    """The pillar that comes with the package."""
    return yaml.safe_load((repository / "pillar.example").read_text())


def outcome(results: Any) -> dict[str, bool | None]:
    return {result.id: result.result for result in results}


def changed(results: Any) -> list[str]:
    return [result.id for result in results if result.changes]


def own_changes(results: Any) -> dict[str, Any]:
    """What the states of this package change."""
    return {r.id: r.changes for r in results if r.state_id.startswith("cinder_ha_")}


class TestOnEachFamily:
    @pytest.fixture(params=["Debian", "RedHat", "Suse"])
    def grains(self, request: Any, machine_grains: dict[str, Any]) -> dict[str, Any]:
        return {**machine_grains, "os_family": request.param}

    def test_everything_runs_and_a_second_apply_finds_no_change(self, modules: Any) -> None:
        first = modules.state.apply("cinder_ha")
        assert set(outcome(first).values()) == {True}
        status = modules.cinder_ha.status()
        assert status["problems"] == []
        assert status["services"]["api"]["nodes"] == list(CONTROLLERS)
        for one in (status["services"]["volume"], *status["vips"].values()):
            assert len(one["nodes"]) == 1
        second = modules.state.apply("cinder_ha")
        assert set(outcome(second).values()) == {True}
        assert changed(second) == []


def test_apply_without_a_change_reads_once_and_starts_at_most_two_programs(
    modules: Any, cib_file: Path
) -> None:
    modules.state.apply("cinder_ha")
    with observed() as seen:
        modules.state.apply("cinder_ha")
    assert seen.openings(cib_file) == 1
    assert len(seen.programs) <= 2


def test_test_mode_predicts_the_changes_of_the_real_run_and_makes_no_file(
    modules: Any, cib_file: Path
) -> None:
    predicted = modules.state.apply("cinder_ha", test=True)
    assert not cib_file.parent.exists()
    assert None in outcome(predicted).values()
    assert False not in outcome(predicted).values()
    real = modules.state.apply("cinder_ha")
    assert changed(predicted) == changed(real)
    # Salt's own states word a new file in another way before it is there.
    assert own_changes(predicted) == own_changes(real)


def test_edit_by_hand_between_two_applies_is_undone_and_named(modules: Any, cib_file: Path) -> None:
    modules.state.apply("cinder_ha")
    assert changed(modules.state.apply("cinder_ha")) == []
    command = ["pcs", "-f", str(cib_file), "resource", "update", "p_api-ip", "cidr_netmask=32"]
    subprocess.run(command, check=True, capture_output=True)
    (again,) = [result for result in modules.state.apply("cinder_ha") if result.changes]
    assert again.changes["resources"]["p_api-ip"] == {
        "old": {"params.cidr_netmask": "32"},
        "new": {"params.cidr_netmask": "24"},
    }


def test_secret_of_the_pillar_shows_in_no_answer(modules: Any, cib_file: Path) -> None:
    shown = str([result.raw for result in modules.state.apply("cinder_ha")])
    shown += str([modules.cinder_ha.status(), modules.cinder_ha.declaration(), modules.pacemaker.cib()])
    shown += str([modules.pacemaker.export(), modules.pacemaker.get("fencing")])
    assert [secret for secret in SECRETS if secret in shown] == []
    assert "FENCE_PASS" in cib_file.read_text()
    assert "FENCE_PASS" in str(modules.cinder_ha.declaration(show_secrets=True))


def test_pillar_of_the_command_line_wins(modules: Any, pillar: dict[str, Any]) -> None:
    pillar["cinder_ha"]["cluster"]["extra"]["resources"]["fencing"]["params"]["ip"] = "10.0.0.99"
    modules.state.apply("cinder_ha", pillar=pillar)
    assert modules.pacemaker.get("fencing")["params.ip"] == "10.0.0.99"


class TestWithoutThePillar:
    @pytest.fixture
    def pillar(self) -> dict[str, Any]:
        return {}

    def test_one_state_fails_with_one_sentence(self, modules: Any, cib_file: Path) -> None:
        (result,) = modules.state.apply("cinder_ha")
        assert (result.result, result.changes) == (False, {})
        assert "cinder_ha" in result.comment
        assert "pillar" in result.comment
        assert "\n" not in result.comment
        assert not cib_file.parent.exists()


class TestWrongPillar:
    @pytest.fixture(
        params=[
            ("mode: systemd", "mode: windows", "mode"),
            ("ip: 10.0.0.11 ", "ip: 10.0.0.999 ", "vips.internal.ip"),
            ("ordering: guide", "odering: guide", "cluster.odering"),
            ("agent: stonith:fence_apc", "agnt: fence_apc", "cluster.extra.resources.fencing.agnt"),
            ("stonith-enabled: true", "stonith-enabled: x", "cluster.properties.stonith-enabled"),
        ],
        ids=lambda case: case[2],
    )
    def mistake(self, request: Any) -> tuple[str, str, str]:
        return request.param

    @pytest.fixture
    def pillar(self, repository: Path, mistake: tuple[str, str, str]) -> dict[str, Any]:
        right, wrong, _ = mistake
        text = (repository / "pillar.example").read_text()
        assert right in text
        return yaml.safe_load(text.replace(right, wrong, 1))

    def test_key_is_named_and_nothing_written(
        self, modules: Any, cib_file: Path, mistake: tuple[str, str, str]
    ) -> None:
        failed = [result for result in modules.state.apply("cinder_ha") if result.result is False]
        assert failed
        for result in failed:
            assert result.comment.startswith(f"cinder_ha.{mistake[2]}: ")
            assert "\n" not in result.comment
        assert not cib_file.exists()


@pytest.fixture
def controllers(minion_config: Path, tmp_path: Path) -> list[Path]:
    """The configuration folders of three masterless minions that share one sandbox."""
    settings = yaml.safe_load((minion_config / "minion").read_text())
    folders = []
    for name in CONTROLLERS:
        folder = tmp_path / name
        folder.mkdir()
        own = {**settings, "id": name, "root_dir": str(folder / "root")}
        (folder / "minion").write_text(yaml.safe_dump(own))
        folders.append(folder)
    return folders


def test_controllers_that_apply_at_once_write_once(
    modules: Any, cib_file: Path, controllers: list[Path]
) -> None:
    at_once = _apply_at_once(controllers)
    assert [result["comment"] for result in at_once if result["result"] is not True] == []
    written = [result for result in at_once if result["__id__"] == RESOURCES and result["changes"]]
    assert len(written) == 1
    epoch = Cib.parse(cib_file.read_bytes(), "the sandbox").version.epoch
    assert changed(modules.state.apply("cinder_ha")) == []
    cib_file.unlink()
    modules.state.apply("cinder_ha")
    alone = Cib.parse(cib_file.read_bytes(), "the sandbox").version.epoch
    assert epoch == alone


def _apply_at_once(controllers: list[Path]) -> list[dict[str, Any]]:
    """Return the results of all states of all controllers."""
    salt_call = str(Path(sys.executable).with_name("salt-call"))
    processes = [
        subprocess.Popen(
            [salt_call, "--local", f"--config-dir={folder}", "--out=json", "state.apply", "cinder_ha"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for folder in controllers
    ]
    answers = [json.loads(process.communicate(timeout=120)[0])["local"] for process in processes]
    return [result for answer in answers for result in answer.values()]
