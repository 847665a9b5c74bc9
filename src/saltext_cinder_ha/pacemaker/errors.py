"""What can go wrong with a cluster, one class per meaning; each message is a sentence to act on."""

from __future__ import annotations

from ..common.errors import DeclarationError, SaltextError


class PacemakerError(SaltextError):
    """Root of the errors that only a cluster can cause."""


class ConflictError(DeclarationError):
    """The declaration is well formed, but the cluster's configuration does not allow it."""


class CibError(PacemakerError):
    """A CIB cannot be read: it is empty, truncated, no XML, or newer than the installed tools."""


class ClusterNotRunningError(PacemakerError):
    """The cluster's daemons do not answer on this node."""


class NoQuorumError(PacemakerError):
    """The cluster has no quorum, so nothing is written."""


class ContentionError(PacemakerError):
    """Other writers were faster each time; the bounded number of attempts is used up."""


class LockBusyError(PacemakerError):
    """Others held a cluster-wide lock, and it was not acquired in time."""


class LockLostError(PacemakerError):
    """A cluster-wide lock expired while it was in use, so that somebody else may hold it."""
