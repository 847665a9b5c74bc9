"""Everyday verbs through Salt's loader, in a sandbox: predicted, done and reported alike with pcs and crm."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from salt.exceptions import CommandExecutionError

from saltext_cinder_ha.common import process
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings

from ...canonical import configuration
from ..observed import observed

TOOLS = ("pcs", "crm")
DUMMY = "ocf:pacemaker:Dummy"
PREPARED = {
    "properties": {"stonith-enabled": False},
    "resources": {
        "vip": {"agent": DUMMY},
        "api": {"agent": DUMMY, "clone": {"meta": {"interleave": True}}},
        "a": {"agent": DUMMY},
        "b": {"agent": DUMMY},
        "pair": {"group": ["a", "b"]},
    },
    "constraints": [
        {"location": {"resource": "vip", "node": "ctl1", "score": 100}},
        {"location": {"resource": "pair", "node": "ctl2", "score": 100}},
    ],
}
# Each line runs on what those before it have left: by one tool, after the other one has predicted it.
DAY = [
    ("standby", ["ctl1"], {}),
    ("unstandby", ["ctl1"], {}),
    ("maintenance", [True], {}),
    ("maintenance", [True], {"node": "ctl2"}),
    ("maintenance", [False], {"node": ["ctl2"]}),
    ("maintenance", [False], {}),
    ("disable", [["api", "vip"]], {}),
    ("enable", [["vip", "api-clone"]], {}),
    ("move", ["vip", "ctl3"], {"lifetime": "2h"}),
    ("clear", ["vip"], {}),
    ("restart", ["api-clone"], {}),
    ("move", ["vip"], {}),
    ("clear", ["vip"], {}),
    ("wait", [], {}),
]
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?")


@pytest.fixture(scope="module")
def prepared_cib(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "cib.xml"
    Cluster(Settings(cib_file=str(path))).apply(PREPARED, document=None)
    return path


@pytest.fixture
def cluster(prepared_cib: Path, cib_file: Path) -> Path:
    """The sandbox of this test's minion, in which everything runs."""
    cib_file.parent.mkdir()
    shutil.copy(prepared_cib, cib_file)
    return cib_file


@pytest.fixture
def pacemaker(modules: Any, cluster: Path) -> Any:
    return modules.pacemaker


@pytest.fixture
def minion_settings(cib_file: Path) -> dict[str, Any]:
    return settings_with("pcs", cib_file)


def settings_with(tool: str, cib_file: Path) -> dict[str, Any]:
    return {"pacemaker": {"cib_file": str(cib_file), "tool": tool}}


def without_times(value: Any) -> str:
    return _TIME.sub("TIME", str(value))


def configuration_of(path: Path) -> str:
    """The configuration as Pacemaker understands it, without when a constraint ends."""
    cib = Cib.parse(path.read_bytes(), path.name)
    return without_times(configuration(cib, generated_ids=False))


@pytest.fixture
def functions_with(
    cluster: Path, machine_loaders: Any, machine_grains: Any, minion_opts: Any
) -> Callable[[str], Any]:
    """The functions of a minion whose settings name a tool; there is one minion at a time."""
    current = ""

    def become(tool: str) -> Any:
        nonlocal current
        if tool != current:
            machine_loaders.become({**minion_opts, **settings_with(tool, cluster)}, machine_grains)
            current = tool
        return machine_loaders.modules.pacemaker

    return become


