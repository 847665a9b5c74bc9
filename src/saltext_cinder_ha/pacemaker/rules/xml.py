"""A rule as the XML element ``<rule>`` of a location constraint, as pcs writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, count

from lxml import etree

from .. import values
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
from .text import KEYWORDS, parse_rule, rule_to_text

# Schemas before 3.9 require a score in a nested rule; Pacemaker ignores it.
_NESTED_SCORE = "0"
# Pacemaker's defaults for missing attributes (Pacemaker Explained, "Rule Properties").
_DEFAULT_BOOLEAN_OP = "and"
_DEFAULT_SCORE = "0"

_LEGACY_ROLES = {"Promoted": "Master", "Unpromoted": "Slave"}
_EQUALITY = ("eq", "ne")


def rule_to_xml(
    rule: Rule, rule_id: str, *, promoted_names: bool = True, taken: Collection[str] = ()
) -> etree._Element:
    """Return a rule as the XML that pcs would write, with the ids that pcs would give to its parts.

    >>> element = rule_to_xml(parse_rule("score=50 defined foo"), "location-vip-rule")
    >>> etree.tostring(element[0]).decode()
    '<expression id="location-vip-rule-expr" operation="defined" attribute="foo"/>'

    :param rule_id: the element's id; pcs uses ``rule.id``, else the constraint's id and ``-rule``
    :param promoted_names: whether the CIB's schema has the roles Promoted and Unpromoted; if not, write
        Master and Slave
    :param taken: the other ids in the CIB, which the parts' ids avoid
    """
    writer = _Writer(taken, rule_id)
    element = etree.Element("rule", {"id": rule_id})
    if rule.role is not None:
        element.set("role", rule.role if promoted_names else _LEGACY_ROLES[rule.role])
    if rule.score is not None:
        element.set("score", rule.score)
    if rule.score_attribute is not None:
        element.set("score-attribute", rule.score_attribute)
    writer.add_conditions(element, rule.boolean_op, rule.expressions)
    return element


class _Writer:
    """Appends the parts of a rule with unique ids."""

    def __init__(self, taken: Collection[str], rule_id: str):
        self._taken = taken
        self._given = {rule_id}

    def add_conditions(
        self, parent: etree._Element, boolean_op: str | None, conditions: Iterable[Condition]
    ) -> None:
        if boolean_op is not None:
            parent.set("boolean-op", boolean_op)
        for condition in conditions:
            if isinstance(condition, NestedRule):
                nested = self._add(parent, "rule", "rule", {"score": _NESTED_SCORE})
                self.add_conditions(nested, condition.boolean_op, condition.expressions)
            elif isinstance(condition, DateExpression):
                self._add_date_expression(parent, condition)
            else:
                self._add(parent, "expression", "expr", _expression_attributes(condition))

    def _add_date_expression(self, parent: etree._Element, condition: DateExpression) -> None:
        attributes = {
            "operation": condition.operation,
            "start": condition.start,
            "end": condition.end,
        }
        expression = self._add(parent, "date_expression", "expr", attributes)
        if condition.operation == "date_spec":
            self._add(expression, "date_spec", "datespec", dict(condition.parts))
        elif condition.parts:
            self._add(expression, "duration", "duration", dict(condition.parts))

    def _add(
        self, parent: etree._Element, tag: str, suffix: str, attributes: Mapping[str, str | None]
    ) -> etree._Element:
        given = {name: value for name, value in attributes.items() if value is not None}
        own_id = self._unique_id(f"{parent.get('id')}-{suffix}")
        return etree.SubElement(parent, tag, {"id": own_id, **given})

    def _unique_id(self, wanted: str) -> str:
        candidates = chain([wanted], (f"{wanted}-{number}" for number in count(1)))
        found = next(c for c in candidates if c not in self._taken and c not in self._given)
        self._given.add(found)
        return found


def _expression_attributes(condition: Expression) -> dict[str, str | None]:
    return {
        "operation": condition.operation,
        "attribute": condition.attribute,
        "type": condition.type,
        "value": condition.value,
    }


def rule_from_xml(element: etree._Element) -> Rule | None:
    """Read a ``<rule>`` of a location constraint, None if the text of a rule cannot express it.

    Text cannot express a reference to another rule, a test of a resource or an operation, a range without an
    end, a value from a parameter, or a value with a parenthesis. The result has no ids. Pacemaker's defaults
    are made explicit: a missing score is 0, a missing ``boolean-op`` is ``and``.

    >>> element = rule_to_xml(parse_rule("score=5 defined a"), "location-vip-rule")
    >>> rule_to_text(rule_from_xml(element))
    'score=5 defined a'
    """
    if sum(1 for _ in element.iter("rule")) > MAX_NESTING or not _has_only(
        element, "id", "boolean-op", "role", "score", "score-attribute"
    ):
        return None
    condition = _read_conditions(element)
    if condition is None:
        return None
    boolean_op, expressions = opened(condition)
    role = element.get("role")
    score_attribute = element.get("score-attribute")
    rule = Rule(
        expressions=expressions,
        boolean_op=boolean_op,
        score=element.get("score", None if score_attribute is not None else _DEFAULT_SCORE),
        score_attribute=score_attribute,
        role=role if role is None else values.role(role) or role,
    )
    return rule if _is_expressible(rule) else None


def _is_expressible(rule: Rule) -> bool:
    try:
        return parse_rule(rule_to_text(rule)) == rule
    except RuleError:
        return False


def _has_only(element: etree._Element, *names: str) -> bool:
    return set(element.keys()) <= set(names)


def _read_conditions(element: etree._Element) -> Condition | None:
    boolean_op = element.get("boolean-op", _DEFAULT_BOOLEAN_OP)
    read = [_read_condition(child) for child in element.iterchildren(etree.Element)]
    conditions = [condition for condition in read if condition is not None]
    if not conditions or len(conditions) < len(read):
        return None
    return join(boolean_op, conditions)


def _read_condition(element: etree._Element) -> Condition | None:
    if element.tag == "expression":
        return _read_expression(element)
    if element.tag == "date_expression":
        return _read_date_expression(element)
    # Pacemaker ignores a nested rule's score, so it is not kept.
    if element.tag == "rule" and _has_only(element, "id", "boolean-op", "score"):
        return _read_conditions(element)
    return None


def _read_expression(element: etree._Element) -> Expression | None:
    if element.get("value-source", "literal") != "literal" or not _has_only(
        element, "id", "attribute", "operation", "value", "type", "value-source"
    ):
        return None
    operation = element.get("operation", "")
    value = element.get("value")
    value_type = element.get("type")
    if value_type is None and value in KEYWORDS and operation in _EQUALITY:
        value_type = "string"
    return Expression(element.get("attribute", ""), operation, value, value_type)


def _read_date_expression(element: etree._Element) -> DateExpression | None:
    operation = element.get("operation", "")
    children = list(element.iterchildren(etree.Element))
    expected = "date_spec" if operation == "date_spec" else "duration"
    if (
        not _has_only(element, "id", "operation", "start", "end")
        or len(children) > 1
        or any(child.tag != expected for child in children)
    ):
        return None
    parts = _read_parts(children[0]) if children else ()
    return DateExpression(operation, element.get("start"), element.get("end"), parts)


def _read_parts(element: etree._Element) -> Parts:
    return tuple((str(name), str(value)) for name, value in element.items() if name != "id")


def rules_equal(one: Rule, other: Rule) -> bool:
    """Return whether two rules mean the same to Pacemaker.

    The order of conditions, ids, the spelling of a score, and the default type ``string`` of an equality test
    are ignored. ``resource_discovery`` belongs to the constraint and is not compared.

    >>> one = parse_rule("defined a or x eq 1")
    >>> rules_equal(one, parse_rule("score=+INFINITY x eq string 1 or defined a"))
    True
    """
    return _score_meaning(one) == _score_meaning(other) and (
        conditions_meaning(one) == conditions_meaning(other)
    )


def conditions_meaning(rule: Rule) -> object:
    """Return a hashable value for role and conditions; it is equal for rules that mean the same."""
    return rule.role, _joint_meaning(rule.boolean_op, rule.expressions)


def _score_meaning(rule: Rule) -> object:
    if rule.score is None:
        return rule.score_attribute
    return values.score(rule.score)


def _joint_meaning(boolean_op: str | None, conditions: Iterable[Condition]) -> object:
    meanings = frozenset(_condition_meaning(condition) for condition in conditions)
    return next(iter(meanings)) if len(meanings) == 1 else (boolean_op, meanings)


def _condition_meaning(condition: Condition) -> object:
    if isinstance(condition, NestedRule):
        return _joint_meaning(condition.boolean_op, condition.expressions)
    if isinstance(condition, DateExpression):
        return condition.operation, condition.start, condition.end, frozenset(condition.parts)
    is_default = condition.type == "string" and condition.operation in _EQUALITY
    value_type = None if is_default else condition.type
    return condition.attribute, condition.operation, condition.value, value_type
