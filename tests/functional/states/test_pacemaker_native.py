"""The states and functions that take text of pcs and crm, through Salt's own loaders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from salt.exceptions import CommandExecutionError

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.programs.cibadmin import Push
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.pacemaker.store.file import FileStore
from tests.functional.pacemaker.watching import Watch

MONITOR = "op monitor interval=30s --no-default-ops"
PCS = f"""
# two resources that stay together
pcs resource create first ocf:pacemaker:Dummy passwd=S3cret \\
    {MONITOR}
pcs resource create second ocf:pacemaker:Dummy {MONITOR} --clone interleave=true
pcs constraint colocation add first with second-clone
"""
CRM = "primitive first ocf:pacemaker:Dummy op monitor interval=30s\ncommit\n"


def applied(modules: Any, state_tree: Path, function: str, test: bool = False, **given: Any) -> Any:
    arguments = [{key: value} for key, value in given.items()]
    (state_tree / "native.sls").write_text(yaml.safe_dump({"mine": {f"pacemaker.{function}": arguments}}))
    (result,) = modules.state.apply("native", test=test)
    return result


def ids(cib_file: Path) -> set[str]:
    return set(Cib.parse(cib_file.read_bytes(), "the test").by_id)


def starts_of_tools(watch: Watch) -> int:
    return sum(watch.of_processes().count(f"shadow {program} ") for program in ("pcs", "crm"))


def test_a_second_apply_changes_nothing_and_starts_neither_tool(
    modules: Any, state_tree: Path, cib_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(tmp_path / "watched", cib_file, monkeypatch)
    first = applied(modules, state_tree, "pcs_commands", commands=PCS)
    assert first.result is True, first.comment
    assert "line 5: --clone is deprecated; pcs 0.10 and later use clone" in first.comment
    assert {"first", "second-clone", "colocation-first-second-clone-INFINITY"} <= ids(cib_file)
    assert "S3cret" not in watch.of_processes() + str(first.changes) + first.comment
    started = starts_of_tools(watch)
    assert started
    second = applied(modules, state_tree, "pcs_commands", commands=PCS)
    assert (second.result, second.changes) == (True, {}), second.comment
    assert starts_of_tools(watch) == started


def test_a_test_run_predicts_the_same_and_touches_nothing(
    modules: Any, state_tree: Path, cib_file: Path
) -> None:
    predicted = applied(modules, state_tree, "crm_configured", text=CRM, test=True)
    assert predicted.result is None
    assert list(cib_file.parent.parent.glob("sandbox/**/*")) == []
    real = applied(modules, state_tree, "crm_configured", text=CRM)
    assert (real.result, real.changes) == (True, predicted.changes), real.comment


UPDATE = "resource update live fake=ours"


def apply_as_a_state(modules: Any, state_tree: Path) -> None:
    assert applied(modules, state_tree, "pcs_commands", commands=UPDATE).result is True


def apply_as_a_function(modules: Any, _: Path) -> None:
    assert modules.pacemaker.pcs(UPDATE)["result"] is True


@pytest.mark.parametrize("apply", [apply_as_a_state, apply_as_a_function])
def test_an_update_loses_nothing_that_somebody_else_writes_meanwhile(
    modules: Any,
    state_tree: Path,
    cib_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    apply: Callable[[Any, Path], None],
) -> None:
    modules.pacemaker.apply(live_with(state="/run/before"))
    push = FileStore.push

    def push_behind_somebody_else(store: FileStore, patchset: bytes) -> Push:
        monkeypatch.setattr(FileStore, "push", push)
        Cluster(Settings(cib_file=str(cib_file))).apply(live_with(state="/run/theirs"), document=None)
        return push(store, patchset)

    monkeypatch.setattr(FileStore, "push", push_behind_somebody_else)
    apply(modules, state_tree)
    found = modules.pacemaker.get("live")
    assert (found["params.fake"], found["params.state"]) == ("ours", "/run/theirs")


def live_with(**params: str) -> dict[str, Any]:
    return {"resources": {"live": {"agent": "ocf:pacemaker:Dummy", "params": params}}}


def test_a_file_of_the_master_is_taken_and_what_left_it_is_removed(
    modules: Any, state_tree: Path, cib_file: Path
) -> None:
    source = state_tree / "ha.crm"
    source.write_text(CRM + CRM.replace("first", "second"))
    assert applied(modules, state_tree, "crm_configured", source="salt://ha.crm").result is True
    source.write_text(CRM)
    assert applied(modules, state_tree, "crm_configured", source="salt://ha.crm").result is True
    assert ids(cib_file) & {"first", "second"} == {"first"}


@pytest.mark.parametrize(
    ("function", "given", "comment"),
    [
        (
            "pcs_commands",
            {"commands": "pcs cluster destroy"},
            "line 1: 'cluster destroy' is not a pcs configuration command",
        ),
        (
            "pcs_commands",
            {"commands": ["pcs resource create 'a"]},
            "commands[0], line 1: the quote ' is not closed",
        ),
        ("pcs_commands", {}, "commands: is missing"),
        ("crm_configured", {}, "crm_configured should have either text or source"),
        ("crm_configured", {"source": "salt://no"}, "source: the file salt://no does not exist"),
        ("crm_configured", {"text": 5}, "text: should be text or a list of texts"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(
    modules: Any, state_tree: Path, cib_file: Path, function: str, given: dict[str, Any], comment: str
) -> None:
    result = applied(modules, state_tree, function, **given)
    assert (result.result, result.changes) == (False, {})
    assert result.comment.startswith(comment)
    assert not cib_file.exists()


def test_compile_hides_secrets_unless_asked_for(modules: Any) -> None:
    text = "pcs resource create a ocf:pacemaker:Dummy passwd=S3cret"
    hidden = modules.pacemaker.compile(text)
    assert (hidden["tool"], hidden["sandbox"]) == ("pcs", True)
    assert "S3cret" not in str(hidden)
    shown = modules.pacemaker.compile(text, show_secrets=True)
    assert shown["declaration"]["resources"]["a"]["params"] == {"passwd": "S3cret"}


def test_one_line_is_predicted_and_then_applied(modules: Any, cib_file: Path) -> None:
    line = f"resource create a ocf:pacemaker:Dummy {MONITOR}"
    predicted = modules.pacemaker.pcs(line, test=True)
    assert (predicted["result"], predicted["written"]) == (None, False)
    assert not cib_file.exists()
    done = modules.pacemaker.pcs(line)
    assert (done["result"], done["written"]) == (True, True)
    assert done["changes"] == predicted["changes"]
    assert modules.pacemaker.crm("location l a 50: ctl1")["written"]
    assert {"a", "l"} <= ids(cib_file)


def test_a_line_that_is_no_configuration_points_to_the_verb(modules: Any) -> None:
    with pytest.raises(CommandExecutionError, match=r"use pacemaker\.move"):
        modules.pacemaker.pcs("resource move a ctl1")


def test_the_plan_is_told_in_the_words_of_a_tool(modules: Any) -> None:
    found = modules.pacemaker.plan({"properties": {"batch-limit": 7}}, show="crm")
    assert "batch-limit=7" in found["difference"]
    with pytest.raises(CommandExecutionError, match="show: is 'yaml', but should be crm or pcs"):
        modules.pacemaker.plan({}, show="yaml")