# Each of many starts of pcs and crm takes seconds on a busy machine.
@pytest.mark.one_salt
@pytest.mark.timeout(300)
def test_verbs_do_with_either_tool_what_the_other_one_predicts(
    functions_with: Callable[[str], Any], cluster: Path
) -> None:
    after = []
    with observed() as seen:
        for number, (verb, arguments, options) in enumerate(DAY):
            before = cluster.read_bytes()
            doer, teller = TOOLS if number % 2 == 0 else reversed(TOOLS)
            predicted = getattr(functions_with(teller), verb)(*arguments, **options, test=True)
            assert cluster.read_bytes() == before
            done = getattr(functions_with(doer), verb)(*arguments, **options)
            after.append(configuration_of(cluster))
            assert done["result"] is True, verb
            assert done["missing"] == done["failures"] == [], verb
            assert done["actions"] == predicted["actions"], verb
            assert without_times(done["changes"]) == without_times(predicted["changes"]), verb
            assert predicted["sandbox"] is done["sandbox"] is True
            assert "sandbox" in predicted["comment"]
            assert "sandbox" in done["comment"]
    # For crm, the cluster's own maintenance mode is crm_attribute's business.
    assert min(map(seen.programs.count, TOOLS)) >= len(DAY) // 2
    # What one tool does is taken back by the other one, and leaves what was there.
    assert after[5] == after[7] == after[9] == after[12]


# Many starts of pcs and crm again.
@pytest.mark.one_salt
@pytest.mark.timeout(300)
def test_flag_that_lasts_until_a_restart_is_seen_and_taken_back_with_either_tool(
    functions_with: Callable[[str], Any], cluster: Path
) -> None:
    answers = []
    set_until_restart(cluster, "ctl1", "standby", "on")
    functions_with("pcs").wait()
    aside = cluster.read_bytes()
    for tool in TOOLS:
        pacemaker = functions_with(tool)
        cluster.write_bytes(aside)
        status = pacemaker.status()
        assert status["nodes"]["ctl1"]["standby"] is True
        assert status["interventions"] == ["ctl1 is in standby until it restarts"]
        predicted = pacemaker.unstandby("ctl1", test=True)
        assert predicted["result"] is None
        assert cluster.read_bytes() == aside
        done = pacemaker.unstandby("ctl1")
        assert (done["result"], done["missing"], done["failures"]) == (True, [], [])
        assert done["changes"] == predicted["changes"]
        assert done["changes"]["nodes"] == {"ctl1": {"old": {"standby (transient)": "on"}, "new": {}}}
        assert done["changes"]["actions"] == done["actions"] == predicted["actions"]
        assert "start api on ctl1" in done["happened"]
        assert pacemaker.status()["nodes"]["ctl1"]["standby"] is False
        assert "already; nothing is changed" in pacemaker.unstandby("ctl1")["comment"]
        answers.append(done)
    assert answers[0] == answers[1]


@pytest.mark.one_salt
@pytest.mark.parametrize("flag", ["standby", "maintenance"])
def test_flag_is_taken_back_however_it_was_set(pacemaker: Any, cluster: Path, flag: str) -> None:
    put, take = {
        "standby": (pacemaker.standby, pacemaker.unstandby),
        "maintenance": (
            lambda node: pacemaker.maintenance(True, node=node),
            lambda node: pacemaker.maintenance(False, node=node),
        ),
    }[flag]
    put("ctl1")
    set_until_restart(cluster, "ctl1", flag, "on")
    set_until_restart(cluster, "ctl2", flag, "on")
    done = take(["ctl1", "ctl2"])
    assert (done["result"], done["missing"], done["failures"]) == (True, [], [])
    transient = f"{flag} (transient)"
    assert done["changes"]["nodes"] == {
        "ctl1": {"old": {flag: "on", transient: "on"}, "new": {}},
        "ctl2": {"old": {transient: "on"}, "new": {}},
    }
    assert pacemaker.status()["problems"] == []


def test_standby_is_not_undone_by_what_lasts_until_a_restart(pacemaker: Any, cluster: Path) -> None:
    pacemaker.standby("ctl1")
    set_until_restart(cluster, "ctl1", "standby", "off")
    assert pacemaker.status()["interventions"] == []
    assert pacemaker.standby("ctl1")["changes"]["nodes"] == {
        "ctl1": {"old": {"standby (transient)": "off"}, "new": {}}
    }
    assert pacemaker.status()["nodes"]["ctl1"]["standby"] is True


