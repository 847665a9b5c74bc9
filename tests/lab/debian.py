"""Debian in a folder: its packages, and nothing that starts by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from .host import CACHE, LOGS, LabError, run, write

RELEASE = "bookworm"
LONG = 1800.0
"""Seconds that a step of making an image may take."""

_ENVIRONMENT = ("DEBIAN_FRONTEND=noninteractive", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8")
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
SETTINGS = (RELEASE, _APT_SETTINGS, _DPKG_SETTINGS)
"""What an image is made of apart from its packages."""


class System:
    """A Debian below ``root``, worked on in a mount namespace of its own.

    :param log: the file in the lab's logs that all output is added to
    """

    def __init__(self, root: Path, log: str):
        self.root = root
        self._log = LOGS / log

    def bootstrap(self) -> None:
        """Make the smallest system that boots."""
        downloads = CACHE / "debootstrap"
        downloads.mkdir(parents=True, exist_ok=True)
        include = "systemd,systemd-sysv,dbus,ca-certificates,eatmydata,iproute2,procps"
        source = _package_sources()[0].split()[1]
        run(
            [
                *("debootstrap", "--variant=minbase", f"--cache-dir={downloads}", f"--include={include}"),
                *(RELEASE, str(self.root), source),
            ],
            timeout=LONG,
            log=self._log,
        )

    def install(self, packages: Iterable[str]) -> None:
        """Install packages without the recommended ones, and start nothing."""
        self._prepare_for_apt()
        self.run(["apt-get", "update"])
        self.run(["apt-get", "install", "--yes", *packages])

    def run(self, argv: Sequence[str]) -> None:
        """Run one of its programs."""
        # -i: no proxy or pip setting of the host reaches into it.
        command = ["chroot", str(self.root), "env", "-i", *_ENVIRONMENT, "eatmydata", *argv]
        run(command, timeout=LONG, log=self._log)

    def finish(self, *, mask: Iterable[str] = ()) -> None:
        """Leave nothing that starts by itself: what a node runs is enabled on that node."""
        units = self.root / "etc/systemd/system"
        for wants in units.glob("*.wants"):
            shutil.rmtree(wants)
        for unit in mask:
            name = unit if "." in unit else f"{unit}.service"
            (units / name).unlink(missing_ok=True)
            (units / name).symlink_to("/dev/null")
        for empty in ("etc/machine-id", "etc/resolv.conf"):
            write(self.root / empty, "")
        for unwanted in ("usr/sbin/policy-rc.d", "etc/hostname"):
            (self.root / unwanted).unlink(missing_ok=True)

    def _prepare_for_apt(self) -> None:
        downloads = CACHE / "apt"
        (downloads / "partial").mkdir(parents=True, exist_ok=True)
        write(self.root / "etc/apt/sources.list", "\n".join(_package_sources()) + "\n")
        write(self.root / "etc/apt/apt.conf.d/99lab", _APT_SETTINGS + _proxies())
        write(self.root / "etc/dpkg/dpkg.cfg.d/lab", _DPKG_SETTINGS)
        # Starts no daemon while packages are installed.
        write(self.root / "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        (self.root / "etc/resolv.conf").unlink(missing_ok=True)
        shutil.copyfile("/etc/resolv.conf", self.root / "etc/resolv.conf")
        run(["mount", "--bind", str(downloads), str(self.root / "var/cache/apt/archives")])
        run(["mount", "-t", "proc", "proc", str(self.root / "proc")])


def _package_sources() -> list[str]:
    """The host's own sources of this Debian release, as lines of sources.list."""
    listed = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    )
    lines = [f"deb {line}" for line in dict.fromkeys(listed.stdout.splitlines())]
    wanted = [line for line in lines if line.split()[2].startswith(RELEASE) and line.endswith(" main")]
    wanted.sort(key=lambda line: len(line.split()[2]))
    if not wanted or wanted[0].split()[2] != RELEASE:
        raise LabError(f"apt on this machine has no source for Debian {RELEASE}, which the lab's nodes run")
    return wanted


def _proxies() -> str:
    settings = run(["apt-config", "dump"]).stdout.splitlines()
    return "".join(f"{line}\n" for line in settings if line.startswith("Acquire::http"))
