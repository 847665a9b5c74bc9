"""Map short names of volume and backup drivers to their classes."""

from __future__ import annotations

from ...site import SiteError
from ...site.releases import is_since
from .tables import lack_of_driver

_VOLUME = {
    "lvm": "cinder.volume.drivers.lvm.LVMVolumeDriver",
    "netapp": "cinder.volume.drivers.netapp.common.NetAppDriver",
    "nfs": "cinder.volume.drivers.nfs.NfsDriver",
    "rbd": "cinder.volume.drivers.rbd.RBDDriver",
}
_BACKUP = {
    "ceph": "cinder.backup.drivers.ceph.CephBackupDriver",
    "gcs": "cinder.backup.drivers.gcs.GoogleBackupDriver",
    "glusterfs": "cinder.backup.drivers.glusterfs.GlusterfsBackupDriver",
    "nfs": "cinder.backup.drivers.nfs.NFSBackupDriver",
    "posix": "cinder.backup.drivers.posix.PosixBackupDriver",
    "s3": "cinder.backup.drivers.s3.S3BackupDriver",
    "swift": "cinder.backup.drivers.swift.SwiftBackupDriver",
}


def volume_driver(name: str, release: str, path: str) -> str:
    """Return the class of a volume driver.

    >>> volume_driver("nfs", "zed", "cinder_ha.backends.nfs1.driver")
    'cinder.volume.drivers.nfs.NfsDriver'

    :param name: a short name or the full path of the class
    :param path: the pillar's key
    :raises SiteError: the short name is unknown, or the release does not have the driver
    """
    # Until Juno the class without a transport is abstract (cinder/volume/drivers/lvm.py).
    older_lvm = name == "lvm" and not is_since(release, "kilo")
    full = "cinder.volume.drivers.lvm.LVMISCSIDriver" if older_lvm else _full(name, _VOLUME, path)
    return _checked("volume", full, name, release, path)


def backup_driver(name: str, release: str, path: str) -> str:
    """Return the value of ``backup_driver`` for a backup driver.

    >>> backup_driver("posix", "zed", "cinder_ha.backup.driver")
    'cinder.backup.drivers.posix.PosixBackupDriver'

    :param name: a short name or the full path of the class
    :param path: the pillar's key
    :raises SiteError: the short name is unknown, or the release does not have the driver
    """
    full = _full(name, _BACKUP, path)
    # Before Queens the option names the module (release note "backup-driver-configuration").
    by_class = is_since(release, "queens") or name not in _BACKUP
    return _checked("backup", full if by_class else full.rpartition(".")[0], name, release, path)


def _full(name: str, known: dict[str, str], path: str) -> str:
    if "." in name:
        return name
    if name not in known:
        names = ", ".join(sorted(known))
        raise SiteError(
            path, f"is {name!r}, which is not a known driver; allowed: {names} or the full path of a class"
        )
    return known[name]


def _checked(kind: str, full: str, name: str, release: str, path: str) -> str:
    lack = lack_of_driver(kind, full, release)
    if lack is not None:
        raise SiteError(path, f"is {name!r}, {lack}")
    return full