def set_until_restart(path: Path, node: str, flag: str, value: str) -> None:
    """Set an attribute of a node as crm_standby --lifetime reboot does."""
    argv = ["crm_attribute", "--lifetime", "reboot", "--node", node, "--name", flag, "--update", value]
    process.run(argv, settings={"CIB_file": str(path)}, timeout=60)


@pytest.mark.one_salt
def test_report_is_of_what_the_cluster_did(pacemaker: Any) -> None:
    done = pacemaker.disable(["api", "vip"])
    stopped = ["stop api on ctl1", "stop api on ctl2", "stop api on ctl3", "stop vip on ctl1"]
    assert sorted(done["happened"]) == stopped
    assert done["changes"]["resources"] == {
        "vip": {"old": {}, "new": {"meta.target-role": "Stopped"}},
        "api-clone": {"old": {}, "new": {"meta.target-role": "Stopped"}},
    }
    pacemaker.enable(["api", "vip"])
    done = pacemaker.restart("api-clone")
    assert done["happened"] == [f"restart api on {node}" for node in ("ctl1", "ctl2", "ctl3")]
    done = pacemaker.standby("ctl1")
    assert done["changes"]["nodes"] == {"ctl1": {"old": {}, "new": {"standby": "on"}}}
    assert "move vip from ctl1 to" in str(done["happened"])


def test_move_reports_the_constraint_that_it_leaves_and_when_it_lapses(pacemaker: Any) -> None:
    done = pacemaker.move("vip", "ctl3", lifetime="2h")
    (constraint,) = done["constraints"]
    assert _TIME.fullmatch(constraint.pop("until"))
    assert constraint == {"id": "cli-prefer-vip", "resource": "vip", "node": "ctl3", "banned": False}
    assert done["happened"] == ["move vip from ctl1 to ctl3"]
    done = pacemaker.move("vip")
    (ban,) = [found for found in done["constraints"] if found["banned"]]
    assert (ban["id"], ban["until"]) == ("cli-ban-vip-on-ctl3", None)
    assert "until it is cleared" in done["comment"]


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("unstandby", ["ctl1"]),
        ("maintenance", [False]),
        ("enable", ["api"]),
        ("move", ["vip", "ctl1"]),
        ("clear", ["vip"]),
        ("cleanup", []),
    ],
)
def test_what_is_so_already_is_said_and_changes_nothing(
    pacemaker: Any, cluster: Path, verb: str, arguments: list[Any]
) -> None:
    before = cluster.read_bytes()
    with observed() as seen:
        done = getattr(pacemaker, verb)(*arguments)
    assert done["result"] is getattr(pacemaker, verb)(*arguments, test=True)["result"] is True
    assert "already; nothing is changed" in done["comment"]
    assert done["changes"] == {}
    assert cluster.read_bytes() == before
    assert "pcs" not in seen.programs


@pytest.mark.one_salt
def test_restart_of_several_nodes_is_predicted_from_what_the_node_before_leaves(
    pacemaker: Any, cluster: Path
) -> None:
    chain = {
        "resources": {
            "scheduler": {"agent": DUMMY, "clone": {"meta": {"interleave": True}}},
            "volume": {"agent": DUMMY, "meta": {"resource-stickiness": 100}},
        },
        "constraints": [
            {"order": {"first": "api-clone", "then": "scheduler-clone"}},
            {"order": {"first": "scheduler-clone", "then": "volume"}},
            {"colocation": {"resource": "scheduler-clone", "with": "api-clone"}},
            {"colocation": {"resource": "volume", "with": "scheduler-clone"}},
            {"location": {"resource": "volume", "node": "ctl1", "score": 1}},
        ],
    }
    Cluster(Settings(cib_file=str(cluster))).apply(chain, document="chain")
    predicted = pacemaker.restart("api-clone", test=True)["actions"]
    assert len([action for action in predicted if action.startswith("move volume")]) > 1
    done = pacemaker.restart("api-clone")
    assert done["actions"] == predicted
    assert (done["missing"], done["failures"]) == ([], [])


