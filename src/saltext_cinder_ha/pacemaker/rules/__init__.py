"""Rules of location constraints: text, XML, and comparison.

Belongs here: the grammar of rules and of date expressions.
Does not belong here: the constraints that carry them.
May import: the loose modules of ``pacemaker`` and ``common``.
"""

from .model import Condition, DateExpression, Expression, NestedRule, Rule, RuleError
from .text import parse_rule, rule_to_text
from .xml import conditions_meaning, rule_from_xml, rule_to_xml, rules_equal

__all__ = [
    "Condition",
    "DateExpression",
    "Expression",
    "NestedRule",
    "Rule",
    "RuleError",
    "conditions_meaning",
    "parse_rule",
    "rule_from_xml",
    "rule_to_text",
    "rule_to_xml",
    "rules_equal",
]
