"""A rule as text: the syntax of ``pcs constraint location R rule``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterable
from itertools import chain
from typing import NoReturn

from .. import values
from .dates import DATE_SPEC_LIMITS, DURATION_PARTS, date_spec_problem, duration_problem, is_date
from .model import (
    MAX_NESTING,
    Condition,
    DateExpression,
    Expression,
    NestedRule,
    Parts,
    Rule,
    RuleError,
    join,
    opened,
)

_DEFAULT_SCORE = "INFINITY"
_OPTIONS = ("id", "resource-discovery", "role", "score", "score-attribute")
_DISCOVERY = ("always", "never", "exclusive")
_ROLES = ("Promoted", "Unpromoted")

_BOOLEAN = ("and", "or")
_UNARY = ("defined", "not_defined")
_BINARY = ("eq", "ne", "lt", "gt", "lte", "gte")
_DATE_BINARY = ("gt", "lt")
_TYPES = ("string", "integer", "number", "version")
KEYWORDS = frozenset(
    {*_BOOLEAN, *_UNARY, *_BINARY, *_TYPES, "in_range", "to", "date-spec", "duration", "(", ")"}
)
"""The words that are values only after a type, as in ``x eq string and``."""

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SCORE = re.compile(r"[+-]?([0-9]{1,18}|INFINITY)")
_VALUE_PATTERNS = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "number": re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"),
    "version": re.compile(r"[0-9]+(\.[0-9]+)*"),
}
_PLAIN_WORD = re.compile(r"[^\s'\"\\()]+")
_NODE_TEST = "a node attribute's name, defined, not_defined, date, date-spec or ("


def parse_rule(text: str) -> Rule:
    """Parse the text of a rule as pcs does; see pcs(8), "constraint location <resource> rule".

    Words are split as in a shell; ``and`` and ``or`` have the same precedence and are left-associative. In
    addition to the syntax of pcs, a range may lack its start, and date specifications and durations may use
    all fields of Pacemaker (minutes, days, ...). Put a space before a time zone: Pacemaker 2.1.5 ignores a
    zone that follows the time directly.

    >>> rule = parse_rule("score=50 #uname eq ctl1 or defined foo")
    >>> rule.score, rule.boolean_op, rule.expressions[1]
    ('50', 'or', Expression(attribute='foo', operation='defined', value=None, type=None))

    :param text: for example ``role=Promoted score=50 date-spec hours=9-16 and not_defined broken``;
        the default score is INFINITY
    :raises RuleError: the text is not a rule; the message says what was found where, and what is allowed
    """
    words = _Words(_split(text))
    options = _parse_options(words)
    condition = _parse_condition(words)
    if words.current is not None:
        words.refuse("and, or, the end")
    boolean_op, expressions = opened(condition)
    return Rule(
        expressions=expressions,
        boolean_op=boolean_op,
        score=options.get("score", None if "score-attribute" in options else _DEFAULT_SCORE),
        score_attribute=options.get("score-attribute"),
        role=values.role(options["role"]) if "role" in options else None,
        id=options.get("id"),
        resource_discovery=options.get("resource-discovery"),
    )


class _Words:
    """The words of a rule, and the current position."""

    def __init__(self, words: list[str]):
        self._words = words
        self._position = 0
        self._nesting = 0

    @property
    def current(self) -> str | None:
        """Return the current word, None at the end."""
        return self.ahead(0)

    def ahead(self, distance: int) -> str | None:
        place = self._position + distance
        return self._words[place] if place < len(self._words) else None

    def accept(self, *allowed: str) -> str | None:
        """Consume and return the current word if it is one of ``allowed``, else return None."""
        word = self.current
        if word not in allowed:
            return None
        self._position += 1
        return word

    def expect(self, is_allowed: Callable[[str], bool], allowed: str) -> str:
        """Consume and return the current word if it is allowed, else raise an error with ``allowed``."""
        word = self.current
        if word is None or not is_allowed(word):
            self.refuse(allowed)
        self._position += 1
        return word

    def refuse(self, allowed: str) -> NoReturn:
        before = self._words[max(0, self._position - 4) : self._position]
        where = f"after {_shown(' '.join(before))}" if before else "at the start"
        found = "the end" if self.current is None else _shown(self.current)
        raise RuleError(f"found {found} {where} of the rule; allowed there: {allowed}")

    def nest(self) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise RuleError(
                f"found more than {MAX_NESTING} parentheses and switches between 'and' and 'or'; use fewer"
            )


def _split(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise RuleError(f"the rule {_shown(text)} cannot be split into words: {error}") from None
    return list(chain.from_iterable(re.findall(r"[()]|[^()]+", word) or [word] for word in words))


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _parse_options(words: _Words) -> dict[str, str]:
    options: dict[str, str] = {}
    while (word := words.current) is not None:
        name, equals, value = word.partition("=")
        if equals and name == "constraint-id":
            words.refuse("an expression; the constraint's id is a separate key, next to the rule")
        if not equals or name not in _OPTIONS:
            break
        if name in options:
            words.refuse(f"{name}= only once")
        problem = _OPTION_PROBLEMS[name](value)
        if problem:
            raise RuleError(f"{name} should be {problem}, not {_shown(value)}")
        options[name] = value
        words.accept(word)
    if "score" in options and "score-attribute" in options:
        raise RuleError("found both score= and score-attribute=; only one of them is allowed")
    return options


def _score_problem(value: str) -> str | None:
    return None if _SCORE.fullmatch(value) else "an integer, INFINITY or -INFINITY"


def _id_problem(value: str) -> str | None:
    return None if _ID.fullmatch(value) else "an id: a letter or _, then letters, digits, _, . and -"


def _role_problem(value: str) -> str | None:
    return None if values.role(value) in _ROLES else "Promoted or Unpromoted"


def _discovery_problem(value: str) -> str | None:
    return None if value in _DISCOVERY else "always, never or exclusive"


def _name_problem(value: str) -> str | None:
    return None if value else "the name of a node attribute"


_OPTION_PROBLEMS: dict[str, Callable[[str], str | None]] = {
    "id": _id_problem,
    "resource-discovery": _discovery_problem,
    "role": _role_problem,
    "score": _score_problem,
    "score-attribute": _name_problem,
}


def _parse_condition(words: _Words) -> Condition:
    condition = _parse_operand(words)
    previous = None
    while boolean_op := words.accept(*_BOOLEAN):
        if previous not in (None, boolean_op):
            words.nest()
        condition = join(boolean_op, [condition, _parse_operand(words)])
        previous = boolean_op
    return condition


def _parse_operand(words: _Words) -> Condition:
    if words.accept("("):
        words.nest()
        condition = _parse_condition(words)
        if not words.accept(")"):
            words.refuse("and, or, )")
        return condition
    unary = words.accept(*_UNARY)
    if unary:
        return Expression(words.expect(_is_name, "a node attribute's name"), unary)
    if words.accept("date-spec"):
        return DateExpression("date_spec", parts=_parse_parts(words, DATE_SPEC_LIMITS, date_spec_problem))
    if words.current == "date" and words.ahead(1) == "in_range":
        return _parse_range(words)
    # With a type after the operation, "date" is a node attribute of that name.
    if words.current == "date" and words.ahead(1) in _DATE_BINARY and words.ahead(2) not in _TYPES:
        return _parse_date_comparison(words)
    return _parse_comparison(words)


def _is_name(word: str) -> bool:
    return bool(word) and word not in KEYWORDS


def _parse_comparison(words: _Words) -> Expression:
    attribute = words.expect(_is_name, _NODE_TEST)
    operation = words.expect(_BINARY.__contains__, f"{', '.join(_BINARY)} (or in_range after date)")
    value_type = words.accept(*_TYPES)
    if value_type is None:
        allowed = f"a value (a keyword only as `string VALUE`), or one of {', '.join(_TYPES)}"
        return Expression(attribute, operation, words.expect(lambda w: w not in KEYWORDS, allowed))
    pattern = _VALUE_PATTERNS.get(value_type)
    value = words.expect(
        lambda w: w not in ("(", ")") and (pattern is None or bool(pattern.fullmatch(w))),
        f"a value of the type {value_type}",
    )
    return Expression(attribute, operation, value, value_type)


def _parse_date_comparison(words: _Words) -> DateExpression:
    words.accept("date")
    operation = words.accept(*_DATE_BINARY)
    date = _parse_date(words)
    return DateExpression("gt", start=date) if operation == "gt" else DateExpression("lt", end=date)


def _parse_range(words: _Words) -> DateExpression:
    words.accept("date")
    words.accept("in_range")
    start = None if words.current == "to" else _parse_date(words)
    if not words.accept("to"):
        words.refuse("to")
    if start is not None and words.accept("duration"):
        parts = _parse_parts(words, DURATION_PARTS, duration_problem)
        return DateExpression("in_range", start, parts=parts)
    return DateExpression("in_range", start, _parse_date(words))


def _parse_date(words: _Words) -> str:
    return words.expect(is_date, "a date such as 2026-03-31 or '2026-03-31 08:00:00 +02:00'")


def _parse_parts(
    words: _Words, allowed: Collection[str], problem_of: Callable[[str, str], str | None]
) -> Parts:
    names = f"one of {', '.join(allowed)}, each once, with =VALUE"
    parts: dict[str, str] = {}
    while (word := words.current) is not None and (not parts or "=" in word):
        name, equals, value = word.partition("=")
        if not equals or name not in allowed or name in parts:
            words.refuse(names)
        problem = problem_of(name, value)
        if problem:
            raise RuleError(problem)
        parts[name] = value
        words.accept(word)
    if not parts:
        words.refuse(names)
    return tuple(parts.items())


def rule_to_text(rule: Rule) -> str:
    """Return a rule as text; :func:`parse_rule` parses it into the same rule.

    >>> rule_to_text(parse_rule("defined a or defined b and x eq 'two words'"))
    "score=INFINITY (defined a or defined b) and x eq 'two words'"
    """
    options = {
        "id": rule.id,
        "resource-discovery": rule.resource_discovery,
        "role": rule.role,
        "score": rule.score,
        "score-attribute": rule.score_attribute,
    }
    words = [_word(f"{name}={value}") for name, value in options.items() if value is not None]
    return " ".join([*words, _conditions_to_text(rule.boolean_op, rule.expressions)])


def _conditions_to_text(boolean_op: str | None, conditions: Iterable[Condition]) -> str:
    return f" {boolean_op} ".join(_condition_to_text(condition) for condition in conditions)


def _condition_to_text(condition: Condition) -> str:
    if isinstance(condition, NestedRule):
        inner = _conditions_to_text(condition.boolean_op, condition.expressions)
        # shlex would join an empty word with the parenthesis that follows it without a blank.
        return f"({inner} )" if inner.endswith("''") else f"({inner})"
    if isinstance(condition, DateExpression):
        return " ".join(_word(word) for word in _date_words(condition))
    if condition.value is None:
        return f"{condition.operation} {_word(condition.attribute)}"
    words = (condition.attribute, condition.operation, condition.type, condition.value)
    return " ".join(_word(word) for word in words if word is not None)


def _date_words(condition: DateExpression) -> list[str]:
    parts = [f"{name}={value}" for name, value in condition.parts]
    start = [condition.start] if condition.start is not None else []
    end = [condition.end] if condition.end is not None else []
    if condition.operation == "date_spec":
        return ["date-spec", *parts]
    if condition.operation == "in_range":
        return ["date", "in_range", *start, "to", *end, *(["duration", *parts] if parts else [])]
    return ["date", condition.operation, *start, *end]


def _word(word: str) -> str:
    return word if _PLAIN_WORD.fullmatch(word) else shlex.quote(word)
