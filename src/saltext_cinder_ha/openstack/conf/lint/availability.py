"""Rules about what prevents high availability."""

from __future__ import annotations

from collections.abc import Iterator

from ....site.releases import is_since
from ..file import DEFAULT, Entry
from ..tables import driver_of
from .model import ERROR, WARNING, Finding, Subject

_FILE_LOCKS = "file://"


def shared_host_with_cloned_scheduler(subject: Subject) -> Iterator[Finding]:
    """Report a shared ``host``: its schedulers are one service to Cinder (``cinder/service.py``, Service)."""
    entry = subject.last(DEFAULT, "host")
    if entry is None or not subject.surroundings.cloned_scheduler or not is_since(subject.release, "kilo"):
        return
    why = "makes the schedulers of all nodes one service, so that the loss of one is not detected"
    instead = "write backend_host in the section of each backend"
    yield subject.finding(subject.ignored, entry, why, instead)


def cluster_with_local_locks(subject: Subject) -> Iterator[Finding]:
    """Report local locks: active/active needs shared ones (contributor guide, "High Availability")."""
    entry = subject.last(DEFAULT, "cluster")
    if entry is None:
        return
    locks = subject.last("coordination", "backend_url")
    if locks is None or locks.value.startswith(_FILE_LOCKS):
        why = "needs locks that all nodes share, but [coordination] backend_url keeps them in local files"
        instead = "write backend_url in [coordination], such as etcd3+http://HOST:2379"
        yield subject.finding(ERROR, locks or entry, why, instead)


def cluster_with_active_passive_driver(subject: Subject) -> Iterator[Finding]:
    """Report drivers without ``cluster`` support (``cinder/volume/manager.py``, SUPPORTS_ACTIVE_ACTIVE)."""
    if subject.last(DEFAULT, "cluster") is None:
        return
    for section in subject.backends:
        entry = subject.last(section, "volume_driver")
        driver = None if entry is None else driver_of("volume", entry.value, subject.release)
        if entry is not None and driver is not None and not driver.active_active:
            why = "cannot run active/active, as cluster requires, so that cinder-volume does not start it"
            yield subject.finding(ERROR, entry, why, f"remove cluster from [{DEFAULT}]")


def down_before_report(subject: Subject) -> Iterator[Finding]:
    """Report intervals with which a service counts as down before it reports (``cinder/service.py``)."""
    report, down = (subject.last(DEFAULT, name) for name in ("report_interval", "service_down_time"))
    entry = down or report
    if entry is None:
        return
    reported, lost = _seconds(report, 10), _seconds(down, 60)
    if reported is not None and lost is not None and lost <= reported:
        why = (
            "makes services count as down before they report: service_down_time should exceed report_interval"
        )
        yield subject.finding(WARNING, entry, why, "write service_down_time = 60 and report_interval = 10")


def mirrored_and_quorum_queues(subject: Subject) -> Iterator[Finding]:
    """Report both kinds of queues: oslo.messaging rejects it (``oslo_messaging/_drivers/impl_rabbit.py``)."""
    section = "oslo_messaging_rabbit"
    entry = subject.last(section, "rabbit_ha_queues")
    if entry is not None and all(
        subject.is_true(section, name) for name in ("rabbit_ha_queues", "rabbit_quorum_queue")
    ):
        why = "enables mirrored queues in addition to the quorum queues of rabbit_quorum_queue"
        yield subject.finding(ERROR, entry, why, "remove rabbit_ha_queues")


def _seconds(entry: Entry | None, default: int) -> int | None:
    if entry is None:
        return default
    return int(entry.value) if entry.value.isdecimal() else None
