"""The interface of a store: a CIB and the cluster that acts on it."""

from __future__ import annotations

from typing import Protocol

from ..cib.document import Cib
from ..programs.cibadmin import Push


class Store(Protocol):
    """A CIB that can be read and patched."""

    is_sandbox: bool
    origin: str

    def read(self) -> Cib:
        """Return the CIB as it is now."""

    def push(self, patchset: bytes) -> Push:
        """Apply a patchset completely, or not at all."""

    def settle(self, timeout: float) -> bool:
        """Wait until the cluster is idle; return False if that takes more than ``timeout`` seconds."""
