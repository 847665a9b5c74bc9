"""Remarks on the parts of live objects that an export leaves out."""

from __future__ import annotations

from collections.abc import Callable

from ...common.errors import DeclarationError


class Remarks:
    """Collects the parts that a declaration cannot express, with their paths."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._found)

    def note(self, path: str, problem: str) -> None:
        self._found[f"{path}: {problem}"] = None

    def accepted(self, parse: Callable[..., object], *given: object) -> bool:
        """Return whether ``parse(*given)`` accepts a part; note the error if it does not."""
        try:
            parse(*given)
        except DeclarationError as error:
            self.note(error.path, error.problem)
            return False
        return True
