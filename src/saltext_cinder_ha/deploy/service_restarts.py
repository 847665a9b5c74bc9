"""Which services of this node run with other options than their files have, and their restart.

A service runs with what its files had when it started. Whether that is what they have now is asked of the
cluster's own record (when the instance on this node started), of the files (when they were changed), and of
the fingerprints that are kept on the node for those changes that do not concern the service. So a minion that
is killed between the change of a file and the restart restarts at its next run, and a service that was
started since, by whomever, is left alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..common import fields
from ..common.errors import DeclarationError, StorageError
from ..common.fields import Fields
from ..openstack.conf.consumers import SERVICES, options_concerning
from ..openstack.conf.file import parse
from ..openstack.errors import ConfFileError
from ..pacemaker.cib.document import Cib
from ..pacemaker.cib.history import active_nodes, last_start
from ..pacemaker.cluster import Cluster
from ..pacemaker.restart.coordinated import WITHIN_SECONDS, restart_under_lock
from ..pacemaker.restart.instance import Restart, predict_restart
from ..site import Site
from .fingerprints import Fingerprints, path_of, read_fingerprints, write_fingerprints
from .topology import service_ids

_UNKNOWN = "-"


@dataclass(frozen=True)
class FurtherFile:
    """A file beside cinder.conf that services read when they start.

    :param services: which ones
    :param contents: the lines that it should have, None where that is not known
    :param source: URLs of the template that it is made of, of which the first that there is counts
    :param context: what the template is told
    """

    services: tuple[str, ...]
    contents: tuple[str, ...] | None = field(default=None, repr=False)
    source: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, given: object, path: str) -> FurtherFile:
        """Read what a state says about one file: its services, or a mapping.

        :raises DeclarationError: something in it is not allowed
        """
        body = given if isinstance(given, Mapping) else {"services": given}
        found = Fields(body, path, ("services", "contents", "source", "context"))
        where = path if body is not given else found.at("services")
        services = fields.sequence(found.required("services"), where)
        contents = found.optional("contents", fields.sequence)
        return cls(
            tuple(fields.choice(service, where, SERVICES) for service in services),
            None if contents is None else tuple(map(str, contents)),
            tuple(map(str, found.optional("source", fields.sequence) or ())),
            found.optional("context", fields.mapping) or {},
        )


def parse_further_files(given: object) -> dict[Path, FurtherFile]:
    """Read what a state says about the files beside cinder.conf, by path.

    :raises DeclarationError: something in it is not allowed
    """
    found = fields.mapping(given, "files")
    return {Path(path): FurtherFile.parse(body, f"files.{path}") for path, body in found.items()}


@dataclass(frozen=True)
class Files:
    """The files that services read when they start.

    :param configuration: cinder.conf
    :param others: further files, and the services that each concerns
    :param landing: the texts that files will have, when that is only foretold
    """

    configuration: Path
    others: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    landing: Mapping[Path, str] = field(default_factory=dict, repr=False)

    def of_service(self, service: str) -> list[Path]:
        """The files that a service reads."""
        return [self.configuration, *(path for path, read_by in self.others.items() if service in read_by)]


@dataclass(frozen=True)
class Node:
    """One node's services.

    :param name: what the cluster calls it
    :param root: what stands for ``/``; empty on a cluster
    """

    site: Site
    cluster: Cluster
    name: str
    root: str
    files: Files

    def outdated(self) -> tuple[str, ...]:
        """Return the services that run here with other options than their files have, or will have."""
        prints = read_fingerprints(self._memory)
        cib = self.cluster.snapshot
        return tuple(
            service
            for service, resource in self._running(cib).items()
            if self._fingerprint(prints, service, self.files.landing)
            != self._running_with(prints, cib, service, resource)
        )

    def foretold(self) -> tuple[Restart, ...]:
        """Foretell the restarts that :meth:`bring_up_to_date` would make; touch nothing."""
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
        """Restart, through the cluster and in its turn, what runs here with outdated options; nothing else.

        :param owner: who does it, for people
        :param within: seconds to wait for the other nodes
        :raises SaltextError: as :func:`~.pacemaker.restart.coordinated.restart_under_lock`
        """
        if not self.outdated():
            self.note_current()
            return ()
        tried: set[str] = set()

        def next_resource() -> str | None:
            # What an earlier restart has dragged along is up to date by now.
            left = [service for service in self.outdated() if service not in tried]
            tried.update(left[:1])
            return service_ids(self.site)[left[0]] if left else None

        done = restart_under_lock(
            self.cluster, self.name, next_resource, owner=owner, allow=self._allow, within=within
        )
        self.note_current()
        return done

    def note_current(self) -> None:
        """Keep what the services run with: so a later change that does not concern them is known as one."""
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
        return path_of(self.root, self.name)

    def _running(self, cib: Cib) -> dict[str, str]:
        """The services that run on this node, with their resources."""
        where = active_nodes(cib)
        ids = service_ids(self.site)
        return {s: ids[s] for s in SERVICES if s in ids and self.name in where.get(ids[s], ())}

    def _running_with(self, prints: Fingerprints, cib: Cib, service: str, resource: str) -> str | None:
        """The fingerprint of what a service runs with, None where that is not known."""
        start, changed = last_start(cib, resource, self.name), self._changed_at(service)
        noted, _, fingerprint = prints.known.get(service, "").partition(" ")
        # What was noted of an instance says nothing of one that was started since.
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
        """The fingerprint of what the files have now; None where they are damaged."""
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
            options = options_concerning(parse(configuration), service)
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
