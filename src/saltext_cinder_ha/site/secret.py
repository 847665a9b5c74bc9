"""Text that no log, error or repr may show."""

from __future__ import annotations

HIDDEN = "**********"
"""What stands for a secret; Salt 3008 puts the same text in the place of a pillar's value."""


class Secret:
    """A secret of the pillar, readable by :meth:`reveal` only.

    >>> password = Secret("CINDER_PASS")
    >>> print(password, repr(password), password.reveal())
    ********** Secret('**********') CINDER_PASS
    """

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, for the place that needs it."""
        return self._text

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return f"Secret({HIDDEN!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)
