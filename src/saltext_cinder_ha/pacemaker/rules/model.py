"""The values that a rule consists of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from ...common.errors import DeclarationError

Parts = tuple[tuple[str, str], ...]
"""The names and values of a duration or a date specification, in the order given."""

# Keeps every recursion over a rule, and libxml2's own (256 levels), far from its end.
MOST_NESTING = 100


class RuleError(DeclarationError):
    """The text of a rule is wrong; whoever knows where it was declared sets the path."""

    def __init__(self, problem: str):
        super().__init__("", problem)


@dataclass(frozen=True)
class Expression:
    """A test of a node attribute (Pacemaker Explained, "Node Attribute Expressions").

    ``operation`` is one of defined, not_defined, eq, ne, lt, gt, lte and gte; the first two have no
    value. ``type`` is string, integer, number, version, or None for what Pacemaker takes by itself.
    """

    attribute: str
    operation: str
    value: str | None = None
    type: str | None = None


@dataclass(frozen=True)
class DateExpression:
    """A test of the date (Pacemaker Explained, "Date/Time Expressions").

    ``operation`` is gt, lt, in_range or date_spec; ``parts`` are those of the date specification,
    or of the duration that a range lasts.
    """

    operation: str
    start: str | None = None
    end: str | None = None
    parts: Parts = ()


@dataclass(frozen=True)
class NestedRule:
    """Two or more conditions in parentheses, joined by ``boolean_op``: and, or."""

    boolean_op: str
    expressions: tuple[Expression | DateExpression | NestedRule, ...]


Condition = Expression | DateExpression | NestedRule


@dataclass(frozen=True)
class Rule:
    """Where a resource may run: a score for every node that meets the conditions.

    Exactly one of ``score`` and ``score_attribute`` is given. ``boolean_op`` is None when there is
    one expression only. ``role`` is Promoted, Unpromoted or None. ``id`` and ``resource_discovery``
    (always, never, exclusive; an attribute of the constraint) are what the text said, None where it
    said nothing.
    """

    expressions: tuple[Condition, ...]
    boolean_op: str | None = None
    score: str | None = None
    score_attribute: str | None = None
    role: str | None = None
    id: str | None = None
    resource_discovery: str | None = None


def join(boolean_op: str, conditions: Iterable[Condition]) -> Condition:
    """Join conditions; what the same operator joins already needs no parentheses."""
    flat = tuple(
        chain.from_iterable(
            c.expressions if isinstance(c, NestedRule) and c.boolean_op == boolean_op else (c,)
            for c in conditions
        )
    )
    return flat[0] if len(flat) == 1 else NestedRule(boolean_op, flat)


def opened(condition: Condition) -> tuple[str | None, tuple[Condition, ...]]:
    """Split a whole rule's condition into its operator, None for a single one, and its parts."""
    if isinstance(condition, NestedRule):
        return condition.boolean_op, condition.expressions
    return None, (condition,)
