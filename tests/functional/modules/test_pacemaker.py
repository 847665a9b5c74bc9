"""The functions ``pacemaker.*`` through Salt's loader, on a sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from salt.exceptions import CommandExecutionError

from tests.functional.observed import observed

DUMMY = "ocf:pacemaker:Dummy"
PREPARED = {
    "properties": {"stonith-enabled": False},
    "resources": {
        "vip": {"agent": DUMMY, "operations": [{"name": "monitor", "interval": "10s"}]},
        "api": {"agent": DUMMY, "params": {"passwd": "hush-hush"}, "clone": {}},
    },
    "constraints": [{"order": {"first": "vip", "then": "api-clone"}}],
}
NEW = {"resources": {"new": {"agent": DUMMY, "params": {"passwd": "hush-hush"}}}}


@pytest.fixture(scope="module")
def prepared_cib(make_cib: Any) -> bytes:
    return make_cib(PREPARED)


@pytest.fixture
def cluster(prepared_cib: bytes, place_cib: Any) -> Path:
    """The sandbox of this test's minion, with a VIP and a clone that run."""
    return place_cib(prepared_cib)


@pytest.fixture
def pacemaker(modules: Any, cluster: Path) -> Any:
    return modules.pacemaker


def test_status_says_where_everything_is(pacemaker: Any) -> None:
    status = pacemaker.status()
    assert status["healthy"] is True
    assert status["problems"] == status["failures"] == status["interventions"] == []
    assert sorted(status["nodes"]) == ["ctl1", "ctl2", "ctl3"]
    assert len(status["resources"]["vip"]["nodes"]) == 1
    assert status["sandbox"] is True


def test_cib_is_the_xml_without_its_secrets(pacemaker: Any, cluster: Path) -> None:
    shown = pacemaker.cib()
    assert etree.fromstring(shown).tag == "cib"
    assert "hush-hush" in cluster.read_text()
    assert "hush-hush" not in shown
    assert "hush-hush" in pacemaker.cib(show_secrets=True)


def test_get_returns_one_object_and_none_for_none(pacemaker: Any) -> None:
    found = pacemaker.get("api")
    assert found["agent"] == DUMMY
    assert found["sandbox"] is True
    assert found["params.passwd"] == "********"
    assert pacemaker.get("api", show_secrets=True)["params.passwd"] == "hush-hush"
    assert pacemaker.get("nobody") is None


def test_export_is_a_declaration_that_changes_nothing(pacemaker: Any) -> None:
    exported = pacemaker.export(show_secrets=True)
    assert exported["left_out"] == []
    assert set(exported["declaration"]["resources"]) == {"vip", "api"}
    assert pacemaker.plan(exported["declaration"])["changes"] == {}


def test_export_of_some_resources_hides_secrets(pacemaker: Any) -> None:
    exported = pacemaker.export("api")
    assert set(exported["declaration"]["resources"]) == {"api"}
    assert "hush-hush" not in str(exported)


def test_plan_predicts_and_writes_nothing(pacemaker: Any, cluster: Path) -> None:
    before = cluster.read_bytes()
    plan = pacemaker.plan(NEW)
    assert plan["changes"]["resources"]["new"]["old"] is None
    assert plan["actions"][0].startswith("start new on ctl")
    assert plan["refused"] == plan["warnings"] == plan["interventions"] == []
    assert plan["sandbox"] is True
    assert "hush-hush" not in str(plan)
    assert cluster.read_bytes() == before


def test_plan_says_what_is_not_allowed(pacemaker: Any) -> None:
    plan = pacemaker.plan(NEW, allow=["stop"])
    assert plan["refused"] == plan["actions"]


def test_plan_shows_secrets_when_asked(pacemaker: Any) -> None:
    assert "hush-hush" in str(pacemaker.plan(NEW, show_secrets=True)["changes"])


