"""The connection of one job to one cluster, with a cached snapshot of its CIB."""

from __future__ import annotations

from .cib.document import Cib
from .settings import Settings
from .store.file import FileStore
from .store.live import LiveStore
from .store.model import Store


class Session:
    """A cluster, or a sandbox, during one job.

    The CIB is read once and kept until :meth:`forget` is called: use one session per job.
    """

    def __init__(self, settings: Settings):
        self.settings = settings
        self.store: Store = (
            FileStore(settings.cib_file, settings.sandbox_nodes, settings.timeout)
            if settings.cib_file
            else LiveStore(settings.timeout)
        )
        self._snapshot: Cib | None = None

    @property
    def is_sandbox(self) -> bool:
        """Return whether the CIB is in a file, so that no cluster is affected."""
        return self.store.is_sandbox

    @property
    def timeout(self) -> float:
        """Return the seconds for each program, and for the cluster to settle after a write."""
        return self.settings.timeout

    @property
    def snapshot(self) -> Cib:
        """Return the CIB; read it at the first use."""
        if self._snapshot is None:
            self._snapshot = self.store.read()
        return self._snapshot

    def forget(self) -> None:
        """Drop the snapshot, so that the next use reads the CIB again."""
        self._snapshot = None
