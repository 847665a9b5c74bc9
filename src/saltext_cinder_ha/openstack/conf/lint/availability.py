"""What keeps a file from being highly available."""

from __future__ import annotations

from collections.abc import Iterator

from ....site.releases import is_since
from ..file import DEFAULT, Entry
from ..tables import driver_of
from .model import ERROR, WARNING, Finding, Subject

_FILE_LOCKS = "file://"


def shared_host_with_cloned_scheduler(subject: Subject) -> Iterator[Finding]:
    """All schedulers of one ``host`` are one service to Cinder (``cinder/service.py``, Service)."""
    entry = subject.last(DEFAULT, "host")
    if entry is None or not subject.surroundings.cloned_scheduler or not is_since(subject.release, "kilo"):
        return
    why = "makes the schedulers of all nodes one service, so that the loss of one is not seen"
    instead = "write backend_host in the section of each backend"
    yield subject.finding(subject.ignored, entry, why, instead)


def cluster_with_local_locks(subject: Subject) -> Iterator[Finding]:
    """Active/active needs locks that all nodes share (Cinder's contributor guide, "High Availability")."""
    entry = subject.last(DEFAULT, "cluster")
    if entry is None:
        return
    locks = subject.last("coordination", "backend_url")
    if locks is None or locks.value.startswith(_FILE_LOCKS):
        why = (
            "needs locks that all nodes share, but those of [coordination] backend_url are files of the node"
        )
        instead = "write backend_url in [coordination], such as etcd3+http://HOST:2379"
        yield subject.finding(ERROR, locks or entry, why, instead)


def cluster_with_active_passive_driver(subject: Subject) -> Iterator[Finding]:
    """Require a driver to support ``cluster`` (``cinder/volume/manager.py``, SUPPORTS_ACTIVE_ACTIVE)."""
    if subject.last(DEFAULT, "cluster") is None:
        return
    for section in subject.backends:
        entry = subject.last(section, "volume_driver")
        driver = None if entry is None else driver_of("volume", entry.value, subject.release)
        if entry is not None and driver is not None and not driver.active_active:
            why = "cannot run active/active, which cluster asks for, so that cinder-volume does not start it"
            yield subject.finding(ERROR, entry, why, f"leave cluster out of [{DEFAULT}]")


def down_before_report(subject: Subject) -> Iterator[Finding]:
    """Require a service to report before it counts as down (``cinder/service.py``)."""
    report, down = (subject.last(DEFAULT, name) for name in ("report_interval", "service_down_time"))
    entry = down or report
    if entry is None:
        return
    reported, lost = _seconds(report, 10), _seconds(down, 60)
    if reported is not None and lost is not None and lost <= reported:
        why = "lets a service count as down before it reports: service_down_time is not above report_interval"
        yield subject.finding(WARNING, entry, why, "write 60 and 10")


def mirrored_and_quorum_queues(subject: Subject) -> Iterator[Finding]:
    """oslo.messaging refuses both together (``oslo_messaging/_drivers/impl_rabbit.py``)."""
    section = "oslo_messaging_rabbit"
    entry = subject.last(section, "rabbit_ha_queues")
    if entry is not None and all(
        subject.is_true(section, name) for name in ("rabbit_ha_queues", "rabbit_quorum_queue")
    ):
        why = "asks for mirrored queues beside the quorum queues of rabbit_quorum_queue"
        yield subject.finding(ERROR, entry, why, "leave rabbit_ha_queues out")


def _seconds(entry: Entry | None, default: int) -> int | None:
    if entry is None:
        return default
    return int(entry.value) if entry.value.isdecimal() else None
