"""Backends: where their options stand, and their drivers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....site.releases import is_since
from ..file import DEFAULT, Entry, normalized_section
from ..tables import driver_of, lack_of_driver
from .model import ERROR, WARNING, Finding, Subject

_DRIVER = "volume_driver"
# A volume on a disk of the node is lost with the node.
_LOCAL_DRIVERS = re.compile(
    r"cinder\.volume\.drivers\.(lvm|block_device|spdk)\.|cinder\.volume\.driver\.ISCSI"
)
_BARE_NFS_VERSION = re.compile(r"v\d+(\.\d+)?")


def driver_in_default(subject: Subject) -> Iterator[Finding]:
    """Ocata's cinder-volume starts with ``enabled_backends`` only (``cinder/cmd/volume.py``)."""
    entry = subject.last(DEFAULT, _DRIVER)
    if entry is None or not is_since(subject.release, "ocata"):
        return
    name = subject.backends[0] if subject.backends else "NAME"
    instead = f"write enabled_backends = {name} in [{DEFAULT}] and {_DRIVER} in [{name}]"
    if subject.backends:
        why = f"is ignored beside enabled_backends by {subject.release}"
        yield subject.finding(subject.ignored, entry, why, instead)
    else:
        yield subject.finding(
            ERROR, entry, f"keeps cinder-volume of {subject.release} from starting", instead
        )


def no_backend(subject: Subject) -> Iterator[Finding]:
    """Without a backend there is no cinder-volume."""
    if subject.backends or subject.last(DEFAULT, _DRIVER) or not is_since(subject.release, "ocata"):
        return
    why = f"names no backend, and cinder-volume of {subject.release} does not start without one"
    yield Finding(WARNING, DEFAULT, "enabled_backends", 0, why, "write the names of the backends' sections")


def backends_without_section(subject: Subject) -> Iterator[Finding]:
    """Backends that ``enabled_backends`` names and the file does not describe."""
    entry = subject.last(DEFAULT, "enabled_backends")
    held = {normalized_section(header.name) for header in subject.file.headers}
    for name in subject.backends:
        if entry is not None and normalized_section(name) not in held:
            why = f"names {name}, but there is no section [{name}]"
            yield subject.finding(ERROR, entry, why, f"add [{name}] with its {_DRIVER}")
        elif entry is not None and subject.last(name, _DRIVER) is None:
            why = f"names {name}, whose section has no {_DRIVER}, so that it is LVM"
            yield subject.finding(WARNING, entry, why, f"write {_DRIVER} in [{name}]")


def unknown_drivers(subject: Subject) -> Iterator[Finding]:
    """Drivers that the release does not have, or by another name."""
    backup = subject.last(DEFAULT, "backup_driver")
    for kind, entry in [
        *(("volume", entry) for entry in _volume_drivers(subject)),
        *(("backup", entry) for entry in [backup] if entry is not None),
    ]:
        lack = lack_of_driver(kind, entry.value, subject.release)
        if lack is not None:
            yield subject.finding(ERROR, entry, f"is {subject.shown(entry)}, {lack}")
            continue
        driver = driver_of(kind, entry.value, subject.release)
        if driver is not None and driver.now is not None:
            why = f"is {subject.shown(entry)}, a former name that {subject.release} still takes"
            yield subject.finding(WARNING, entry, why, f"write {driver.now}")


def local_drivers(subject: Subject) -> Iterator[Finding]:
    """Find backends on a node's own disk, which cannot follow cinder-volume to another node."""
    if not subject.surroundings.active_passive:
        return
    for entry in _volume_drivers(subject):
        if _LOCAL_DRIVERS.match(entry.value):
            why = "keeps volumes on a disk of the node, where no other node reaches them after a failover"
            yield subject.finding(ERROR, entry, why, "use shared storage, such as NFS or Ceph")


def nfs_mount_options(subject: Subject) -> Iterator[Finding]:
    """``v3`` is no option of mount (nfs(5), "nfsvers=n"), although the HA guide has it."""
    for entry in subject.file.entries:
        if entry.option != "nfs_mount_options":
            continue
        for word in entry.value.split(","):
            if _BARE_NFS_VERSION.fullmatch(word.strip()):
                version = word.strip().removeprefix("v")
                why = f"has {word.strip()}, which is no mount option"
                yield subject.finding(WARNING, entry, why, f"write vers={version}")


def _volume_drivers(subject: Subject) -> Iterator[Entry]:
    for section in subject.backends or (DEFAULT,):
        entry = subject.last(section, _DRIVER)
        if entry is not None:
            yield entry
