"""Restart the services of this node that run with outdated options.

A service runs with the contents that its files had when it started. Whether these are still the present ones
is decided by comparing the start time in the operation history with the files' mtimes and, for changes that
do not affect the service, by comparing fingerprints recorded on the node. So a minion that is killed after
changing a file restarts the service in its next run, and a service that anyone has restarted since is left
alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..common.errors import DeclarationError, StorageError
from ..openstack.conf.consumers import options_read_by
from ..openstack.conf.file import parse
from ..openstack.errors import ConfFileError
from ..pacemaker.cib.document import Cib
from ..pacemaker.cib.history import active_nodes, last_start
from ..pacemaker.cluster import Cluster
from ..pacemaker.restart.coordinated import WITHIN_SECONDS, restart_under_lock
from ..pacemaker.restart.instance import Restart, predict_restart
from ..site import SERVICES, Site
from .fingerprints import Fingerprints, path_of, read_fingerprints, write_fingerprints
from .node_layout import File
from .topology import service_ids

_UNKNOWN = "-"


@dataclass(frozen=True)
class Files:
    """The files that services read when they start.

    :param configuration: cinder.conf
    :param others: further files, by path on this machine; see :func:`~.node_layout.service_files`
    :param landing: the future texts of files, for a prediction
    """

    configuration: Path
    others: Mapping[Path, File] = field(default_factory=dict)
    landing: Mapping[Path, str] = field(default_factory=dict, repr=False)

    def of_service(self, service: str) -> list[Path]:
        """Return the files that a service reads."""
        others = (path for path, file in self.others.items() if service in file.services)
        return [self.configuration, *others]


@dataclass(frozen=True)
class Node:
    """One node's services.

    :param name: its name in the cluster
    """

    site: Site
    cluster: Cluster
    name: str
    files: Files

    def outdated(self) -> tuple[str, ...]:
        """Return the services that run here with options other than their files have, or will have."""
        prints = read_fingerprints(self._memory)
        cib = self.cluster.snapshot
        return tuple(
            service
            for service, resource in self._running(cib).items()
            if self._fingerprint(prints, service, self.files.landing)
            != self._running_with(prints, cib, service, resource)
        )

    def predicted(self) -> tuple[Restart, ...]:
        """Predict the restarts that :meth:`bring_up_to_date` would cause; change nothing."""
        ids = service_ids(self.site)
        found: list[Restart] = []
        for service in self.outdated():
            restarted = {a.resource for one in found for a in one.actions if a.node == self.name}
            if ids[service] not in restarted:
                before = found[-1] if found else None
                found.append(
                    predict_restart(self.cluster, ids[service], self.name, allow=self._allow, after=before)
                )
        return tuple(found)

    def bring_up_to_date(self, *, owner: str, within: float = WITHIN_SECONDS) -> tuple[Restart, ...]:
        """Restart the services that run here with outdated options, through the cluster and under its lock.

        :param owner: the ID of this minion, for messages
        :param within: seconds to wait for the other nodes
        :raises SaltextError: as :func:`~.pacemaker.restart.coordinated.restart_under_lock`
        """
        if not self.outdated():
            self.note_current()
            return ()
        tried: set[str] = set()

        def next_resource() -> str | None:
            # An earlier restart may have restarted others too.
            left = [service for service in self.outdated() if service not in tried]
            tried.update(left[:1])
            return service_ids(self.site)[left[0]] if left else None

        done = restart_under_lock(
            self.cluster, self.name, next_resource, owner=owner, allow=self._allow, within=within
        )
        self.note_current()
        return done

    def note_current(self) -> None:
        """Record what the services run with, so that a change that does not affect them restarts nothing."""
        before = prints = read_fingerprints(self._memory)
        cib = self.cluster.snapshot
        for service, resource in self._running(cib).items():
            now = self._present_fingerprint(prints, service)
            if now and self._running_with(prints, cib, service, resource) == now:
                start = last_start(cib, resource, self.name)
                prints = prints.noting(service, f"{start.id if start else _UNKNOWN} {now}")
        if prints != before:
            write_fingerprints(self._memory, prints)

    @property
    def _allow(self) -> Sequence[str]:
        return self.site.cluster.allow

    @property
    def _memory(self) -> Path:
        return path_of(self.cluster.settings.root, self.name)

    def _running(self, cib: Cib) -> dict[str, str]:
        """Return the services that run on this node, with their resources."""
        where = active_nodes(cib)
        ids = service_ids(self.site)
        return {s: ids[s] for s in SERVICES if s in ids and self.name in where.get(ids[s], ())}

    def _running_with(self, prints: Fingerprints, cib: Cib, service: str, resource: str) -> str | None:
        """Return the fingerprint of what a service runs with, None if unknown."""
        start, changed = last_start(cib, resource, self.name), self._changed_at(service)
        noted, _, fingerprint = prints.known.get(service, "").partition(" ")
        # A record about one instance says nothing about one that was started later.
        if start is None or (noted == start.id and start.time <= changed):
            return fingerprint
        return self._present_fingerprint(prints, service) if start.time >= changed else None

    def _changed_at(self, service: str) -> int:
        changed = 0
        for path in self.files.of_service(service):
            with contextlib.suppress(FileNotFoundError):
                changed = max(changed, int(path.stat().st_mtime))
        return changed

    def _present_fingerprint(self, prints: Fingerprints, service: str) -> str | None:
        """Return the fingerprint of the files' present contents, None if they are damaged."""
        try:
            return self._fingerprint(prints, service, {})
        except (DeclarationError, StorageError):
            return None

    def _fingerprint(self, prints: Fingerprints, service: str, landing: Mapping[Path, str]) -> str:
        texts = {
            path: landing[path] if path in landing else _text(path) for path in self.files.of_service(service)
        }
        configuration = texts.pop(self.files.configuration)
        try:
            options = options_read_by(parse(configuration), service)
        except ConfFileError as error:
            raise DeclarationError("", f"{self.files.configuration}: {error}") from None
        return prints.of([options, [[str(path), text] for path, text in texts.items()]])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read: {error}") from None