def test_apply_writes_once_and_then_finds_no_change(pacemaker: Any, cluster: Path) -> None:
    first = pacemaker.apply(NEW)
    written = cluster.read_bytes()
    second = pacemaker.apply(NEW)
    assert (first["result"], first["written"], first["rolled_back"]) == (True, True, False)
    assert first["failures"] == first["unstarted"] == []
    assert (second["result"], second["written"], second["changes"]) == (True, False, {})
    assert cluster.read_bytes() == written
    assert "hush-hush" not in str(first)


def test_apply_in_test_mode_writes_nothing_and_predicts_the_same(pacemaker: Any, cluster: Path) -> None:
    before = cluster.read_bytes()
    predicted = pacemaker.apply(NEW, test=True)
    assert cluster.read_bytes() == before
    assert (predicted["result"], predicted["written"]) == (None, False)
    assert predicted["changes"] == pacemaker.apply(NEW)["changes"]
    assert pacemaker.apply(NEW, test=True)["result"] is True
    stopping = {"resources": {"vip": {"meta": {"target-role": "Stopped"}}}}
    assert pacemaker.apply(stopping, allow=["start"], test=True)["result"] is False


class TestMinionInTestMode:
    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"test": True}

    def test_apply_writes_only_when_asked_to(self, pacemaker: Any, cluster: Path) -> None:
        before = cluster.read_bytes()
        pacemaker.apply(NEW)
        assert cluster.read_bytes() == before
        assert pacemaker.apply(NEW, test=False)["written"] is True


def test_apply_prunes_what_its_document_no_longer_declares(pacemaker: Any) -> None:
    pacemaker.apply(NEW, document="mine")
    assert set(pacemaker.apply({}, document="mine")["changes"]["resources"]) == {"new"}
    assert pacemaker.get("vip") is not None


def test_apply_refuses_what_is_not_allowed(pacemaker: Any, cluster: Path) -> None:
    before = cluster.read_bytes()
    outcome = pacemaker.apply(NEW, allow=[])
    assert (outcome["result"], outcome["written"]) == (False, False)
    assert cluster.read_bytes() == before


def test_apply_without_settling_leaves_the_new_resource_stopped(pacemaker: Any) -> None:
    pacemaker.apply(NEW, settle=False)
    assert pacemaker.status()["resources"]["new"]["nodes"] == []


def test_whatif_tells_the_loss_of_nodes_and_of_resources(pacemaker: Any, cluster: Path) -> None:
    before = cluster.read_bytes()
    (node,) = pacemaker.status()["resources"]["vip"]["nodes"]
    lost = pacemaker.whatif(down=[node])
    assert (lost["quorum"], lost["survives"], lost["sandbox"]) == (True, True, True)
    assert lost["resources"]["vip"]["ran_on"] == [node]
    assert node not in lost["resources"]["vip"]["runs_on"]
    assert pacemaker.whatif(down=node) == lost
    assert pacemaker.whatif(failed=["vip"])["resources"]["vip"]["survives"] is True
    assert cluster.read_bytes() == before


def test_survives_proves_it_or_says_what_would_not(pacemaker: Any) -> None:
    assert pacemaker.survives("vip", "api-clone") == {
        "survives": True,
        "problems": [],
        "sandbox": True,
    }
    (node,) = pacemaker.status()["resources"]["vip"]["nodes"]
    others = [n for n in pacemaker.status()["nodes"] if n != node]
    never = [{"location": {"resource": "vip", "node": n, "score": "-INFINITY"}} for n in others]
    pacemaker.apply({"constraints": never})
    proof = pacemaker.survives("vip")
    assert proof["survives"] is False
    assert node in proof["problems"][0]


def test_agent_says_which_parameters_there_are(pacemaker: Any) -> None:
    agent = pacemaker.agent("ocf:heartbeat:IPaddr2")
    assert agent["parameters"]["ip"]["required"] is True
    assert "monitor" in str(agent["actions"])


