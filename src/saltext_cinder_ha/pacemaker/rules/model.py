"""The data classes of a rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from ...common.errors import DeclarationError

Parts = tuple[tuple[str, str], ...]
"""The names and values of a duration or a date specification, in the order given."""

# Keeps each recursion over a rule far below its limit; libxml2 allows 256 levels.
MAX_NESTING = 100


class RuleError(DeclarationError):
    """The text of a rule is invalid. The caller adds the path in the declaration."""

    def __init__(self, problem: str):
        super().__init__("", problem)


@dataclass(frozen=True)
class Expression:
    """A test of a node attribute (Pacemaker Explained, "Node Attribute Expressions").

    ``operation`` is one of defined, not_defined, eq, ne, lt, gt, lte and gte; the first two have no
    value. ``type`` is string, integer, number, version, or None for Pacemaker's default.
    """

    attribute: str
    operation: str
    value: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class DateExpression:
    """A test of the date (Pacemaker Explained, "Date/Time Expressions").

    ``operation`` is gt, lt, in_range or date_spec; ``parts`` are the fields of the date specification,
    or of the duration of a range.
    """

    operation: str
    start: str | None = None
    end: str | None = None
    parts: Parts = ()


@dataclass(frozen=True)
class NestedRule:
    """Two or more conditions in parentheses, joined by ``boolean_op`` (and, or)."""

    boolean_op: str
    expressions: tuple[Expression | DateExpression | NestedRule, ...]


Condition = Expression | DateExpression | NestedRule


@dataclass(frozen=True)
class Rule:
    """A rule of a location constraint: a score for each node that meets the conditions.

    Exactly one of ``score`` and ``score_attribute`` is set. ``boolean_op`` is None for a single expression.
    ``role`` is Promoted, Unpromoted or None. ``id`` and ``resource_discovery`` (always, never, exclusive; an
    attribute of the constraint) are None if the text does not set them.
    """

    expressions: tuple[Condition, ...]
    boolean_op: str | None = None
    score: str | None = None
    score_attribute: str | None = None
    role: str | None = None
    id: str | None = None
    resource_discovery: str | None = None


def join(boolean_op: str, conditions: Iterable[Condition]) -> Condition:
    """Join conditions; flatten those that the same operator joins already."""
    flat = tuple(
        chain.from_iterable(
            c.expressions if isinstance(c, NestedRule) and c.boolean_op == boolean_op else (c,)
            for c in conditions
        )
    )
    return flat[0] if len(flat) == 1 else NestedRule(boolean_op, flat)


def opened(condition: Condition) -> tuple[str | None, tuple[Condition, ...]]:
    """Split the condition of a whole rule into its operator, None for a single condition, and its parts."""
    if isinstance(condition, NestedRule):
        return condition.boolean_op, condition.expressions
    return None, (condition,)
