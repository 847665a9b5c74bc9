"""Whose lock it is, whatever the contenders do and in whatever order."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.lock.contenders import (
    Contender,
    Process,
    advance,
    lost_nodes,
    next_holder,
    read_contenders,
    write_contenders,
)

EMPTY = b'<cib admin_epoch="0" epoch="1" num_updates="1"><configuration/><status/></cib>'
NAMES = ("a", "b", "c", "d")
TEXT = st.text("abc ./'\"<&", max_size=8)
CONTENDERS = st.lists(
    st.builds(
        Contender,
        id=st.sampled_from(NAMES),
        owner=TEXT,
        node=TEXT,
        process=st.none() | st.builds(Process, st.just("boot/1"), st.integers(0, 9), st.integers(0, 9)),
        heartbeat=st.integers(0, 5),
        holds=st.booleans(),
        yields=st.booleans(),
    ),
    unique_by=lambda contender: contender.id,
)
DEEDS = st.lists(st.tuples(st.sampled_from(("step", "leave", "die")), st.sampled_from(NAMES)), max_size=40)


def contender(name: str, *, yields: bool = False) -> Contender:
    return Contender(name, name, "", None, yields=yields)


@given(CONTENDERS, TEXT)
def test_what_is_written_is_read(contenders: list[Contender], lock: str) -> None:
    cib = Cib.parse(EMPTY, "test")
    write_contenders(cib, lock, contenders)
    assert read_contenders(Cib.parse(cib.to_xml(), "test"), lock) == tuple(contenders)


def test_record_has_the_names_that_minions_of_every_version_know() -> None:
    cib = Cib.parse(EMPTY, "test")
    write_contenders(cib, "restart", [Contender("c", "ctl1", "n", Process("boot/1", 2, 3), 4, holds=True)])
    stored = (
        b'<saltext-turns><turn id="saltext-turn-restart"><entrant id="c" owner="ctl1" node="n" '
        b'process="boot/1 2 3" beat="4" holds="true" yields="false"/></turn></saltext-turns>'
    )
    assert stored in cib.to_xml()


def test_nothing_is_left_when_nobody_waits() -> None:
    cib = Cib.parse(EMPTY, "test")
    write_contenders(cib, "one", [contender("a")])
    write_contenders(cib, "two", [contender("b")])
    write_contenders(cib, "one", [])
    assert read_contenders(cib, "two") == (contender("b"),)
    write_contenders(cib, "two", [])
    assert cib.to_xml() == Cib.parse(EMPTY, "test").to_xml()


@given(DEEDS)
def test_at_most_one_holds_whatever_they_do(deeds: list[tuple[str, str]]) -> None:
    contenders: tuple[Contender, ...] = ()
    dead: set[str] = set()
    for deed, name in deeds:
        if name in dead:
            continue
        if deed == "step":
            contenders = advance(contenders, contender(name, yields=name == "d"), gone=dead)
        elif deed == "leave":
            contenders = tuple(e for e in contenders if e.id != name)
        else:
            dead.add(name)
        holders = [e for e in contenders if e.holds]
        assert len(holders) <= 1
        assert not holders or next_holder(contenders) == holders[0]


@given(st.permutations(NAMES))
def test_who_comes_first_goes_first(order: list[str]) -> None:
    contenders: tuple[Contender, ...] = ()
    for name in order:
        contenders = advance(contenders, contender(name))
    assert [e.id for e in contenders] == order
    assert [e.id for e in contenders if e.holds] == order[:1]


def test_who_yields_lets_go_first_who_comes_later() -> None:
    holding = advance((), contender("a"))
    queue = advance(advance(holding, contender("b", yields=True)), contender("c"))
    freed = tuple(e for e in queue if e.id != "a")
    assert advance(freed, contender("b", yields=True)) == freed
    assert next_holder(advance(freed, contender("c"))) == replace(contender("c"), holds=True)


def test_who_holds_is_not_overtaken_although_it_yields() -> None:
    holding = advance((), contender("a", yields=True))
    assert next_holder(advance(holding, contender("b"))).id == "a"


def test_nodes_that_left_are_lost_in_old_and_new_statuses() -> None:
    states = {
        "here": 'in_ccm="true" crmd="online"',
        "newer": 'in_ccm="1700000000" crmd="1700000001"',
        "left": 'in_ccm="false" crmd="offline"',
        "newer-left": 'in_ccm="0" crmd="0"',
        "no-pacemaker": 'in_ccm="true" crmd="offline"',
    }
    nodes = "".join(f'<node id="{name}" uname="{name}"/>' for name in (*states, "never-seen"))
    found = "".join(f'<node_state id="{name}" uname="{name}" {state}/>' for name, state in states.items())
    xml = f"<cib><configuration><nodes>{nodes}</nodes></configuration><status>{found}</status></cib>"
    lost = lost_nodes(Cib.parse(xml.encode(), "test"))
    assert lost == {"left", "newer-left", "no-pacemaker", "never-seen"}


def test_this_process_runs_and_one_with_its_number_that_began_later_does_not() -> None:
    me = Process.current()
    assert Process.parse(str(me)) == me
    assert not me.has_ended
    assert replace(me, start=me.start + 1).has_ended
    assert not replace(me, machine="another", start=me.start + 1).has_ended
