"""A real master hands its pillar to a real minion: the cluster gets the true values, nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

SECRET = "hush-4711-hush"
# Salt itself logs what Jinja makes of a pillar file, at the level `all`; so this one is YAML alone.
RENDERER = "#!yaml\n"


@pytest.fixture(scope="module")
def pillar(repository: Path) -> dict[str, Any]:
    """The example, with one recognisable secret in the place of each of its own."""
    text = (repository / "pillar.example").read_text()
    for word in ("FENCE_PASS", "CINDER_DBPASS", "RABBIT_PASS", "CINDER_PASS", "ADMIN_PASS"):
        assert word in text
        text = text.replace(word, SECRET)
    return yaml.safe_load(text)


@pytest.fixture(scope="module", autouse=True)
def _served_pillar(master: Any, salt_cli: Any, pillar: dict[str, Any], cib_file: Path) -> Iterator[None]:
    tree = master.pillar_tree.base
    top = yaml.safe_dump({"base": {"*": ["site"]}})
    cib_file.unlink(missing_ok=True)
    with (
        tree.temp_file("top.sls", top),
        tree.temp_file("site.sls", RENDERER + yaml.safe_dump(pillar)),
    ):
        assert salt_cli.run("saltutil.refresh_pillar", wait=True, minion_tgt="ctl1").data is True
        yield
    salt_cli.run("saltutil.refresh_pillar", wait=True, minion_tgt="ctl1")


@pytest.fixture(scope="module")
def applied(salt_cli: Any, _served_pillar: None) -> dict[str, Any]:
    """The results of the first apply, and how it was shown."""
    answer = salt_cli.run("state.apply", "cinder_ha", minion_tgt="ctl1")
    return {"results": answer.data, "shown": answer.stdout + answer.stderr}


@pytest.fixture
def configured(applied: dict[str, Any], cib_file: Path) -> str:
    """The sandbox's CIB after the first apply."""
    return cib_file.read_text()


def test_apply_through_the_master_configures_the_cluster(applied: dict[str, Any], configured: str) -> None:
    results = list(applied["results"].values())
    assert [result["comment"] for result in results if result["result"] is not True] == []
    assert 'id="openstack-cinder-volume"' in configured


def test_true_value_and_no_asterisk_lands_in_the_cib(configured: str) -> None:
    assert f'value="{SECRET}"' in configured
    assert "**" not in configured


def test_second_apply_finds_no_change(salt_cli: Any, applied: Any, cib_file: Path) -> None:
    before = cib_file.read_bytes()
    answer = salt_cli.run("state.apply", "cinder_ha", minion_tgt="ctl1")
    assert [result["changes"] for result in answer.data.values() if result["changes"]] == []
    assert cib_file.read_bytes() == before


def test_secret_shows_in_no_answer(salt_cli: Any, applied: dict[str, Any]) -> None:
    answers = [
        salt_cli.run(function, minion_tgt="ctl1")
        for function in ("cinder_ha.declaration", "pacemaker.cib", "pacemaker.export")
    ]
    shown = [applied["shown"], *(answer.stdout + answer.stderr for answer in answers)]
    assert all(answer.data for answer in answers)
    assert [text for text in shown if SECRET in text] == []


def test_secret_shows_in_no_log_at_any_level(
    master: Any, minion: Any, salt_cli: Any, applied: dict[str, Any]
) -> None:
    for daemon in (master, minion):
        log = Path(daemon.config["log_file"]).read_text(errors="replace")
        assert daemon.config["log_level_logfile"] == "all"
        assert "[TRACE" in log
        assert "state.apply" in log
        assert [line for line in log.splitlines() if SECRET in line] == []


def test_status_through_the_master_is_healthy(salt_cli: Any, applied: dict[str, Any]) -> None:
    status = salt_cli.run("cinder_ha.status", minion_tgt="ctl1").data
    assert (status["healthy"], status["problems"], status["drift"]) == (True, [], {})


def test_function_through_the_master_reads_the_cluster(salt_cli: Any, applied: dict[str, Any]) -> None:
    vip = salt_cli.run("pacemaker.get", "p_api-ip", minion_tgt="ctl1").data
    assert vip["params.ip"] == "10.0.0.11"
    lost = salt_cli.run("pacemaker.whatif", down="[ctl1]", minion_tgt="ctl1").data
    assert lost["survives"] is True
    exported = salt_cli.run("pacemaker.export", "p_api-ip", show_secrets=True, minion_tgt="ctl1").data
    assert list(exported["declaration"]["resources"]) == ["p_api-ip"]


def test_mistake_through_the_master_is_a_sentence(salt_cli: Any, applied: dict[str, Any]) -> None:
    answer = salt_cli.run("pacemaker.whatif", down="[ctl9]", minion_tgt="ctl1")
    assert answer.returncode != 0
    assert "there is no node 'ctl9'" in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
