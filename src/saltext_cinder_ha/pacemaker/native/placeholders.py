"""Placeholders for values that a tool must not see: pcs takes parameters as public arguments."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...common import secrets
from .tokenizer import Statement

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(.+)", re.DOTALL)
_PREFIX = "stand-in-"


class Placeholders:
    """Replaces values by placeholders, and restores them.

    Placeholders are numbered in order, so the same text gets the same placeholders for any values.
    """

    def __init__(self, taken: str):
        self._prefix = _PREFIX
        while self._prefix in taken:
            self._prefix += "x-"
        self._values: list[str] = []

    def hide(self, value: str) -> str:
        """Return a new placeholder for a value."""
        self._values.append(value)
        return f"{self._prefix}{len(self._values)}."

    def restore(self, found: Any) -> Any:
        """Return plain data with the values instead of their placeholders."""
        if isinstance(found, str):
            pattern = rf"{re.escape(self._prefix)}(\d+)\."
            return re.sub(pattern, lambda match: self._values[int(match[1]) - 1], found)
        if isinstance(found, dict):
            return {key: self.restore(value) for key, value in found.items()}
        if isinstance(found, list):
            return [self.restore(value) for value in found]
        return found

    def in_statement(self, statement: Statement, is_opaque: Callable[[str], bool]) -> Statement:
        """Return the statement with placeholders for secrets, and for values that the tool would corrupt."""
        return statement.with_words([self._in_word(word, is_opaque) for word in statement.words])

    def _in_word(self, word: str, is_opaque: Callable[[str], bool]) -> str:
        match = _ASSIGNMENT.fullmatch(word)
        if match is None:
            return word
        name, value = match.groups()
        if secrets.shown(name, value) != value or is_opaque(value):
            return f"{name}={self.hide(value)}"
        return word
