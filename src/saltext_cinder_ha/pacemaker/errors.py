"""What can go wrong, one class per meaning; the message of each is a sentence that a user can act on."""

from __future__ import annotations


class PacemakerError(Exception):
    """Root of every error that this package raises on purpose."""


class DeclarationError(PacemakerError):
    """Something that the user declared is wrong.

    ``path`` leads to the place in the declaration (``resources.vip.params.ip``), ``problem`` says what was
    found and what is allowed.
    """

    def __init__(self, path: str, problem: str):
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem}" if path else problem)


class ConflictError(DeclarationError):
    """The declaration is well formed, but the cluster's configuration does not allow it."""


class CibError(PacemakerError):
    """A CIB cannot be read: it is empty, truncated, no XML, or newer than the installed tools."""


class ToolMissingError(PacemakerError):
    """A program that is needed is not installed."""


class ToolTimeoutError(PacemakerError):
    """A program did not answer within its time and was ended."""


class ToolFailedError(PacemakerError):
    """A program answered with an error that has no better class."""


class ClusterNotRunningError(PacemakerError):
    """The cluster's daemons do not answer on this node."""


class NoQuorumError(PacemakerError):
    """The cluster has no quorum, so nothing is written."""


class ContentionError(PacemakerError):
    """Other writers were faster each time; the bounded number of attempts is used up."""


class TurnBusyError(PacemakerError):
    """A cluster-wide turn is somebody else's and did not come in time."""


class TurnLostError(PacemakerError):
    """A cluster-wide turn ended while it was in use, so that somebody else may have it."""


class StorageError(PacemakerError):
    """A CIB file or its folder cannot be read or written."""
