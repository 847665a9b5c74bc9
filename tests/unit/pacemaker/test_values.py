"""Values mean to us what they mean to Pacemaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltext_cinder_ha.pacemaker import values
from saltext_cinder_ha.pacemaker.values import INFINITY, Type


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("30", 30_000),
        ("30s", 30_000),
        ("30 sec", 30_000),
        (" 30S ", 30_000),
        ("30000ms", 30_000),
        ("30000msec", 30_000),
        ("1500us", 1),
        ("2m", 120_000),
        ("2min", 120_000),
        ("1h", 3_600_000),
        ("1hr", 3_600_000),
        ("0", 0),
        ("PT30S", 30_000),
        ("PT1M30S", 90_000),
        ("P1DT1H", 90_000_000),
        ("P1W", 604_800_000),
        ("", None),
        ("soon", None),
        ("30x", None),
        ("-5s", None),
        ("P", None),
        ("PT", None),
        ("٣s", None),
    ],
)
def test_a_time_in_milliseconds(text: str, milliseconds: int | None) -> None:
    assert values.milliseconds(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5),
        ("+5", 5),
        ("-5", -5),
        ("INFINITY", INFINITY),
        ("+infinity", INFINITY),
        ("-INFINITY", -INFINITY),
        ("1000001", INFINITY),
        ("-99999999", -INFINITY),
        ("--INFINITY", None),
        ("+-5", None),
        ("5.5", None),
        ("", None),
        ("٣", None),
    ],
)
def test_a_score(text: str, score: int | None) -> None:
    assert values.score(text) == score


@pytest.mark.parametrize("text", ["true", "TRUE", "on", "yes", "Y", "1"])
def test_a_boolean_that_is_true(text: str) -> None:
    assert values.boolean(text) is True


@pytest.mark.parametrize("text", ["false", "Off", "no", "n", "0"])
def test_a_boolean_that_is_false(text: str) -> None:
    assert values.boolean(text) is False


@pytest.mark.parametrize(("old", "new"), [("Master", "Promoted"), ("Slave", "Unpromoted")])
def test_a_role_is_the_same_by_its_old_and_its_new_name(old: str, new: str) -> None:
    assert values.same(Type.ROLE, old, new)
    assert values.role_for_schema(new, "pacemaker-3.5") == old
    assert values.role_for_schema(new, "pacemaker-3.9") == new


@given(st.sampled_from(list(Type)), st.text(max_size=5), st.text(max_size=5))
def test_two_spellings_are_the_same_both_ways_round(kind: Type, one: str, other: str) -> None:
    assert values.same(kind, one, one)
    assert values.same(kind, one, other) == values.same(kind, other, one)


@given(st.integers(0, 10**6))
def test_every_unit_says_the_same_time(seconds: int) -> None:
    for spelled in (f"{seconds}s", f"{seconds * 1000}ms", f"PT{seconds}S"):
        assert values.same(Type.TIME, str(seconds), spelled)


def test_text_is_compared_as_text() -> None:
    assert not values.same(Type.TEXT, "1", "01")
    assert not values.same(Type.TEXT, "true", "on")
