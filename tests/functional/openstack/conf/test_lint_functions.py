"""``cinder_ha.lint`` and ``cinder_ha.config_valid`` through Salt's loader, on a sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from salt.exceptions import CommandExecutionError

WRONG = "[oslo_messaging_rabbit]\nheartbeat_rate = banana\nrabbit_quorum_queues = true\n"
MISTYPED = {"oslo_messaging_rabbit": {"heartbeat_rate": "banana"}}


@pytest.fixture
def pillar(repository: Path, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The example's pillar with the keys that a test gives in the place of its own."""
    example = yaml.safe_load((repository / "pillar.example").read_text())
    return {"cinder_ha": {**example["cinder_ha"], **getattr(request, "param", {})}}


@pytest.fixture
def configuration(cib_file: Path) -> Path:
    """cinder.conf of this test's minion, below the sandbox's root."""
    path = cib_file.parent / "etc" / "cinder" / "cinder.conf"
    path.parent.mkdir(parents=True)
    path.write_text(WRONG)
    return path


def test_lint_reads_the_file_below_the_sandbox(modules: Any, configuration: Path) -> None:
    answer = modules.cinder_ha.lint()
    assert (answer["path"], answer["valid"], answer["sandbox"]) == (str(configuration), False, True)
    errors = [finding for finding in answer["findings"] if finding["severity"] == "error"]
    assert [(finding["option"], finding["line"]) for finding in errors] == [
        ("heartbeat_rate", 2),
        ("rabbit_quorum_queues", 3),
    ]
    assert errors[1]["instead"] == "write rabbit_quorum_queue"


def test_lint_takes_another_file(modules: Any, configuration: Path) -> None:
    (configuration.parent / "other.conf").write_text("[DEFAULT]\ndebug = true\n")
    assert modules.cinder_ha.lint(path="/etc/cinder/other.conf")["valid"] is True


@pytest.mark.parametrize("path", ["/etc/cinder/none.conf", "cinder.conf"])
def test_file_that_cannot_be_read_is_one_sentence(modules: Any, path: str) -> None:
    with pytest.raises(CommandExecutionError, match=r"cannot be read: No such|should be an absolute path"):
        modules.cinder_ha.lint(path=path)


def test_configuration_of_the_example_pillar_is_valid(states: Any) -> None:
    answer = states.cinder_ha.config_valid("valid")
    assert (answer.result, answer.changes) == (True, {})
    assert "error:" not in answer.comment


@pytest.mark.parametrize(
    ("pillar", "result"),
    [
        ({"config": MISTYPED, "config_errors": "refuse"}, False),
        ({"config": MISTYPED, "config_errors": "warn"}, True),
    ],
    indirect=["pillar"],
)
def test_error_stops_the_file_unless_the_pillar_only_wants_a_warning(states: Any, result: bool) -> None:
    answer = states.cinder_ha.config_valid("valid")
    assert answer.result is result
    assert (
        "[oslo_messaging_rabbit] heartbeat_rate: is 'banana', but should be a whole number" in answer.comment
    )
