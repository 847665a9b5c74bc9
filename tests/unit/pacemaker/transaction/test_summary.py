"""A proposal and an outcome are told in sentences."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.pacemaker.actions import Action
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.patch import Patch
from saltext_cinder_ha.pacemaker.plan.model import Change, OwnershipChange, Plan
from saltext_cinder_ha.pacemaker.transaction.commit import Outcome, Proposal
from saltext_cinder_ha.pacemaker.transaction.settle import Settlement
from saltext_cinder_ha.pacemaker.transaction.summary import changes, describe_outcome, describe_proposal

CIB = Cib.parse(b"<cib><configuration/></cib>", "the test")
RESTART = Action("restart", "vip", "ctl1", reason="resource definition change")
NEW = Change("resources", "vip", "primitive", None, {"agent": "ocf:heartbeat:IPaddr2"})


def plan(*found: Change, notes: tuple[str, ...] = ()) -> Plan:
    patch = Patch((CIB.root,) * len(found))
    return Plan("site", CIB, CIB, patch, found, notes=notes, interventions=("ctl2 is in standby",))


def test_a_proposal_counts_predicts_and_names_the_operators_hand() -> None:
    told = describe_proposal(Proposal(plan(NEW), (RESTART,)), sandbox=False)
    assert told.splitlines() == [
        "1 would be created.",
        "The change causes these actions: restart vip on ctl1 (resource definition change).",
        "Left as the operator set it: ctl2 is in standby.",
    ]


def test_a_refusal_names_what_allow_lacks_and_that_nothing_is_written() -> None:
    told = describe_proposal(Proposal(plan(NEW), (RESTART,), refused=(RESTART,)), sandbox=True)
    assert told.splitlines()[0].startswith("Refused, nothing was written: the change would restart vip")
    assert told.splitlines()[-1] == "In the sandbox, no cluster is touched."


@pytest.mark.parametrize(("note", "end"), [("do the pillars differ?", "differ?"), ("by ctl2", "by ctl2.")])
def test_a_note_ends_with_one_mark(note: str, end: str) -> None:
    assert describe_proposal(Proposal(plan(NEW, notes=(note,))), sandbox=False).endswith(end)


def test_an_outcome_names_failures_what_does_not_run_and_what_was_taken_back() -> None:
    settlement = Settlement(failures=("vip_start_0 failed",), unstarted=("api is not running: disabled",))
    outcome = Outcome(Proposal(plan(NEW)), written=True, settlement=settlement, rolled_back=True)
    told = describe_outcome(outcome, sandbox=False).splitlines()
    assert told[:2] == ["1 created.", "The change causes no actions."]
    assert told[2:5] == [
        "Failed: vip_start_0 failed.",
        "api is not running: disabled.",
        "The change was rolled back.",
    ]
    assert not outcome.succeeded


def test_the_changes_hold_the_actions_and_what_is_taken_over() -> None:
    found = Plan("site", CIB, CIB, Patch((CIB.root,)), ownership=OwnershipChange(taken=("resources.vip",)))
    assert changes(Proposal(found, (RESTART,))) == {
        "owned": {"resources.vip": {"old": None, "new": "site"}},
        "actions": ["restart vip on ctl1 (resource definition change)"],
    }
