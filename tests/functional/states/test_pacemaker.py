"""The states ``pacemaker.*`` through Salt's own state system, on a sandbox."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..observed import observed

DUMMY = "ocf:pacemaker:Dummy"
PREPARED = {
    "properties": {"stonith-enabled": False},
    "resources": {"a": {"agent": DUMMY}, "b": {"agent": DUMMY}, "old": {"agent": DUMMY}},
}
# State function, name, arguments, and the object whose change is reported.
CASES = {
    "declared": (
        "site",
        {
            "resources": {"vip": {"agent": DUMMY, "operations": [{"name": "monitor", "interval": "9s"}]}},
            "constraints": [{"order": {"first": "a", "then": "vip"}}],
            "absent": ["old"],
        },
        {"resources": ["old", "vip"], "constraints": ["order-a-vip-mandatory"]},
    ),
    "resource_present": ("vip", {"agent": DUMMY, "params": {"fake": "1"}}, {"resources": ["vip"]}),
    "group_present": ("g", {"group": ["a", "b"]}, {"resources": ["a", "b", "g"]}),
    "order_present": ("a first", {"first": "a", "then": "b"}, {"constraints": ["order-a-b-mandatory"]}),
    "colocation_present": (
        "together",
        {"resource": "b", "with": "a", "id": "b-with-a"},
        {"constraints": ["b-with-a"]},
    ),
    "location_present": (
        "a on ctl1",
        {"resource": "a", "node": "ctl1", "score": 50},
        {"constraints": ["location-a-ctl1-50"]},
    ),
    "property_present": ("no-quorum-policy", {"value": "freeze"}, {"properties": ["no-quorum-policy"]}),
    "absent": ("old", {}, {"resources": ["old"]}),
}
EACH_CASE = pytest.mark.parametrize("function", CASES)


@pytest.fixture(scope="module")
def prepared_cib(make_cib: Any) -> bytes:
    """A cluster in which there is something to constrain and something to remove."""
    return make_cib(PREPARED)


@pytest.fixture
def cluster(prepared_cib: bytes, place_cib: Any) -> Path:
    """The sandbox of this test's minion, prepared."""
    return place_cib(prepared_cib)


@pytest.fixture
def apply_sls(modules: Any, state_tree: Path) -> Any:
    """Apply the states that a mapping describes, as an SLS file."""

    def apply(content: dict[str, Any], **options: Any) -> dict[str, Any]:
        (state_tree / "case.sls").write_text(yaml.safe_dump(content, sort_keys=False))
        results = modules.state.apply("case", **options)
        return {result.id: result for result in results}

    return apply


def call(states: Any, function: str, **options: Any) -> Any:
    name, arguments, _ = CASES[function]
    return states[f"pacemaker.{function}"](name, **arguments, **options)


def changed_objects(result: Any) -> dict[str, list[str]]:
    return {section: sorted(objects) for section, objects in result.changes.items() if section != "actions"}


@EACH_CASE
def test_change_is_reported_by_its_object_and_made_once(states: Any, cluster: Path, function: str) -> None:
    first = call(states, function)
    written = cluster.read_bytes()
    second = call(states, function)
    assert (first.result, changed_objects(first)) == (True, CASES[function][2]), first.comment
    assert (second.result, second.changes) == (True, {})
    assert "as declared" in second.comment
    assert cluster.read_bytes() == written


@EACH_CASE
def test_test_mode_writes_nothing_and_predicts_the_changes_of_the_real_run(
    states: Any, cluster: Path, function: str
) -> None:
    before = cluster.read_bytes()
    predicted = call(states, function, test=True)
    assert predicted.result is None
    assert cluster.read_bytes() == before
    assert predicted.changes == call(states, function).changes
    assert call(states, function, test=True).result is True


@EACH_CASE
def test_result_has_what_salt_asks_of_a_state(states: Any, cluster: Path, function: str) -> None:
    result = call(states, function)
    assert result.name == CASES[function][0]
    assert isinstance(result.comment, str)
    assert isinstance(result.changes, dict)
    assert not result.warnings
    assert "sandbox" in result.comment


def test_test_mode_makes_no_cib_file(states: Any, cib_file: Path) -> None:
    assert states.pacemaker.resource_present("vip", agent=DUMMY, test=True).result is None
    assert not cib_file.parent.exists()


def test_test_mode_of_the_minion_writes_nothing(modules: Any, apply_sls: Any, cluster: Path) -> None:
    before = cluster.read_bytes()
    content = {"vip": {"pacemaker.resource_present": [{"agent": DUMMY}]}}
    assert apply_sls(content, test=True)["vip"].result is None
    assert cluster.read_bytes() == before


def test_prereq_on_a_change_runs_before_it(apply_sls: Any, cluster: Path) -> None:
    content = {
        "before": {"test.succeed_with_changes": [{"prereq": [{"pacemaker": "vip"}]}]},
        "vip": {"pacemaker.resource_present": [{"agent": DUMMY}]},
    }
    results = apply_sls(content)
    assert results["before"].changes
    assert results["vip"].changes
    assert results["before"].run_num < results["vip"].run_num
    assert not apply_sls(content)["before"].changes


