"""What of a live object is left out, in sentences."""

from __future__ import annotations

from collections.abc import Callable

from ...common.errors import DeclarationError


class Remarks:
    """Collects what a declaration cannot express, each with the place where it would stand."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._found)

    def note(self, path: str, problem: str) -> None:
        self._found[f"{path}: {problem}"] = None

    def accepted(self, parse: Callable[..., object], *given: object) -> bool:
        """Say whether ``parse(*given)`` takes a part; its objection is noted when it does not."""
        try:
            parse(*given)
        except DeclarationError as error:
            self.note(error.path, error.problem)
            return False
        return True
