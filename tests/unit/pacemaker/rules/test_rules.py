"""Rules of location constraints: what the text means, what is refused, what XML can become text."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.rules import (
    Condition,
    DateExpression,
    Expression,
    NestedRule,
    Rule,
    RuleError,
    conditions_meaning,
    parse_rule,
    rule_from_xml,
    rule_to_text,
    rule_to_xml,
    rules_equal,
)
from saltext_cinder_ha.pacemaker.rules.dates import is_date

from .rule_strategies import rules

A, B, C, D = (Expression(name, "defined") for name in "abcd")


def rule_element(content: str, attributes: str = 'score="5"') -> etree._Element:
    return etree.fromstring(f'<rule id="r" {attributes}>{content}</rule>')


@pytest.mark.parametrize(
    ("text", "boolean_op", "expressions"),
    [
        ("defined a", None, (A,)),
        ("((defined a))", None, (A,)),
        ("defined a and defined b and defined c", "and", (A, B, C)),
        ("defined a or (defined b or defined c)", "or", (A, B, C)),
        ("defined a or defined b and defined c", "and", (NestedRule("or", (A, B)), C)),
        ("defined a and defined b or defined c", "or", (NestedRule("and", (A, B)), C)),
        ("defined a or (defined b and defined c)", "or", (A, NestedRule("and", (B, C)))),
        (
            "(defined a or defined b) and (defined c or defined d)",
            "and",
            (NestedRule("or", (A, B)), NestedRule("or", (C, D))),
        ),
    ],
)
def test_and_and_or_bind_alike_from_the_left(
    text: str, boolean_op: str | None, expressions: tuple[Condition, ...]
) -> None:
    rule = parse_rule(text)
    assert (rule.boolean_op, rule.expressions) == (boolean_op, expressions)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("not_defined a", Expression("a", "not_defined")),
        ("#uname eq ctl1", Expression("#uname", "eq", "ctl1")),
        ("x ne ''", Expression("x", "ne", "")),
        ("x eq 'two words'", Expression("x", "eq", "two words")),
        ('x eq "it\'s"', Expression("x", "eq", "it's")),
        ("x eq string and", Expression("x", "eq", "and", "string")),
        ("x lt integer -5", Expression("x", "lt", "-5", "integer")),
        ("x gte number 1.5e3", Expression("x", "gte", "1.5e3", "number")),
        ("x lte version 1.2.3", Expression("x", "lte", "1.2.3", "version")),
        ("date eq 5", Expression("date", "eq", "5")),
        ("date gt string 5", Expression("date", "gt", "5", "string")),
        ("x gt date", Expression("x", "gt", "date")),
        ("date gt 2026-03-31", DateExpression("gt", start="2026-03-31")),
        ("date lt '2026-03-31 08:00'", DateExpression("lt", end="2026-03-31 08:00")),
        (
            "date in_range 2026-03-31 to 2026-04-30",
            DateExpression("in_range", "2026-03-31", "2026-04-30"),
        ),
        ("date in_range to 2026-04-30", DateExpression("in_range", end="2026-04-30")),
        (
            "date in_range 2026-03-31 to duration days=3 hours=1",
            DateExpression("in_range", "2026-03-31", parts=(("days", "3"), ("hours", "1"))),
        ),
        (
            "date-spec hours=9-16 weekdays=1-5",
            DateExpression("date_spec", parts=(("hours", "9-16"), ("weekdays", "1-5"))),
        ),
    ],
)
def test_each_kind_of_expression_is_read(text: str, expression: Condition) -> None:
    assert parse_rule(text).expressions == (expression,)


def test_options_come_before_the_expression() -> None:
    rule = parse_rule("id=r1 resource-discovery=never role=master score=-50 defined a")
    assert rule == Rule((A,), None, "-50", None, "Promoted", "r1", "never")
    assert parse_rule("score-attribute=load defined a") == Rule((A,), score_attribute="load")


def test_a_rule_without_a_score_scores_infinity_as_with_pcs() -> None:
    assert parse_rule("defined a").score == "INFINITY"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "found the end at the start of the rule; allowed there: a node attribute's name"),
        ("score=5", "found the end after 'score=5'"),
        ("defined", "found the end after 'defined' of the rule; allowed there: a node attribute's"),
        ("defined and", "found 'and' after 'defined'"),
        ("defined a b", "found 'b' after 'defined a' of the rule; allowed there: and, or, the end"),
        ("defined a and", "found the end after 'defined a and'"),
        ("(defined a", "found the end after '( defined a' of the rule; allowed there: and, or, )"),
        ("defined a)", "found ')' after 'defined a'"),
        ("()", "found ')' after '('"),
        ("x is 5", "found 'is' after 'x' of the rule; allowed there: eq, ne, lt, gt, lte, gte"),
        ("x in_range 1 to 5", "found 'in_range' after 'x'"),
        ("x eq", "found the end after 'x eq' of the rule; allowed there: a value"),
        ("x eq and", "found 'and' after 'x eq' of the rule; allowed there: a value"),
        ("x eq 'a(b)'", "found '(' after 'x eq a'"),
        (
            "x eq integer five",
            "found 'five' after 'x eq integer' of the rule; allowed there: a val",
        ),
        ("x eq integer \N{ARABIC-INDIC DIGIT FIVE}", "after 'x eq integer'"),
        ("x eq version 1.", "found '1.' after 'x eq version'"),
        ("date gt soon", "found 'soon' after 'date gt' of the rule; allowed there: a date such as"),
        ("date gt 2026-02-30", "found '2026-02-30' after 'date gt'"),
        ("date in_range 2026-01-01", "found the end after 'date in_range 2026-01-01' of the rule"),
        ("date in_range 2026-01-01 to duration", "allowed there: one of days, hours"),
        ("date in_range 2026-01-01 to duration yeardays=1", "found 'yeardays=1' after"),
        ("date in_range 2026-01-01 to duration hours=x", "hours should be a whole number, not 'x'"),
        ("date in_range to duration hours=1", "found 'duration' after 'date in_range to'"),
        ("date-spec", "found the end after 'date-spec'"),
        ("date-spec and defined a", "found 'and' after 'date-spec'"),
        ("date-spec hours", "found 'hours' after 'date-spec'"),
        ("date-spec days=1", "found 'days=1' after 'date-spec' of the rule; allowed there: one of"),
        ("date-spec hours=1 hours=2", "found 'hours=2' after 'date-spec hours=1'"),
        ("date-spec hours=9-25", "hours should be a number or a range (5, 9-16) from 0 to 23"),
        ("date-spec hours=9-9", "hours should be a number or a range"),
        ("date-spec years=2027-2026", "years should be a number or a range (5, 9-16), not"),
        ("score=much defined a", "score should be an integer, INFINITY or -INFINITY, not 'much'"),
        ("score= defined a", "score should be an integer, INFINITY or -INFINITY, not ''"),
        ("score=1 score=2 defined a", "found 'score=2' after 'score=1'"),
        ("score=1 score-attribute=x defined a", "found both score= and score-attribute="),
        ("score-attribute= defined a", "score-attribute should be the name of a node attribute"),
        ("role=king defined a", "role should be Promoted or Unpromoted, not 'king'"),
        ("role=started defined a", "role should be Promoted or Unpromoted, not 'started'"),
        ("resource-discovery=no defined a", "resource-discovery should be always, never or excl"),
        ("id=1 defined a", "id should be an id: a letter or _, then letters, digits"),
        ("constraint-id=x defined a", "the constraint's id is a separate key, next to the rule"),
        ("x eq 'open", 'the rule "x eq \'open" cannot be split into words: No closing quotation'),
        ("(" * 101 + "defined a" + ")" * 101, "found more than 100 parentheses"),
        (" or ".join(["defined a and defined b"] * 60), "found more than 100 parentheses"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_word_its_place_and_what_is_allowed(
    text: str, sentence: str
) -> None:
    with pytest.raises(RuleError) as caught:
        parse_rule(text)
    assert sentence in caught.value.problem
    assert "\n" not in caught.value.problem
    assert caught.value.path == ""
    assert isinstance(caught.value, DeclarationError)


WORDS = [
    "(",
    ")",
    "and",
    "or",
    "defined",
    "a",
    "eq",
    "date",
    "in_range",
    "to",
    "duration",
    "hours=1",
]
WORDS += [
    "date-spec",
    "string",
    "5",
    "2026-03-31",
    "gt",
    "score=5",
    "role=Master",
    "'",
    "\\",
    "id=x",
]


@given(st.lists(st.sampled_from(WORDS)).map(" ".join) | st.text())
def test_any_text_is_a_rule_or_a_rule_error(text: str) -> None:
    with contextlib.suppress(RuleError):
        rule = parse_rule(text)
        assert parse_rule(rule_to_text(rule)) == rule


def test_an_empty_value_is_kept_at_the_end_of_a_parenthesis() -> None:
    rule = parse_rule("(defined a or b eq '' ) and defined c")
    assert parse_rule(rule_to_text(rule)) == rule


@given(rules())
def test_the_text_of_a_rule_says_the_same_rule(rule: Rule) -> None:
    assert parse_rule(rule_to_text(rule)) == rule


@given(rules(), st.booleans())
def test_the_xml_of_a_rule_says_the_same_rule(rule: Rule, promoted_names: bool) -> None:
    read = rule_from_xml(rule_to_xml(rule, "r", promoted_names=promoted_names))
    assert read is not None
    assert rules_equal(read, rule)
    assert rule_from_xml(rule_to_xml(read, "other")) == read


@given(rules(), st.sets(st.sampled_from(["r-expr", "r-expr-1", "r-rule", "r-rule-expr"])))
def test_no_id_is_given_twice(rule: Rule, taken: set[str]) -> None:
    ids = [e.get("id") for e in rule_to_xml(rule, "r", taken=taken).iter()]
    assert len(ids) == len(set(ids))
    assert not taken & set(ids)


@given(rules(), st.randoms())
def test_the_order_of_conditions_is_no_difference(rule: Rule, dice: random.Random) -> None:
    element = rule_to_xml(rule, "r")
    for parent in list(element.iter("rule")):
        parent[:] = dice.sample(list(parent), len(parent))
    read = rule_from_xml(element)
    assert read is not None
    assert rules_equal(read, rule)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("role=Master defined a", "role=Promoted defined a"),
        ("role=slave defined a", "role=Unpromoted defined a"),
        ("defined a", "score=INFINITY defined a"),
        ("score=+INFINITY defined a", "score=1000000 defined a"),
        ("score=-INFINITY defined a", "score=-2000000 defined a"),
        ("score=+5 defined a", "score=05 defined a"),
        ("x eq 1", "x eq string 1"),
        ("date-spec hours=1 months=2", "date-spec months=2 hours=1"),
        ("defined a and defined a", "defined a or defined a"),
        ("id=one defined a", "id=other defined a"),
    ],
)
def test_two_spellings_of_one_rule_are_equal(one: str, other: str) -> None:
    assert rules_equal(parse_rule(one), parse_rule(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("score=5 defined a", "score=6 defined a"),
        ("score=5 defined a", "score-attribute=a defined a"),
        ("score-attribute=a defined a", "score-attribute=b defined a"),
        ("role=Promoted defined a", "defined a"),
        ("role=Promoted defined a", "role=Unpromoted defined a"),
        ("defined a", "not_defined a"),
        ("defined a", "defined b"),
        ("x eq 1", "x eq integer 1"),
        ("x lt 1", "x lt string 1"),
        ("x eq 1", "x eq 2"),
        ("defined a and defined b", "defined a or defined b"),
        ("defined a or defined b and defined c", "defined a or (defined b and defined c)"),
        ("date-spec hours=1", "date-spec hours=2"),
        ("date gt 2026-03-31", "date lt 2026-03-31"),
    ],
)
def test_two_different_rules_are_not_equal(one: str, other: str) -> None:
    assert not rules_equal(parse_rule(one), parse_rule(other))


def test_the_meaning_of_the_conditions_leaves_the_score_out() -> None:
    one, other = parse_rule("score=5 defined a or defined b"), parse_rule("defined b or defined a")
    assert conditions_meaning(one) == conditions_meaning(other)
    assert hash(conditions_meaning(one)) == hash(conditions_meaning(other))


EXPRESSION = '<expression id="e" attribute="a" operation="defined"/>'
OTHER = '<expression id="f" attribute="b" operation="defined"/>'


@pytest.mark.parametrize(
    ("element", "text"),
    [
        (rule_element(EXPRESSION, ""), "score=0 defined a"),
        (rule_element(EXPRESSION, 'boolean-op="or"'), "score=0 defined a"),
        (rule_element(EXPRESSION + OTHER), "score=5 defined a and defined b"),
        (rule_element("<!-- why -->" + EXPRESSION), "score=5 defined a"),
        (rule_element(EXPRESSION, 'role="Slave"'), "role=Unpromoted score=0 defined a"),
        (
            rule_element(f'<rule id="n" score="9">{EXPRESSION}</rule>{OTHER}'),
            "score=5 defined a and defined b",
        ),
        (
            rule_element(f'<rule id="n" boolean-op="or">{EXPRESSION}{OTHER}</rule>{EXPRESSION}'),
            "score=5 (defined a or defined b) and defined a",
        ),
        (
            rule_element('<expression id="e" attribute="a" operation="eq" value="or"/>'),
            "score=5 a eq string or",
        ),
        (
            rule_element(
                '<expression id="e" attribute="a" operation="eq" value="b" value-source="literal"/>'
            ),
            "score=5 a eq b",
        ),
    ],
)
def test_xml_of_others_becomes_text(element: etree._Element, text: str) -> None:
    rule = rule_from_xml(element)
    assert rule is not None
    assert rule_to_text(rule) == text


@pytest.mark.parametrize(
    "element",
    [
        etree.fromstring('<rule id-ref="other"/>'),
        rule_element(""),
        rule_element(EXPRESSION, 'score="much"'),
        rule_element(EXPRESSION, 'score="5" score-attribute="a"'),
        rule_element(EXPRESSION, 'score="5" role="Started"'),
        rule_element(f'{EXPRESSION}<rsc_expression id="e2" class="ocf"/>'),
        rule_element('<op_expression id="e" name="start"/>'),
        rule_element(f'<rule id="n" role="Promoted">{EXPRESSION}</rule>'),
        rule_element('<rule id-ref="n"/>'),
        rule_element('<expression id="e" attribute="a" operation="eq"/>'),
        rule_element('<expression id="e" attribute="a" operation="defined" value="x"/>'),
        rule_element('<expression id="e" attribute="a" operation="eq" value="f(x)"/>'),
        rule_element('<expression id="e" attribute="a" operation="lt" value="or"/>'),
        rule_element('<expression id="e" attribute="eq" operation="eq" value="b"/>'),
        rule_element('<expression id="e" attribute="" operation="eq" value="b"/>'),
        rule_element('<expression id="e" attribute="date" operation="gt" value="b"/>'),
        rule_element('<expression id="e" attribute="id=1" operation="eq" value="b"/>'),
        rule_element('<expression id="e" attribute="a" operation="eq" type="integer" value="b"/>'),
        rule_element('<expression id="e" attribute="a" operation="eq" value="b" value-source="meta"/>'),
        rule_element('<date_expression id="e" operation="in_range" start="2026-03-31"/>'),
        rule_element('<date_expression id="e" operation="gt" start="2026-03-31nonsense"/>'),
        rule_element(
            '<date_expression id="e" operation="in_range" start="2026-03-31" end="2026-04-01">'
            '<duration id="d" hours="1"/></date_expression>'
        ),
        rule_element(
            '<date_expression id="e" operation="date_spec"><date_spec id="d" hours="9-"/></date_expression>'
        ),
        rule_element(
            '<date_expression id="e" operation="date_spec"><duration id="d" hours="9"/></date_expression>'
        ),
        rule_element('<rule id="n">' * 200 + EXPRESSION + "</rule>" * 200),
    ],
    ids=lambda element: etree.tostring(element).decode()[:90],
)
def test_what_text_cannot_express_is_none(element: etree._Element) -> None:
    assert rule_from_xml(element) is None


@pytest.mark.parametrize("promoted_names", [True, False])
@pytest.mark.parametrize(("role", "legacy"), [("Promoted", "Master"), ("Unpromoted", "Slave")])
def test_roles_are_spelled_as_the_schema_wants(role: str, legacy: str, promoted_names: bool) -> None:
    element = rule_to_xml(parse_rule(f"role={role} defined a"), "r", promoted_names=promoted_names)
    assert element.get("role") == (role if promoted_names else legacy)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-31",
        "20260331",
        "2028-366",
        "2026-W53-7",
        "2026-03-31T08",
        "2026-03-31 08:00",
        "2026-03-31T08:00:59.5",
        "20260331T080059Z",
        "2026-03-31 08:00 +02:00",
        "2026-03-31T08:00-0230",
        "epoch",
    ],
)
def test_dates_of_iso_8601_are_dates(text: str) -> None:
    assert is_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026",
        "2026-3-31",
        "2026-02-29",
        "0000-01-01",
        "2026-366",
        "2026-000",
        "9999-366",
        "2027-W53-1",
        "2026-W01-8",
        "2026-03-31x",
        " 2026-03-31",
        "2026-03-31 24:00",
        "2026-03-31T08:60",
        "2026-03-31T08+02:00",
        "2026-03-3\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_what_pacemaker_would_guess_at_is_no_date(text: str) -> None:
    assert not is_date(text)
