"""A transaction predicts, refuses, writes at once or not at all, and leaves the operator's hand alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from saltext_cinder_ha.common.errors import DeclarationError, ToolFailedError, ToolTimeoutError
from saltext_cinder_ha.pacemaker.cib import patch
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.store.file import FileStore
from saltext_cinder_ha.pacemaker.transaction import summary
from saltext_cinder_ha.pacemaker.transaction.commit import AgentCheck, Outcome, Policy, commit
from tests.canonical import configuration, objects
from tests.sandboxes import DOCUMENT, NODES, TIMEOUT, Sandbox

pytestmark = pytest.mark.one_salt

DUMMY = "ocf:pacemaker:Dummy"


def site(ip: str = "10.0.0.11", interval: str = "30s") -> dict[str, Any]:
    """An address with what waits for it, and one resource that does not."""
    return {
        "properties": {"stonith-enabled": False},
        "resources": {
            "vip": {
                "agent": "ocf:heartbeat:IPaddr2",
                "params": {"ip": ip, "cidr_netmask": 24},
                "operations": [{"name": "monitor", "interval": interval}],
            },
            "api": {"agent": DUMMY, "clone": {"meta": {"interleave": True}}},
            "volume": {"agent": DUMMY},
            "apart": {"agent": DUMMY},
        },
        "constraints": [
            {"order": {"first": "vip", "then": "api-clone"}},
            {"order": {"first": "api-clone", "then": "volume"}},
            {"colocation": {"resource": "volume", "with": "vip"}},
        ],
    }


@pytest.fixture(scope="module")
def settled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox where everything of the site runs."""
    sandbox = Sandbox(tmp_path_factory.mktemp("settled") / "cib.xml")
    outcome = sandbox.apply(site(), settle=True)
    assert outcome.succeeded
    assert {a.kind for a in outcome.proposal.actions} == {"start"}
    return sandbox.path


@pytest.fixture
def running(settled_file: Path, tmp_path: Path) -> Sandbox:
    """A copy of the settled sandbox for one test."""
    return Sandbox(Path(shutil.copy(settled_file, tmp_path)))


def deeds(actions: tuple[Any, ...]) -> set[tuple[str, str | None]]:
    return {(action.kind, action.resource) for action in actions}


# Predicted


def test_another_address_restarts_the_vip_and_what_depends_on_it(running: Sandbox) -> None:
    proposal = running.propose(site(ip="10.0.0.12"))
    assert deeds(proposal.actions) == {("restart", n) for n in ("vip", "api", "volume")}
    assert len([a for a in proposal.actions if a.resource == "api"]) == len(NODES)


def test_another_monitor_interval_causes_nothing(running: Sandbox) -> None:
    proposal = running.propose(site(interval="20s"))
    assert proposal.plan
    assert proposal.actions == ()


def test_what_allow_leaves_out_is_refused_and_nothing_is_written(running: Sandbox) -> None:
    before = running.path.read_bytes()
    outcome = running.apply(site(ip="10.0.0.12"), settle=True, allow=["start"])
    assert not outcome.succeeded
    assert not outcome.written
    assert deeds(outcome.proposal.refused) == {("restart", n) for n in ("vip", "api", "volume")}
    assert running.path.read_bytes() == before


def test_what_the_cluster_does_anyway_is_not_counted_against_the_change(running: Sandbox) -> None:
    running.standby("ctl1")
    anyway = running.propose(site(interval="20s"), allow=[])
    assert anyway.plan
    assert anyway.refused == ()


def test_a_proposal_names_the_same_changes_as_the_real_run_and_writes_nothing(
    running: Sandbox,
) -> None:
    before = running.path.read_bytes()
    proposal = running.propose(site(ip="10.0.0.12"))
    assert running.path.read_bytes() == before
    outcome = running.apply(site(ip="10.0.0.12"), settle=True)
    assert outcome.succeeded
    assert summary.changes(proposal) == summary.changes(outcome.proposal)
    assert summary.changes(proposal)["resources"] == {
        "vip": {"old": {"params.ip": "10.0.0.11"}, "new": {"params.ip": "10.0.0.12"}}
    }


def test_a_second_apply_is_no_change(running: Sandbox) -> None:
    before = running.path.read_bytes()
    outcome = running.apply(site(), settle=True)
    assert summary.changes(outcome.proposal) == {}
    assert running.path.read_bytes() == before


