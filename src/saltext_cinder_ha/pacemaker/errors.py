"""The errors of a cluster, one class per meaning; each message says what to do."""

from __future__ import annotations

from ..common.errors import DeclarationError, SaltextError


class PacemakerError(SaltextError):
    """Base class of the errors that only a cluster can cause."""


class ConflictError(DeclarationError):
    """The declaration is well formed, but the cluster's configuration does not allow it."""


class CibError(PacemakerError):
    """A CIB cannot be read: it is empty, truncated, not XML, or newer than the installed tools."""


class ClusterNotRunningError(PacemakerError):
    """The cluster's daemons do not respond on this node."""


class NoQuorumError(PacemakerError):
    """The cluster has no quorum, so nothing was written."""


class ContentionError(PacemakerError):
    """Other writers were faster each time; the attempts or the time are used up."""


class LockBusyError(PacemakerError):
    """Other processes held a cluster-wide lock, so it was not acquired in time."""


class LockLostError(PacemakerError):
    """A cluster-wide lock expired while it was in use, so another process may hold it."""
