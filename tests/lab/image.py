"""The base image that all nodes share, read-only: Debian, the cluster's packages, Salt.

It takes minutes to make and is kept in the cache, as are the packages; a change of anything that goes into it
makes it again. What differs between nodes is laid over it.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from .host import CACHE, LOGS, REPOSITORY, LabError, run, write

BASE = CACHE / "base"
SALT_BIN = "/opt/salt/bin"
SITE_PACKAGES = "opt/salt/lib/python3.11/site-packages"
"""Where the image has the packages of Salt's Python, relative to its root."""

_RELEASE = "bookworm"
_PYTHON = (3, 11)
_PACKAGES = (
    *("corosync", "pacemaker", "pacemaker-cli-utils", "pcs", "crmsh"),
    *("resource-agents", "fence-agents", "python3", "python3-venv"),
    *("nftables", "iputils-ping", "iputils-arping", "curl", "less", "psmisc"),
)
# Nothing of these is of use in a namespace, and some of them get in the way.
_MASKED = (
    *("systemd-udevd", "systemd-logind", "systemd-networkd", "systemd-resolved", "systemd-timesyncd"),
    *("console-getty", "apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer"),
    *("fstrim.timer", "dpkg-db-backup.timer"),
)
_CONSTRAINTS = REPOSITORY / "requirements/salt-3008.txt"
_STAMP = CACHE / "base.complete"
_LONG = 1800.0
_APT_SETTINGS = """\
APT::Install-Recommends "false";
APT::Keep-Downloaded-Packages "true";
Binary::apt-get::APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
"""
_DPKG_SETTINGS = """\
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
"""


def ensure_base() -> Path:
    """Return the folder of the base image; make it when it is not there or out of date."""
    if not _STAMP.exists() or _STAMP.read_text() != _fingerprint():
        # Mounts and device nodes live in a mount namespace of their own: nothing that walks the tree meets an
        # endless /dev/full there, and a crash leaves none.
        isolated = ["unshare", "--mount", "--propagation", "private", f"--wd={REPOSITORY}"]
        run([*isolated, sys.executable, "-m", __name__], timeout=_LONG, log=LOGS / "image.log")
    return BASE


def build() -> None:
    """Make the image from nothing; to be run in a mount namespace of its own."""
    _STAMP.unlink(missing_ok=True)
    if BASE.exists():
        shutil.rmtree(BASE)
    (BASE / "dev").mkdir(parents=True)
    run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(BASE / "dev")])
    sources = _package_sources()
    wheels = _salt_wheels()
    _bootstrap(sources[0])
    _prepare_for_apt(sources)
    _in_base(["apt-get", "update"])
    _in_base(["apt-get", "install", "--yes", *_PACKAGES])
    _install_salt(wheels)
    _finish()
    write(_STAMP, _fingerprint())


def _fingerprint() -> str:
    inputs = (_RELEASE, _PACKAGES, _MASKED, _APT_SETTINGS, _DPKG_SETTINGS, _CONSTRAINTS.read_text())
    return hashlib.sha256(repr(inputs).encode()).hexdigest()


def _package_sources() -> list[str]:
    """The host's own sources of this Debian release, as lines of sources.list."""
    listed = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    )
    lines = [f"deb {line}" for line in dict.fromkeys(listed.stdout.splitlines())]
    wanted = [line for line in lines if line.split()[2].startswith(_RELEASE) and line.endswith(" main")]
    wanted.sort(key=lambda line: len(line.split()[2]))
    if not wanted or wanted[0].split()[2] != _RELEASE:
        raise LabError(f"apt on this machine has no source for Debian {_RELEASE}, which the lab's nodes run")
    return wanted


def _bootstrap(source: str) -> None:
    downloads = CACHE / "debootstrap"
    downloads.mkdir(parents=True, exist_ok=True)
    include = "systemd,systemd-sysv,dbus,ca-certificates,eatmydata,iproute2,procps"
    run(
        [
            *("debootstrap", "--variant=minbase", f"--cache-dir={downloads}", f"--include={include}"),
            *(_RELEASE, str(BASE), source.split()[1]),
        ],
        timeout=_LONG,
        log=LOGS / "image.log",
    )


def _prepare_for_apt(sources: Sequence[str]) -> None:
    downloads = CACHE / "apt"
    (downloads / "partial").mkdir(parents=True, exist_ok=True)
    write(BASE / "etc/apt/sources.list", "\n".join(sources) + "\n")
    write(BASE / "etc/apt/apt.conf.d/99lab", _APT_SETTINGS + _proxies())
    write(BASE / "etc/dpkg/dpkg.cfg.d/lab", _DPKG_SETTINGS)
    # Starts no daemon while packages are installed.
    write(BASE / "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
    (BASE / "etc/resolv.conf").unlink(missing_ok=True)
    shutil.copyfile("/etc/resolv.conf", BASE / "etc/resolv.conf")
    run(["mount", "--bind", str(downloads), str(BASE / "var/cache/apt/archives")])
    run(["mount", "-t", "proc", "proc", str(BASE / "proc")])


def _proxies() -> str:
    settings = run(["apt-config", "dump"]).stdout.splitlines()
    return "".join(f"{line}\n" for line in settings if line.startswith("Acquire::http"))


def from_base(argv: Sequence[str], namespace: Path) -> list[str]:
    """Return the command that runs a program of the image in a network namespace."""
    return ["nsenter", f"--net={namespace}", "chroot", str(BASE), *argv]


def _in_base(argv: Sequence[str]) -> None:
    settings = ["DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]
    # -i: no proxy or pip setting of the host reaches into it.
    command = ["chroot", str(BASE), "env", "-i", *settings, "eatmydata", *argv]
    run(command, timeout=_LONG, log=LOGS / "image.log")


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
        [*pip, "wheel", "--quiet", "--wheel-dir", str(wheels), salt, "jinja2", "lxml", "pyyaml"],
        timeout=_LONG,
        log=LOGS / "image.log",
    )
    return wheels


def _install_salt(wheels: Path) -> None:
    shutil.copytree(wheels, BASE / "tmp/wheels")
    salt = _CONSTRAINTS.read_text().split()[-1]
    _in_base(["python3", "-m", "venv", "/opt/salt"])
    _in_base(
        [
            *("/opt/salt/bin/pip", "install", "--quiet", "--no-index", "--find-links", "/tmp/wheels"),
            *(salt, "jinja2", "lxml", "pyyaml"),
        ]
    )
    shutil.rmtree(BASE / "tmp/wheels")


def _finish() -> None:
    """Leave nothing that starts by itself: what a node runs is enabled on that node."""
    units = BASE / "etc/systemd/system"
    for wants in units.glob("*.wants"):
        shutil.rmtree(wants)
    for unit in _MASKED:
        name = unit if "." in unit else f"{unit}.service"
        (units / name).unlink(missing_ok=True)
        (units / name).symlink_to("/dev/null")
    for empty in ("etc/machine-id", "etc/resolv.conf"):
        write(BASE / empty, "")
    for unwanted in ("usr/sbin/policy-rc.d", "etc/corosync/corosync.conf", "etc/hostname"):
        (BASE / unwanted).unlink(missing_ok=True)
    run(["chroot", str(BASE), "chpasswd"], stdin="hacluster:hacluster\n")


if __name__ == "__main__":
    build()