def test_a_change_and_its_return_settle_and_give_the_configuration_back(running: Sandbox) -> None:
    before = configuration(running.read())
    running.apply(site(ip="10.0.0.12"), settle=True)
    outcome = running.apply(site(), settle=True)
    assert outcome.settlement.idle
    assert configuration(running.read()) == before


# One write


def test_a_rename_is_one_epoch(running: Sandbox) -> None:
    before = running.read().version
    renamed = site()
    renamed["resources"]["elsewhere"] = renamed["resources"].pop("apart")
    running.apply(renamed)
    assert running.read().version.configuration == (before.admin_epoch, before.epoch + 1)
    assert {"elsewhere"} == objects(running.read()).keys() & {"apart", "elsewhere"}


def test_nothing_of_a_refused_declaration_is_written(running: Sandbox) -> None:
    before = running.path.read_bytes()
    broken = site()
    broken["constraints"].append({"order": {"first": "vip", "then": "ghost"}})
    with pytest.raises(DeclarationError, match="ghost"):
        running.apply(broken, settle=True)
    assert running.path.read_bytes() == before


def test_no_file_is_left_beside_the_sandbox(running: Sandbox) -> None:
    running.apply(site(ip="10.0.0.12"), settle=True)
    assert [f.name for f in running.path.parent.iterdir()] == [running.path.name]


def test_an_empty_value_is_written_and_settles_and_is_no_change_afterwards(
    running: Sandbox,
) -> None:
    declaration = site()
    declaration["resources"]["apart"]["params"] = {"fake": ""}
    outcome = running.apply(declaration, settle=True)
    assert outcome.written
    assert outcome.succeeded
    assert not running.propose(declaration).plan


@pytest.mark.parametrize("value", ["é&", "漢<b", "naïve 'quote'", 'ö"'])
def test_a_value_of_which_pacemaker_would_make_broken_xml_is_refused(running: Sandbox, value: str) -> None:
    declaration = site()
    declaration["resources"]["apart"]["params"] = {"fake": value}
    with pytest.raises(DeclarationError, match=r"^resources\.apart\.params\.fake: contains one of &"):
        running.apply(declaration)


@pytest.mark.parametrize("value", ["é&", "漢<b"])
def test_xml_that_cibadmin_breaks_never_takes_the_files_place(running: Sandbox, value: str) -> None:
    before = running.path.read_bytes()
    old = running.read()
    new = old.copy()
    new.by_id["vip"].set("description", value)
    with pytest.raises(ToolFailedError, match="nothing was written"):
        running.store.push(patch.difference(old, new).to_xml(old.version))
    assert running.path.read_bytes() == before


def test_a_patch_that_cibadmin_ignores_is_an_error(running: Sandbox) -> None:
    before = running.path.read_bytes()
    current = running.read()
    patchset = etree.fromstring(patch.difference(current, current).to_xml(current.version))
    path = "/cib/configuration/resources/primitive[@id='ghost']"
    etree.SubElement(patchset, "change", operation="delete", path=path)
    with pytest.raises(ToolFailedError, match="reported success, but did not apply the change"):
        running.store.push(etree.tostring(patchset))
    assert running.path.read_bytes() == before


# The operator's hand


def test_an_operators_hand_survives_an_apply_and_is_reported(running: Sandbox) -> None:
    running.standby("ctl3")
    running.tool("crm_resource", "--ban", "--resource", "apart", "--node", "ctl2")
    running.pcs("resource disable volume")
    running.pcs("resource unmanage apart")
    running.pcs("property set maintenance-mode=true")
    wanted = site(ip="10.0.0.12")
    for resource in wanted["resources"].values():
        resource["meta"] = {"migration-threshold": 3}
    outcome = running.apply(wanted, settle=True)
    assert outcome.written
    assert set(outcome.proposal.plan.interventions) == {
        "ctl3 is in standby",
        "the cluster is in maintenance mode",
        "volume has target-role=Stopped",
        "apart has is-managed=false",
        "apart is bound by cli-ban-apart-on-ctl2",
    }
    after = running.read()
    assert after.by_id["nodes-3-standby"].get("value") == "on"
    assert "cli-ban-apart-on-ctl2" in after.by_id
    assert after.by_id["volume-meta_attributes-target-role"].get("value") == "Stopped"
    assert after.by_id["apart-meta_attributes-is-managed"].get("value") == "false"
    assert after.configuration.find(".//nvpair[@name='maintenance-mode']").get("value") == "true"
    assert not running.propose(wanted).plan


