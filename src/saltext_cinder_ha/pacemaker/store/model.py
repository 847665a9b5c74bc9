"""What a store is: the place where a CIB lives, with a cluster around it."""

from __future__ import annotations

from typing import Protocol

from ..cib.document import Cib
from ..programs.cibadmin import Push


class Store(Protocol):
    """A place where a CIB lives."""

    is_sandbox: bool
    origin: str

    def read(self) -> Cib:
        """Return the CIB as it is now."""

    def push(self, patchset: bytes) -> Push:
        """Apply a patchset as a whole, or nothing of it."""

    def settle(self, timeout: float) -> bool:
        """Wait until the cluster has nothing left to do; False when the time, in seconds, is up."""