def test_predicted_action_that_is_not_allowed_is_refused(states: Any, cluster: Path) -> None:
    before = cluster.read_bytes()
    for test in (True, False):
        result = call(states, "resource_present", allow=["stop"], test=test)
        assert (result.result, result.changes) == (False, {})
        assert "start vip" in result.comment
        assert "allow" in result.comment
    assert cluster.read_bytes() == before


def test_predicted_actions_are_part_of_the_changes(states: Any, cluster: Path) -> None:
    (action,) = call(states, "resource_present").changes["actions"]
    assert action.startswith("start vip on ctl")


def test_without_settling_nothing_starts(modules: Any, states: Any, cluster: Path) -> None:
    assert call(states, "resource_present", settle=False).result is True
    assert modules.pacemaker.status()["resources"]["vip"]["nodes"] == []


def test_document_prunes_what_it_no_longer_declares(modules: Any, states: Any, cluster: Path) -> None:
    call(states, "declared")
    pruned = states.pacemaker.declared("site", properties={"stonith-enabled": False})
    assert set(pruned.changes["resources"]) == {"vip"}
    assert modules.pacemaker.get("vip") is None
    assert modules.pacemaker.get("a") is not None


def test_document_may_have_another_name_than_the_state(states: Any, cluster: Path) -> None:
    vip = {"vip": {"agent": DUMMY}}
    states.pacemaker.declared("one", document="shared", resources=vip)
    pruned = states.pacemaker.declared("two", document="shared", properties={})
    assert set(pruned.changes["resources"]) == {"vip"}


def test_state_of_one_object_prunes_nothing(modules: Any, states: Any, cluster: Path) -> None:
    call(states, "resource_present")
    call(states, "group_present")
    assert modules.pacemaker.get("vip") is not None


@pytest.mark.parametrize(
    ("function", "name", "arguments", "sentence"),
    [
        ("declared", "d", {"resorces": {}}, "resorces: is not a known key; did you mean 'resources'?"),
        ("declared", "d", {"resources": ["a"]}, "resources: is a list, but should be a mapping"),
        ("declared", "d", {"document": 5}, "document: should be a name: non-empty text"),
        ("resource_present", "vip", {"agnt": DUMMY}, "resources.vip.agnt: is not a known key"),
        ("resource_present", "vip", {"params": {}}, "resources.vip"),
        ("resource_present", "v ip", {"agent": DUMMY}, "cannot be an id"),
        (
            "resource_present",
            "vip",
            {"agent": DUMMY, "group": ["a"]},
            "group: is an argument of group_present",
        ),
        ("resource_present", "vip", {"agent": "ocf:heartbeat:IPaddr2", "params": {}}, "ip"),
        ("resource_present", "vip", {"agent": DUMMY, "operations": {"monitor": "9s"}}, "operations"),
        ("group_present", "g", {}, "group: is missing; it should list the members"),
        ("group_present", "g", {"group": "a"}, "group: is text, but should be a list"),
        ("group_present", "g", {"group": ["a", "nobody"]}, "nobody"),
        ("order_present", "o", {"first": "a"}, "then"),
        ("order_present", "o", {"first": "a", "then": "nobody"}, "nobody"),
        ("colocation_present", "c", {"resource": "a", "with": "b", "score": "high"}, "score"),
        ("location_present", "l", {"resource": "a", "node": "ctl1", "scor": 1}, "scor: is not a known key"),
        ("property_present", "stonith-enabled", {}, "value: is missing"),
        ("property_present", "stonith-enabled", {"value": "perhaps"}, "stonith-enabled"),
        (
            "property_present",
            "stonith-enabled",
            {"value": True, "document": "d"},
            "document: is not a known key",
        ),
        ("absent", "old", {"when": "now"}, "when: is not a known key"),
        ("absent", "a b", {}, "cannot be an id"),
        ("survives", "a", {"resorces": ["a"]}, "resorces: is not a known key; did you mean 'resources'?"),
        ("survives", "a", {"resources": "a"}, "resources: should be a list of ids, at least one"),
        ("survives", "a", {"resources": []}, "resources: should be a list of ids, at least one"),
        ("survives", "nobody", {}, "there is no resource 'nobody'"),
        ("resource_present", "vip", {"agent": DUMMY, "allow": "start"}, "allow: should be a list of"),
        ("resource_present", "vip", {"agent": DUMMY, "allow": 5}, "allow: should be a list of"),
        (
            "resource_present",
            "vip",
            {"agent": DUMMY, "allow": ["begin"]},
            "allow: 'begin' is not a kind of action",
        ),
        ("resource_present", "vip", {"agent": DUMMY, "rollback": "perhaps"}, "rollback: 'perhaps' is not"),
        ("absent", "old", {"settle": [1]}, "settle: is a list"),
    ],
)
def test_mistake_is_one_sentence_and_writes_nothing(
    states: Any,
    cluster: Path,
    function: str,
    name: str,
    arguments: dict[str, Any],
    sentence: str,
) -> None:
    before = cluster.read_bytes()
    result = states[f"pacemaker.{function}"](name, **arguments)
    assert (result.result, result.changes) == (False, {})
    assert sentence in result.comment
    assert "Traceback" not in result.comment
    assert "\n" not in result.comment
    assert cluster.read_bytes() == before


