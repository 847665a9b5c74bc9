"""What machines boot from, read-only: the base image that all share, and OpenStack in a layer over it.

The base is Debian, the cluster's packages, Salt. Both take minutes to make and are kept in the cache, as are
the packages; a change of anything that goes into one makes it again.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import debian
from .host import CACHE, LOGS, REPOSITORY, LabError, run, write

BASE = CACHE / "base"
OPENSTACK = CACHE / "openstack"
SALT_BIN = "/opt/salt/bin"
SITE_PACKAGES = "opt/salt/lib/python3.11/site-packages"
"""Where the image has the packages of Salt's Python, relative to its root."""

_PYTHON = (3, 11)
_PACKAGES = (
    *("corosync", "pacemaker", "pacemaker-cli-utils", "pcs", "crmsh"),
    *("resource-agents", "fence-agents", "python3", "python3-venv"),
    *("nftables", "iputils-ping", "iputils-arping", "curl", "less", "psmisc"),
)
_OPENSTACK_PACKAGES = (
    *("mariadb-server", "python3-pymysql", "rabbitmq-server", "memcached", "python3-memcache"),
    *("keystone", "python3-openstackclient", "python3-cinderclient"),
    *("cinder-api", "cinder-scheduler", "cinder-volume", "cinder-backup", "qemu-utils", "haproxy"),
    # Without it, os-brick cannot tell what it is on, and no backup is made.
    *("sudo", "dmidecode"),
)
_FEW_WORKERS = "s/^processes = .*/processes = 2/; s/^threads = .*/threads = 8/"
# Nothing of these is of use in a namespace, and some of them get in the way.
_MASKED = (
    *("systemd-udevd", "systemd-logind", "systemd-networkd", "systemd-resolved", "systemd-timesyncd"),
    *("console-getty", "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer"),
    *("fstrim.timer", "dpkg-db-backup.timer"),
)
_CONSTRAINTS = REPOSITORY / "requirements/salt-3008.txt"
# What this package needs beside Salt, its extra for Keystone's catalog included.
_LIBRARIES = ("jinja2", "lxml", "openstacksdk", "pyyaml")
_LOG = "image.log"


def ensure_base() -> None:
    """Make the base image when it is not there or out of date."""
    _ensure(BASE, _base_fingerprint(), build_base)


def ensure_openstack() -> None:
    """Make the layer with OpenStack when it is not there or out of date; the base is there."""
    _ensure(OPENSTACK, openstack_fingerprint(), build_openstack)


def openstack_fingerprint() -> str:
    """Return what is different when anything that goes into the images is."""
    return _hash(_base_fingerprint(), _OPENSTACK_PACKAGES, _FEW_WORKERS)


def _base_fingerprint() -> str:
    return _hash(debian.SETTINGS, _PACKAGES, _MASKED, _CONSTRAINTS.read_text(), _LIBRARIES)


def _hash(*inputs: object) -> str:
    return hashlib.sha256(repr(inputs).encode()).hexdigest()


def _ensure(folder: Path, fingerprint: str, build: Callable[[], None]) -> None:
    CACHE.mkdir(exist_ok=True)
    stamp = folder.with_suffix(".complete")
    # One at a time, as two would build into the same folder.
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == fingerprint:
            return
        stamp.unlink(missing_ok=True)
        if folder.exists():
            shutil.rmtree(folder)
        # Mounts and device nodes live in a mount namespace of their own: nothing that walks the tree meets
        # an endless /dev/full there, and a crash leaves none.
        isolated = ["unshare", "--mount", "--propagation", "private", f"--wd={REPOSITORY}"]
        python = [sys.executable, "-m", __name__, build.__name__]
        run([*isolated, *python], timeout=debian.LONG, log=LOGS / _LOG)
        write(stamp, fingerprint)


def build_base() -> None:
    """Make the base image from nothing; to be run in a mount namespace of its own."""
    (BASE / "dev").mkdir(parents=True)
    run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(BASE / "dev")])
    wheels = _salt_wheels()
    system = debian.System(BASE, _LOG)
    system.bootstrap()
    system.install(_PACKAGES)
    _install_salt(system, wheels)
    (BASE / "etc/corosync/corosync.conf").unlink(missing_ok=True)
    system.finish(mask=_MASKED)
    run(["chroot", str(BASE), "chpasswd"], stdin="hacluster:hacluster\n")


def build_openstack() -> None:
    """Make the layer with OpenStack from nothing; to be run in a mount namespace of its own."""
    work, root = CACHE / "openstack.work", CACHE / "openstack.root"
    for folder in (OPENSTACK, work, root):
        folder.mkdir(parents=True, exist_ok=True)
    layers = f"lowerdir={BASE},upperdir={OPENSTACK},workdir={work}"
    run(["mount", "-t", "overlay", "overlay", "-o", layers, str(root)])
    run(["mount", "--rbind", "/dev", str(root / "dev")])
    system = debian.System(root, _LOG)
    system.install(_OPENSTACK_PACKAGES)
    # Debian's eight of each are more than two processors can bear.
    system.run(["sed", "--in-place", _FEW_WORKERS, "/etc/keystone/keystone-uwsgi.ini"])
    system.finish()


def from_base(argv: Sequence[str], namespace: Path) -> list[str]:
    """Return the command that runs a program of the image in a network namespace."""
    return ["nsenter", f"--net={namespace}", "chroot", str(BASE), *argv]


def _salt_wheels() -> Path:
    """Build wheels of Salt and of what this package needs, by the host's pip and its settings."""
    wheels = CACHE / "wheels"
    if sys.version_info[:2] != _PYTHON:
        raise LabError(
            f"this is Python {sys.version.split()[0]}, but the lab's nodes have Python 3.11 and get "
            "their wheels from here: run `make venv PYTHON=python3.11` first"
        )
    pip = [sys.executable, "-m", "pip"]
    salt = _CONSTRAINTS.read_text().split()[-1]
    run(
        [*pip, "wheel", "--quiet", "--wheel-dir", str(wheels), salt, *_LIBRARIES],
        timeout=debian.LONG,
        log=LOGS / _LOG,
    )
    return wheels


def _install_salt(system: debian.System, wheels: Path) -> None:
    shutil.copytree(wheels, system.root / "tmp/wheels")
    salt = _CONSTRAINTS.read_text().split()[-1]
    system.run(["python3", "-m", "venv", "/opt/salt"])
    system.run(
        [
            *("/opt/salt/bin/pip", "install", "--quiet", "--no-index", "--find-links", "/tmp/wheels"),
            *(salt, *_LIBRARIES),
        ]
    )
    shutil.rmtree(system.root / "tmp/wheels")


if __name__ == "__main__":
    {"build_base": build_base, "build_openstack": build_openstack}[sys.argv[1]]()