@pytest.mark.parametrize(
    ("function", "arguments", "options", "sentence"),
    [
        ("get", ["vip"], {"show_secrets": "perhaps"}, "show_secrets: 'perhaps' is not"),
        ("cib", [], {"show_secrets": "perhaps"}, "show_secrets: 'perhaps' is not"),
        ("export", ["nobody"], {}, "nobody"),
        ("export", [], {"secrets": True}, "secrets: is not a known key"),
        ("plan", ["vip"], {}, "declaration: is text, but should be a mapping"),
        ("plan", [[{"resources": {}}]], {}, "declaration: is a list, but should be a mapping"),
        ("plan", [{"resorces": {}}], {}, "resorces: is not a known key; did you mean 'resources'?"),
        ("plan", [{}], {"document": ""}, "document: should be a name"),
        ("plan", [NEW], {"allow": "start"}, "allow: should be a list of"),
        ("plan", [NEW], {"show_secrets": "perhaps"}, "show_secrets: 'perhaps' is not"),
        ("apply", [NEW], {"rollback": "perhaps"}, "rollback: 'perhaps' is not"),
        ("apply", [NEW], {"settle": "perhaps"}, "settle: 'perhaps' is not"),
        ("apply", [NEW], {"test": "perhaps"}, "test: 'perhaps' is not"),
        ("apply", [{"absent": "vip"}], {}, "absent: is text, but should be a list"),
        ("apply", [{"resources": {"a b": {"agent": DUMMY}}}], {}, "cannot be an id"),
        ("whatif", [], {"down": ["ctl9"]}, "there is no node 'ctl9'; the nodes are ctl1, ctl2, ctl3"),
        ("whatif", [], {"down": {"ctl1": 1}}, "down: should be a list of names"),
        ("whatif", [], {"failed": ["nobody"]}, "there is no resource 'nobody'"),
        ("survives", [], {}, "resources: should name at least one resource"),
        ("survives", ["nobody"], {}, "there is no resource 'nobody'"),
        ("agent", ["IPaddr2"], {}, "IPaddr2"),
        ("agent", ["ocf:heartbeat:Nothing"], {}, "ocf:heartbeat:Nothing is not installed on this"),
    ],
)
def test_mistake_is_an_error_of_one_sentence_and_writes_nothing(
    pacemaker: Any,
    cluster: Path,
    function: str,
    arguments: list[Any],
    options: dict[str, Any],
    sentence: str,
) -> None:
    before = cluster.read_bytes()
    with pytest.raises(CommandExecutionError) as raised:
        getattr(pacemaker, function)(*arguments, **options)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)
    assert cluster.read_bytes() == before


@pytest.mark.usefixtures("live_tools")
class TestOnACluster:
    """The live store; its tools are led to a file, as no cluster runs where the tests do."""

    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {"timeout": 20}}

    def test_status_is_of_one_moment(self, pacemaker: Any, cluster: Path) -> None:
        before = etree.fromstring(cluster.read_bytes())
        before.attrib.update({"have-quorum": "0", "dc-uuid": "2"})
        cluster.write_bytes(etree.tostring(before))
        with observed() as seen:
            status = pacemaker.status()
        assert seen.programs == ["cibadmin", "crm_mon"]
        assert (status["quorum"], status["dc"], status["sandbox"]) == (False, "ctl2", False)


class TestWithoutTools:
    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {}}

    def test_missing_tool_is_named_with_its_package(
        self, modules: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("saltext_cinder_ha.common.process._SYSTEM_FOLDERS", ())
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(CommandExecutionError, match=r"cibadmin is not installed.*pacemaker-cli"):
            modules.pacemaker.status()

    @pytest.mark.parametrize("call", [("get", "vip"), ("status",)])
    def test_cluster_that_does_not_run_is_one_sentence(self, modules: Any, call: tuple[str, ...]) -> None:
        function, *arguments = call
        with pytest.raises(CommandExecutionError, match="the cluster is not running on this node"):
            modules[f"pacemaker.{function}"](*arguments)