def test_what_is_declared_wins_over_the_operators_hand(running: Sandbox) -> None:
    running.pcs("resource disable volume")
    wanted = site()
    wanted["resources"]["volume"]["meta"] = {"target-role": "Started"}
    running.apply(wanted)
    assert running.read().by_id["volume-meta_attributes-target-role"].get("value") == "Started"


def test_what_an_operator_stopped_is_no_failure_and_is_named(running: Sandbox) -> None:
    running.pcs("resource disable apart")
    wanted = site()
    wanted["resources"]["apart"]["params"] = {"fake": "y"}
    outcome = running.apply(wanted, settle=True)
    assert outcome.succeeded
    (sentence,) = outcome.settlement.unstarted
    assert "apart is not running" in sentence
    assert "target-role" in sentence


def test_that_nothing_starts_without_a_fencing_device_is_no_failure_and_is_named(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "cib.xml")
    outcome = sandbox.apply({"resources": {"vip": {"agent": DUMMY}}}, settle=True)
    assert outcome.succeeded
    (sentence,) = outcome.settlement.unstarted
    assert sentence.startswith("vip is not running: fencing is on (stonith-enabled)")


# Taken back


class FailingAgents(FileStore):
    """A sandbox where ``apart`` cannot start: no agent runs offline, so the failure is injected."""

    def settle(self, timeout: float) -> bool:
        failures = [f"--op-fail=apart_start_0@{node}=5" for node in NODES]
        settled = self._path.with_suffix(".settled")
        files = (f"--xml-file={self._path}", f"--save-output={settled}")
        Sandbox(self._path).tool("crm_simulate", "--simulate", *failures, *files)
        settled.replace(self._path)
        return True


class InterruptedAgents(FailingAgents):
    """The same, and somebody else writes meanwhile."""

    def settle(self, timeout: float) -> bool:
        settled = super().settle(timeout)
        Sandbox(self._path).apply({"properties": {"batch-limit": 7}}, "other")
        return settled


class SilentCluster(FileStore):
    """A cluster that takes the change and then does not answer: no tool hangs there offline."""

    def settle(self, timeout: float) -> bool:
        raise ToolTimeoutError(f"crm_resource did not answer within {timeout:g} s and was killed")


def apply_failing(store: FileStore, *, rollback: bool) -> Outcome:
    """Apply what adds, changes and removes objects, and does not start."""
    wanted = site(ip="10.0.0.12")
    wanted["resources"]["apart"]["params"] = {"fake": "y"}
    wanted["resources"]["new"] = {"agent": DUMMY}
    del wanted["constraints"][1]
    policy = Policy(rollback=rollback, timeout=TIMEOUT, agent_check=AgentCheck.SKIP)
    return commit(store, parse_declaration(wanted), policy, document=DOCUMENT, writer="test")


def test_a_change_that_fails_is_taken_back_when_asked(running: Sandbox) -> None:
    before = running.read()
    outcome = apply_failing(FailingAgents(running.path, NODES, TIMEOUT), rollback=True)
    assert not outcome.succeeded
    assert outcome.rolled_back
    after = running.read()
    assert configuration(after, owned=True) == configuration(before, owned=True)
    assert after.version.epoch == before.version.epoch + 2


def test_a_change_that_fails_stays_unless_asked_otherwise(running: Sandbox) -> None:
    outcome = apply_failing(FailingAgents(running.path, NODES, TIMEOUT), rollback=False)
    assert not outcome.succeeded
    assert not outcome.rolled_back
    assert any("apart" in failure for failure in outcome.settlement.failures)
    assert "new" in running.read().by_id


def test_a_change_is_not_taken_back_over_what_somebody_else_wrote_since(running: Sandbox) -> None:
    outcome = apply_failing(InterruptedAgents(running.path, NODES, TIMEOUT), rollback=True)
    assert not outcome.rolled_back
    assert "another process" in outcome.rollback_problem
    assert running.read().configuration.find(".//nvpair[@name='batch-limit']").get("value") == "7"


@pytest.mark.parametrize("rollback", [True, False])
def test_an_error_after_the_write_is_told_with_what_was_written(running: Sandbox, rollback: bool) -> None:
    outcome = apply_failing(SilentCluster(running.path, NODES, TIMEOUT), rollback=rollback)
    assert outcome.written
    assert not outcome.succeeded
    assert "did not answer" in outcome.settlement.failures[0]
    assert outcome.rolled_back is rollback
    assert ("new" in running.read().by_id) is not rollback
