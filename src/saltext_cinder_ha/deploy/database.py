"""Upgrade the tables and the data of Cinder's database to the installed release, from any node.

Each node runs the slow ``cinder-manage`` once for each installed release and each database, and records on
the node that it did. A cluster-wide lock lets one node write at a time; the others find the work done.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import StorageError, ToolMissingError
from ..openstack.cinder_manage import CinderManage, identity
from ..openstack.conf.file import parse
from ..pacemaker.cluster import Cluster
from ..pacemaker.lock.lock import ClusterLocks
from .fingerprints import FOLDER, Fingerprints, read_fingerprints, write_fingerprints
from .state_result import StateResult

MEMORY = Path(FOLDER, "database.json")
SYNC_SECONDS = 600.0
"""Seconds that one run of ``cinder-manage`` may take."""

_LOCK = "cinder_ha.database"
_WITHIN_SECONDS = 2 * SYNC_SECONDS
_TABLES, _DATA = "tables", "data"
_OF_THIS_RELEASE = "those of the installed release"
_SQLITE = re.compile(r"sqlite[^:]*:///([^?]+)")


_SYNC_LATER = StateResult(
    None,
    "cinder-manage db sync would be run, after Cinder and its configuration are installed on this node.",
    {_TABLES: {"old": "unknown", "new": _OF_THIS_RELEASE}},
)


@dataclass(frozen=True)
class DatabaseSync:
    """The database that a node's cinder.conf names.

    :param memory: the file in which this node records what it has done
    :param owner: the ID of this minion, for messages
    """

    cluster: Cluster
    manage: CinderManage
    owner: str
    memory: Path = MEMORY

    def sync_tables(self, *, test: bool) -> StateResult:
        """Upgrade the tables to the installed release, unless this node has already seen them so.

        :param test: only predict
        :raises ToolMissingError: Cinder is not installed
        :raises ToolFailedError: ``cinder-manage`` failed
        """
        if self.cluster.is_sandbox:
            return _in_sandbox("cinder-manage db sync would be run, once per cluster and release")
        if test and not self._can_be_asked():
            return _SYNC_LATER
        prints = read_fingerprints(self.memory)
        wanted = self._wanted(prints)
        if prints.known.get(_TABLES) == wanted:
            return StateResult(True, "The database has the tables of the installed release.")
        if test:
            return _predicted(self._present_tables(), self.manage.newest_schema())
        with self._lock():
            before = self.manage.schema()
            self.manage.sync()
            after = self.manage.schema()
        noted = prints.noting(_TABLES, wanted)
        if before not in (None, after):
            noted = noted.noting(_DATA, f"{before} {after}")
        write_fingerprints(self.memory, noted)
        if before == after:
            return _already(after)
        changes = {_TABLES: {"old": before, "new": after}}
        return StateResult(True, f"cinder-manage db sync brought the tables to {after}.", changes)

    def migrate_data(self, *, test: bool) -> StateResult:
        """Migrate the data to the installed release, if this node has upgraded tables in use.

        :param test: only predict
        :raises SaltextError: as :meth:`sync_tables`
        """
        if self.cluster.is_sandbox:
            return _in_sandbox("cinder-manage db online_data_migrations would be run after an upgrade")
        prints = read_fingerprints(self.memory)
        if _DATA not in prints.known and not (test and self._upgrade_is_due(prints)):
            return StateResult(True, "There is no data to migrate.")
        changes = {_DATA: {"old": "of the release before", "new": "of the installed release"}}
        if test:
            return StateResult(None, "cinder-manage db online_data_migrations would be run.", changes)
        with self._lock():
            down = self.manage.services_down()
            if down:
                return StateResult(
                    False,
                    f"The data is not migrated, because services are down: {', '.join(down)}. Start them, or "
                    "disable or remove those that are gone for good.",
                )
            self.manage.migrate_data()
        left = {name: value for name, value in prints.known.items() if name != _DATA}
        write_fingerprints(self.memory, Fingerprints(prints.key, left))
        return StateResult(True, "cinder-manage db online_data_migrations has finished.", changes)

    def _wanted(self, prints: Fingerprints) -> str:
        """Return the fingerprint of the installed release and the database."""
        return prints.of([list(identity()), self._connection()])

    def _upgrade_is_due(self, prints: Fingerprints) -> bool:
        if not self._can_be_asked() or prints.known.get(_TABLES) == self._wanted(prints):
            return False
        return self._present_tables() not in (None, self.manage.newest_schema())

    def _can_be_asked(self) -> bool:
        """Return whether this run has neither Cinder to install nor its configuration to write first."""
        with contextlib.suppress(ToolMissingError):
            identity()
            return self.manage.configuration.exists()
        return False

    def _present_tables(self) -> str | None:
        """Return the version of the tables, for a prediction, which must not touch anything."""
        files = [found[1] for url in self._connection() if (found := _SQLITE.match(url))]
        # SQLite creates a missing database file as soon as it is queried.
        return self.manage.schema() if all(Path(file).exists() for file in files) else None

    def _connection(self) -> list[str]:
        path = self.manage.configuration
        try:
            file = parse(path.read_text(encoding="utf-8"))
        except OSError as error:
            problem = f"{path} cannot be read: {error.strerror}; apply cinder_ha.config first"
            raise StorageError(problem) from None
        return [*file.values("database", "connection"), *file.values("DEFAULT", "sql_connection")]

    def _lock(self) -> contextlib.AbstractContextManager[None]:
        return ClusterLocks(self.cluster, self.owner).held_or_alone(_LOCK, within=_WITHIN_SECONDS)


def _already(tables: str | None) -> StateResult:
    return StateResult(True, f"The database already had the tables of the installed release ({tables}).")


def _predicted(before: str | None, after: str | None) -> StateResult:
    if after is not None and before == after:
        return _already(after)
    comment = "cinder-manage db sync would be run, here or on another node that gets the lock first."
    return StateResult(None, comment, {_TABLES: {"old": before, "new": after or _OF_THIS_RELEASE}})


def _in_sandbox(deed: str) -> StateResult:
    return StateResult(True, f"In the sandbox no database is touched: {deed}.")