def test_restart_of_a_group_takes_its_members_and_leaves_no_constraint(pacemaker: Any, cluster: Path) -> None:
    (node,) = pacemaker.status()["resources"]["pair"]["nodes"]
    before = configuration_of(cluster)
    done = pacemaker.restart("pair", node=node)
    assert sorted(done["happened"]) == [f"restart a on {node}", f"restart b on {node}"]
    assert done["result"] is True
    assert configuration_of(cluster) == before


def test_enabled_resource_that_cannot_run_is_named_with_the_reason(pacemaker: Any) -> None:
    pacemaker.disable("a")
    pacemaker.disable("pair")
    done = pacemaker.enable("a")
    assert done["result"] is True
    assert done["unstarted"] == ["a is not running: it is disabled (target-role=Stopped)"]


def test_cleanup_forgets_failures_and_lets_the_cluster_try_again(pacemaker: Any, cluster: Path) -> None:
    pacemaker.disable("vip")
    _let_fail(cluster, "vip", "ctl1")
    (failure,) = pacemaker.status()["failures"]
    assert (failure["resource"], failure["node"]) == ("vip", "ctl1")
    assert pacemaker.cleanup("api")["changes"] == {}
    assert pacemaker.cleanup("vip", node="ctl2")["changes"] == {}
    predicted = pacemaker.cleanup("vip", test=True)
    assert predicted["result"] is None
    done = pacemaker.cleanup("vip")
    assert (done["result"], done["failures"]) == (True, [])
    assert done["changes"] == predicted["changes"] == {
        "failures": {"vip on ctl1": {"old": "start of vip on ctl1 failed: error", "new": None}}
    }  # fmt: skip
    assert pacemaker.status()["failures"] == []


def _let_fail(path: Path, resource: str, node: str) -> None:
    """Leave the record of a start that failed."""
    cib = Cib.parse(path.read_bytes(), path.name)
    history = f"node_state[@uname='{node}']/lrm/lrm_resources/lrm_resource[@id='{resource}']"
    (stop,) = cib.status.xpath(f"{history}/lrm_rsc_op[@operation='stop']")
    failed = cib.parse(cib.to_xml(), "copy").status.xpath(f"{history}/lrm_rsc_op[@operation='stop']")[0]
    key = f"{resource}_start_0"
    failed.attrib.update({"id": f"{resource}_last_failure_0", "operation_key": key, "operation": "start"})
    magic = stop.get("transition-magic", "").partition(";")[2]
    failed.attrib.update({"rc-code": "1", "transition-magic": f"0:1;{magic}"})
    failed.set("call-id", str(int(stop.get("call-id", "0")) - 1))
    stop.addprevious(failed)
    path.write_bytes(cib.to_xml())


def test_wait_says_what_is_left_to_do_and_then_that_it_is_done(pacemaker: Any) -> None:
    pacemaker.apply({"resources": {"new": {"agent": DUMMY}}}, settle=False)
    predicted = pacemaker.wait(test=True)
    assert predicted["result"] is None
    assert "start new" in str(predicted["actions"])
    done = pacemaker.wait()
    assert done["result"] is True
    assert "start new" in str(done["happened"])
    assert pacemaker.wait(test=True)["result"] is True


