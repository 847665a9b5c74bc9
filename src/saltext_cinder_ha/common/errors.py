"""The errors of every package, one class per meaning; a user can act on each message."""

from __future__ import annotations


class SaltextError(Exception):
    """Base class of every error that this package raises on purpose."""


class DeclarationError(SaltextError):
    """Something that the user declared is wrong.

    ``path`` is the place in the declaration (``resources.vip.params.ip``); ``problem`` says what was found
    and what is allowed.
    """

    def __init__(self, path: str, problem: str):
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}" if path else problem)


class ToolMissingError(SaltextError):
    """A required program is not installed."""


class ToolTimeoutError(SaltextError):
    """A program did not answer in time and was killed."""


class ToolFailedError(SaltextError):
    """A program failed with an error that has no class of its own."""


class StorageError(SaltextError):
    """A file or its folder cannot be read or written."""
