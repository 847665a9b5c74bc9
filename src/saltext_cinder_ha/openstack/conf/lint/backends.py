"""Rules about backends: the place of their options, and their drivers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....site.releases import is_since
from ..file import DEFAULT, Entry, normalized_section
from ..tables import driver_of, lack_of_driver
from .model import ERROR, WARNING, Finding, Subject

_DRIVER = "volume_driver"
# A volume on a local disk is lost with its node.
_LOCAL_DRIVERS = re.compile(
    r"cinder\.volume\.drivers\.(lvm|block_device|spdk)\.|cinder\.volume\.driver\.ISCSI"
)
_BARE_NFS_VERSION = re.compile(r"v\d+(\.\d+)?")


def driver_in_default(subject: Subject) -> Iterator[Finding]:
    """Report a driver in [DEFAULT]: Ocata requires ``enabled_backends`` (``cinder/cmd/volume.py``)."""
    entry = subject.last(DEFAULT, _DRIVER)
    if entry is None or not is_since(subject.release, "ocata"):
        return
    name = subject.backends[0] if subject.backends else "NAME"
    instead = f"write enabled_backends = {name} in [{DEFAULT}] and {_DRIVER} in [{name}]"
    if subject.backends:
        why = f"is ignored by {subject.release} if enabled_backends is set"
        yield subject.finding(subject.ignored, entry, why, instead)
    else:
        yield subject.finding(
            ERROR, entry, f"prevents cinder-volume of {subject.release} from starting", instead
        )


def no_backend(subject: Subject) -> Iterator[Finding]:
    """Report a file without backends: cinder-volume does not start with it (``cinder/cmd/volume.py``)."""
    if subject.backends or subject.last(DEFAULT, _DRIVER) or not is_since(subject.release, "ocata"):
        return
    why = f"names no backend, and cinder-volume of {subject.release} does not start without one"
    yield Finding(WARNING, DEFAULT, "enabled_backends", 0, why, "write the names of the backends' sections")


def backends_without_section(subject: Subject) -> Iterator[Finding]:
    """Report backends in ``enabled_backends`` without a section or a driver."""
    entry = subject.last(DEFAULT, "enabled_backends")
    held = {normalized_section(header.name) for header in subject.file.headers}
    for name in subject.backends:
        if entry is not None and normalized_section(name) not in held:
            why = f"names {name}, but there is no section [{name}]"
            yield subject.finding(ERROR, entry, why, f"add [{name}] with its {_DRIVER}")
        elif entry is not None and subject.last(name, _DRIVER) is None:
            why = f"names {name}, whose section has no {_DRIVER}, so it defaults to LVM"
            yield subject.finding(WARNING, entry, why, f"write {_DRIVER} in [{name}]")


def unknown_drivers(subject: Subject) -> Iterator[Finding]:
    """Report drivers that the release does not have, or has under another name."""
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
            why = f"is {subject.shown(entry)}, a former name that {subject.release} still accepts"
            yield subject.finding(WARNING, entry, why, f"write {driver.now}")


def local_drivers(subject: Subject) -> Iterator[Finding]:
    """Report backends on a local disk, which cannot follow cinder-volume to another node."""
    if not subject.surroundings.active_passive:
        return
    for entry in _volume_drivers(subject):
        if _LOCAL_DRIVERS.match(entry.value):
            why = "keeps volumes on a local disk, which no other node can reach after a failover"
            yield subject.finding(ERROR, entry, why, "use shared storage, such as NFS or Ceph")


def nfs_mount_options(subject: Subject) -> Iterator[Finding]:
    """Report mount options such as ``v3``: nfs(5) has "nfsvers=n" only, unlike the HA guide."""
    for entry in subject.file.entries:
        if entry.option != "nfs_mount_options":
            continue
        for word in entry.value.split(","):
            if _BARE_NFS_VERSION.fullmatch(word.strip()):
                version = word.strip().removeprefix("v")
                why = f"has {word.strip()}, which is not a mount option"
                yield subject.finding(WARNING, entry, why, f"write vers={version}")


def _volume_drivers(subject: Subject) -> Iterator[Entry]:
    for section in subject.backends or (DEFAULT,):
        entry = subject.last(section, _DRIVER)
        if entry is not None:
            yield entry
