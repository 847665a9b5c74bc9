"""Promises that hold for every declaration, on random ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from saltext_cinder_ha.common import process
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.schema import violation
from tests.canonical import configuration
from tests.planning import applied, cib, plan
from tests.sandboxes import Sandbox, new_sandbox
from tests.strategies import Declaration, declarations

pytestmark = pytest.mark.one_salt

quietly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
# Many for what is planned in memory, few where real tools run.
in_memory = settings(quietly, max_examples=50)
# To find the smallest example by real tools takes many minutes.
with_tools = settings(quietly, max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])

SCHEMAS = ("pacemaker-3.0", "pacemaker-3.5", "pacemaker-3.9")


@in_memory
@given(one=declarations(), two=declarations(), schema=st.sampled_from(SCHEMAS))
def test_an_apply_leaves_nothing_to_do_whatever_was_before(
    one: Declaration, two: Declaration, schema: str
) -> None:
    after = applied(two, applied(one, cib(schema=schema)))
    again = plan(two, after)
    assert again.changes == ()
    assert not again


@in_memory
@given(one=declarations(all_ids=True), two=declarations(all_ids=True))
def test_there_and_back_is_as_if_never_gone(one: Declaration, two: Declaration) -> None:
    straight = applied(one, cib())
    note(configuration(straight))
    detour = applied(one, applied(two, straight))
    assert configuration(detour) == configuration(straight)


@in_memory
@given(declaration=declarations())
def test_an_empty_declaration_takes_everything_back(declaration: Declaration) -> None:
    before = cib()
    after = applied({}, applied(declaration, before))
    assert configuration(after, owned=True) == configuration(before, owned=True)


@in_memory
@given(one=declarations(), two=declarations())
def test_every_patch_is_explained_by_changes(one: Declaration, two: Declaration) -> None:
    found = plan(two, applied(one, cib()))
    assert bool(found.patch) == bool(found.changes or found.ownership)
    for change in found.changes:
        assert change.old != change.new


@in_memory
@given(
    one=st.lists(declarations("a", options=False), min_size=1, max_size=3),
    two=st.lists(declarations("bb", options=False), min_size=1, max_size=3),
    seed=st.integers(0, 100),
)
def test_any_interleaving_of_two_documents_ends_in_both(
    one: list[Declaration], two: list[Declaration], seed: int
) -> None:
    turns = ["one"] * len(one) + ["two"] * len(two)
    random.Random(seed).shuffle(turns)
    waiting = {"one": iter(one), "two": iter(two)}
    after = cib()
    for document in turns:
        after = applied(next(waiting[document]), after, document)
    assert not plan(one[-1], after, "one")
    assert not plan(two[-1], after, "two")
    assert configuration(applied({}, after, "two")) == configuration(applied_all(one, "one", cib()))


def applied_all(given_declarations: list[Declaration], document: str, snapshot: Cib) -> Cib:
    for declaration in given_declarations:
        snapshot = applied(declaration, snapshot, document)
    return snapshot


@with_tools
@given(one=declarations(), two=declarations())
def test_pacemaker_accepts_and_makes_exactly_what_was_planned(
    tmp_path: Path, one: Declaration, two: Declaration
) -> None:
    sandbox = fresh(tmp_path)
    for declaration in (one, two, one, {}):
        outcome = sandbox.apply(declaration)
        after = sandbox.read()
        assert configuration(after) == configuration(outcome.proposal.plan.target)
        assert violation(after) is None
        assert_verified(after)
        assert not sandbox.propose(declaration).plan


def assert_verified(found: Cib) -> None:
    done = process.run(["crm_verify", "-V", "--xml-pipe"], stdin=found.to_xml())
    assert done.returncode == 0, done.stderr


def fresh(folder: Path) -> Sandbox:
    (folder / "cib.xml").unlink(missing_ok=True)
    return new_sandbox(folder)


@pytest.mark.parametrize("schema", SCHEMAS)
@settings(with_tools, max_examples=3)
@given(declaration=declarations())
def test_every_schema_gets_what_pacemaker_accepts(
    tmp_path: Path, schema: str, declaration: Declaration
) -> None:
    sandbox = fresh(tmp_path)
    text = sandbox.path.read_text()
    sandbox.path.write_text(text.replace(sandbox.read().schema, schema))
    sandbox.apply(declaration)
    assert sandbox.read().schema == schema
    assert_verified(sandbox.read())
    assert not sandbox.propose(declaration).plan
