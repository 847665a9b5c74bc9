"""What the engine answers, as Salt shows it."""

from __future__ import annotations

from saltext_cinder_ha.adapters.results import outcome_as_state
from saltext_cinder_ha.pacemaker.transaction.commit import Outcome, Proposal
from saltext_cinder_ha.pacemaker.transaction.settle import Settlement

from ...planning import cib, dummies, plan


def test_change_that_was_taken_back_is_no_change() -> None:
    proposal = Proposal(plan({"resources": dummies("vip")}, cib()))
    failed = Settlement(failures=("start vip on ctl1: not installed",))
    outcome = Outcome(proposal, written=True, settlement=failed)
    state = outcome_as_state("x", outcome, sandbox=False)
    assert state["result"] is False
    assert set(state["changes"]["resources"]) == {"vip"}
    assert "not installed" in state["comment"]
    taken_back = Outcome(proposal, written=True, settlement=failed, rolled_back=True)
    state = outcome_as_state("x", taken_back, sandbox=False)
    assert (state["result"], state["changes"]) == (False, {})
    assert "rolled back" in state["comment"]
