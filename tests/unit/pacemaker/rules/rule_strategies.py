"""Random rules, for the promises that hold for every rule."""

from __future__ import annotations

from functools import cache, partial

from hypothesis import strategies as st

from saltext_cinder_ha.pacemaker.rules import Condition, DateExpression, Expression, Rule
from saltext_cinder_ha.pacemaker.rules.dates import DATE_SPEC_LIMITS, DURATION_PARTS
from saltext_cinder_ha.pacemaker.rules.model import join, opened
from saltext_cinder_ha.pacemaker.rules.text import KEYWORDS

_IDS = st.builds(str.__add__, st.sampled_from("aZ_"), st.text("azAZ09_.-", max_size=8))
_PCS_WORDS = st.text("abcé#_. '", min_size=1, max_size=6)
# Of what XML can carry and a rule's text can say, some of each kind: what either gives a meaning, letters,
# marks and digits of several scripts and planes, spaces, invisible ones, the ends of the range.
_ANY_WORDS = st.text(
    "aZ09éßя漢\N{GOTHIC LETTER AHSA}\N{COMBINING ACUTE ACCENT}\N{ARABIC-INDIC DIGIT FIVE}"
    " \N{NO-BREAK SPACE}\N{EM SPACE}\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\N{ZERO WIDTH SPACE}"
    "\N{RIGHT-TO-LEFT MARK}\N{SOFT HYPHEN}\N{ZERO WIDTH NO-BREAK SPACE}\ue000\N{REPLACEMENT CHARACTER}"
    "😀\U0010fffd#_.:;,-+*/=<>&|!?'\"`\\%$@~^[]{}",
    max_size=6,
)
_DATES = st.one_of(
    st.dates().map(str),
    st.datetimes().map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S +02:00}".rjust(26, "0")),
)
_VERSIONS = st.lists(st.text("0129", min_size=1, max_size=3), min_size=1, max_size=3).map(".".join)
_TYPED_VALUES = st.one_of(
    st.tuples(st.just("integer"), st.integers().map(str)),
    st.tuples(st.just("number"), st.floats(allow_nan=False, allow_infinity=False).map(str)),
    st.tuples(st.just("version"), _VERSIONS),
)
# What a rule draws each time is made once: to make a strategy takes longer than to draw from it.
_SCORES = st.sampled_from([None, "INFINITY", "-INFINITY", "+INFINITY", "0", "-50"])
_ROLES = st.sampled_from([None, "Promoted", "Unpromoted"])
_OPTIONAL_IDS = st.none() | _IDS
_DISCOVERIES = st.sampled_from([None, "always", "never", "exclusive"])
_NOT_IN_PCS = {"days", "minutes", "seconds"}


def _is_free(word: str) -> bool:
    return word not in KEYWORDS and "=" not in word


def _attribute_tests(words: st.SearchStrategy[str]) -> st.SearchStrategy[Expression]:
    names = words.filter(lambda word: bool(word) and word != "date" and _is_free(word))
    values = st.one_of(
        st.tuples(st.none(), words.filter(lambda word: word not in KEYWORDS)),
        st.tuples(st.just("string"), words | st.sampled_from(["and", "to", "date-spec", "eq"])),
        _TYPED_VALUES,
    )
    comparisons = st.sampled_from(["eq", "ne", "lt", "gt", "lte", "gte"])
    return st.one_of(
        st.builds(Expression, names, st.sampled_from(["defined", "not_defined"])),
        st.builds(lambda n, o, v: Expression(n, o, v[1], v[0]), names, comparisons, values),
    )


def _date_spec_ranges(name: str) -> st.SearchStrategy[str]:
    ends = st.integers(*(DATE_SPEC_LIMITS[name] or (0, 9999)))
    return st.lists(ends, min_size=1, max_size=2, unique=True).map(
        lambda few: "-".join(map(str, sorted(few)))
    )


def _date_spec_parts(names: list[str]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    part = st.sampled_from(names).flatmap(_DATE_SPEC_PARTS.__getitem__)
    return st.lists(part, min_size=1, unique_by=lambda pair: pair[0]).map(tuple)


_DATE_SPEC_PARTS = {name: st.tuples(st.just(name), _date_spec_ranges(name)) for name in DATE_SPEC_LIMITS}


def _duration_parts(names: list[str]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    part = st.tuples(st.sampled_from(names), st.integers(0, 999_999_999).map(str))
    return st.lists(part, min_size=1, unique_by=lambda pair: pair[0]).map(tuple)


def _date_tests(pcs_only: bool) -> st.SearchStrategy[DateExpression]:
    left_out = _NOT_IN_PCS if pcs_only else set()
    spec_names = sorted(set(DATE_SPEC_LIMITS) - left_out)
    if pcs_only:
        spec_names.remove("weekyears")  # which pcs takes for weeks: it wants 1 to 53
    duration_names = sorted(set(DURATION_PARTS) - left_out)
    starts = _DATES if pcs_only else st.none() | _DATES
    return st.one_of(
        st.builds(partial(DateExpression, "gt"), start=_DATES),
        st.builds(partial(DateExpression, "lt"), end=_DATES),
        st.builds(partial(DateExpression, "in_range"), start=starts, end=_DATES),
        st.builds(partial(DateExpression, "in_range"), start=_DATES, parts=_duration_parts(duration_names)),
        st.builds(partial(DateExpression, "date_spec"), parts=_date_spec_parts(spec_names)),
    )


@cache
def _conditions(pcs_only: bool) -> st.SearchStrategy[Condition]:
    words = _PCS_WORDS if pcs_only else _ANY_WORDS
    return st.recursive(
        _attribute_tests(words) | _date_tests(pcs_only),
        lambda inner: st.builds(
            join, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4)
        ),
        max_leaves=8,
    )


@st.composite
def rules(draw: st.DrawFn, *, pcs_only: bool = False) -> Rule:
    """Any rule; with ``pcs_only`` one that pcs 0.11 understands too."""
    boolean_op, expressions = opened(draw(_conditions(pcs_only)))
    score = draw(_SCORES)
    return Rule(
        expressions=expressions,
        boolean_op=boolean_op,
        score=score,
        score_attribute=draw(_IDS) if score is None else None,
        role=draw(_ROLES),
        id=draw(_OPTIONAL_IDS),
        resource_discovery=draw(_DISCOVERIES),
    )