def test_mistake_in_one_state_leaves_the_others_running(apply_sls: Any, cluster: Path) -> None:
    results = apply_sls(
        {
            "unknown argument": {"pacemaker.survives": [{"resorces": ["a"]}]},
            "missing argument": {"pacemaker.property_present": []},
            "vip": {"pacemaker.resource_present": [{"agent": DUMMY}]},
        }
    )
    assert {state: result.result for state, result in results.items()} == {
        "unknown argument": False,
        "missing argument": False,
        "vip": True,
    }


def test_cib_file_that_is_no_cib_is_one_sentence(states: Any, cib_file: Path) -> None:
    cib_file.parent.mkdir()
    cib_file.write_text("<cib")
    result = states.pacemaker.resource_present("vip", agent=DUMMY)
    assert result.result is False
    assert str(cib_file) in result.comment
    assert cib_file.read_text() == "<cib"


class TestMisconfiguredMinion:
    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {"cib_fle": "/nowhere"}}

    def test_wrong_setting_of_the_minion_is_one_sentence(self, states: Any) -> None:
        result = states.pacemaker.absent("old")
        assert result.result is False
        assert "pacemaker.cib_fle: is not a known key; did you mean 'cib_file'?" in result.comment


def test_survives_says_yes_for_what_can_run_elsewhere(states: Any, cluster: Path) -> None:
    result = states.pacemaker.survives("proof", resources=["a", "b"])
    assert (result.result, result.changes) == (True, {})
    assert "a, b" in result.comment
    assert states.pacemaker.survives("a").result is True


def test_survives_names_what_ends_with_which_node(states: Any, cluster: Path) -> None:
    for node in ("ctl2", "ctl3"):
        states.pacemaker.location_present(f"never {node}", resource="a", node=node, score="-INFINITY")
    result = states.pacemaker.survives("a")
    assert (result.result, result.changes) == (False, {})
    assert "a would not survive the loss of ctl1" in result.comment


def all_states() -> dict[str, Any]:
    return {
        name: {f"pacemaker.{function}": [{key: value} for key, value in arguments.items()]}
        for function, (name, arguments, _) in CASES.items()
    }


def test_run_without_a_change_reads_once_however_many_states(apply_sls: Any, cluster: Path) -> None:
    content = all_states()
    apply_sls(content)
    with observed() as seen:
        results = apply_sls(content)
    assert [result.comment for result in results.values() if result.changes] == []
    assert len(results) == len(CASES)
    assert seen.openings(cluster) == 1
    assert len(seen.programs) <= 2


@pytest.mark.usefixtures("cluster", "live_tools")
class TestOnACluster:
    """The live store; its tools are led to a file, as no cluster runs where the tests do."""

    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {"timeout": 20}}

    def test_run_without_a_change_starts_one_program(self, apply_sls: Any) -> None:
        content = all_states()
        for body in content.values():
            next(iter(body.values())).append({"settle": False})
        applied = apply_sls(content)
        assert [result.comment for result in applied.values() if result.result is not True] == []
        with observed() as seen:
            again = apply_sls(content)
        assert [result.comment for result in again.values() if result.result is not True] == []
        assert [result.comment for result in again.values() if result.changes] == []
        assert "sandbox" not in again["vip"].comment
        assert seen.programs == ["cibadmin"]


def test_edit_by_hand_between_two_runs_of_one_process_is_seen(apply_sls: Any, cluster: Path) -> None:
    content = {"no-quorum-policy": {"pacemaker.property_present": [{"value": "freeze"}]}}
    apply_sls(content)
    assert apply_sls(content)["no-quorum-policy"].changes == {}
    command = ["pcs", "-f", str(cluster), "property", "set", "no-quorum-policy=ignore"]
    subprocess.run(command, check=True, capture_output=True)
    changes = apply_sls(content)["no-quorum-policy"].changes
    assert changes["properties"]["no-quorum-policy"] == {"old": "ignore", "new": "freeze"}


def test_state_sees_what_the_state_before_it_wrote(apply_sls: Any, cluster: Path) -> None:
    results = apply_sls(
        {
            "vip": {"pacemaker.resource_present": [{"agent": DUMMY}]},
            "near": {"pacemaker.colocation_present": [{"resource": "vip"}, {"with": "a"}]},
        }
    )
    assert all(result.result is True and result.changes for result in results.values())


def test_secret_shows_in_no_answer(states: Any, cluster: Path) -> None:
    arguments = {"agent": DUMMY, "params": {"fake": "hush-hush", "passwd": "psst"}, "secret": ["fake"]}
    for options in ({"test": True}, {}, {"params": {"fake": "hush-more", "passwd": "pssst"}}):
        result = states.pacemaker.resource_present("vip", **{**arguments, **options})
        assert result.result is not False, result.comment
        shown = str(result.raw)
        assert "********" in shown
        assert not [word for word in ("hush", "psst", "pssst") if word in shown]