@pytest.mark.parametrize(
    ("verb", "arguments", "options", "sentence"),
    [
        ("standby", ["ctl9"], {}, "node: there is no node 'ctl9'; the nodes are ctl1, ctl2, ctl3"),
        ("standby", [[]], {}, "node: should name at least one node"),
        ("standby", ["ctl1; reboot"], {}, "there is no node 'ctl1; reboot'"),
        ("maintenance", ["ctl1"], {}, "enabled: 'ctl1' is not"),
        ("disable", ["nobody"], {}, "resource: there is no resource 'nobody'"),
        ("disable", ["ctl1"], {}, "resource: there is no resource 'ctl1'"),
        ("enable", [[]], {}, "resource: should name a resource"),
        ("move", ["api"], {}, "resource: 'api' runs on several nodes"),
        ("move", ["nobody", "ctl1"], {}, "resource: there is no resource 'nobody'"),
        ("move", ["vip", "ctl9"], {}, "node: there is no node 'ctl9'"),
        ("move", ["vip", "ctl2"], {"lifetime": "soon"}, "lifetime: is 'soon', but should be a time"),
        ("move", ["vip", "ctl2"], {"lifetime": 0}, "lifetime: is 0, but should be a time"),
        ("clear", ["nobody"], {}, "resource: there is no resource 'nobody'"),
        ("restart", ["nobody"], {}, "resource"),
        ("restart", ["vip"], {"node": "ctl9"}, "node: there is no node 'ctl9'"),
        ("restart", ["vip"], {"node": "ctl3"}, "'vip' is not restarted on ctl3: it is not running on ctl3"),
        ("cleanup", ["nobody"], {}, "resource: there is no resource 'nobody'"),
        ("cleanup", [], {"node": "ctl9"}, "node: there is no node 'ctl9'"),
        ("wait", [], {"timeout": 0}, "timeout: is 0, but should be a number of seconds above 0"),
        ("standby", ["ctl1"], {"test": "perhaps"}, "test: 'perhaps' is not"),
    ],
)
def test_mistake_is_an_error_of_one_sentence_and_changes_nothing(
    pacemaker: Any, cluster: Path, verb: str, arguments: list[Any], options: dict[str, Any], sentence: str
) -> None:
    before = cluster.read_bytes()
    with pytest.raises(CommandExecutionError) as raised:
        getattr(pacemaker, verb)(*arguments, **options)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert cluster.read_bytes() == before


def test_move_that_the_cluster_would_not_follow_is_refused(pacemaker: Any, cluster: Path) -> None:
    pacemaker.standby("ctl2")
    before = cluster.read_bytes()
    with pytest.raises(CommandExecutionError, match="the cluster would not move 'vip' to ctl2"):
        pacemaker.move("vip", "ctl2")
    assert cluster.read_bytes() == before


class TestWithoutTheTool:
    def test_missing_tool_is_named_with_its_package(
        self, pacemaker: Any, cluster: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        before = cluster.read_bytes()
        _only_pacemakers_tools(monkeypatch, tmp_path / "bin")
        with pytest.raises(CommandExecutionError, match="pcs is not installed on this machine; install"):
            pacemaker.standby("ctl1")
        assert cluster.read_bytes() == before


class TestWithAnyTool:
    @pytest.fixture
    def minion_settings(self, cib_file: Path) -> dict[str, Any]:
        return settings_with("auto", cib_file)

    def test_crm_serves_where_there_is_no_pcs(
        self, pacemaker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        _only_pacemakers_tools(monkeypatch, tmp_path / "bin", "crm")
        with observed() as seen:
            assert pacemaker.standby("ctl1")["result"] is True
        assert "crm" in seen.programs
        _only_pacemakers_tools(monkeypatch, tmp_path / "none")
        with pytest.raises(CommandExecutionError, match="neither pcs nor crm is installed"):
            pacemaker.unstandby("ctl1")


def _only_pacemakers_tools(monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str) -> None:
    """Let the programs that Pacemaker brings, and some more, be all that is installed."""
    folder.mkdir()
    for name in ("cibadmin", "crm_simulate", "crm_mon", "crm_resource", "crm_attribute", *more):
        target = shutil.which(name)
        assert target is not None
        (folder / name).symlink_to(target)
    for name in ("sh", "ping", "python3"):
        (folder / name).symlink_to(shutil.which(name) or "/nowhere")
    monkeypatch.setattr("saltext_cinder_ha.common.process._SYSTEM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(folder))
