"""The whole lab: up, down, as new, at the depth that is asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import IntEnum
from pathlib import Path

from . import applying, bmc, cluster, image, network, nodes, openstack, salt_site, services
from .host import LOGS, RUNTIME, LabError, write
from .nodes import Node
from .salt_site import SaltSite

_INOTIFY = Path("/proc/sys/fs/inotify/max_user_instances")
_INOTIFY_BEFORE = RUNTIME / "max_user_instances"
# Too few by default for four systemds.
_INOTIFY_NEEDED = 1024
_STAND_INS = nodes.layer("stand-ins")
_CINDER = nodes.layer("cinder")


class Depth(IntEnum):
    """How much of the site is there."""

    CLUSTER = 1
    """Corosync, Pacemaker, fencing; no resource but the fencing devices."""

    SALT = 2
    """And Salt: a master, a minion on each controller, this package. Cinder's units are stand-ins."""

    CINDER = 3
    """And a cloud: database, message queue, Keystone, shared storage; Cinder's own packages."""

    RUNNING = 4
    """And the formula is applied."""


class Lab:
    """The one lab of this machine."""

    def __init__(self) -> None:
        self.infra = Node(network.INFRA)
        self.controllers = tuple(Node(name) for name in network.CONTROLLERS)
        self.salt = SaltSite(self.infra, self.controllers)

    @property
    def machines(self) -> tuple[Node, ...]:
        return (self.infra, *self.controllers)

    @property
    def exists(self) -> bool:
        """Whether there is a lab, or what a crash left of one."""
        return nodes.common_layer().exists() or bool(network.namespaces())

    def node(self, name: str) -> Node:
        """Return a machine by name."""
        for machine in self.machines:
            if machine.name == name:
                return machine
        names = ", ".join(machine.name for machine in self.machines)
        raise LabError(f"there is no node {name!r}; the nodes are {names}")

    def make(self) -> None:
        """Make the lab, its machines off and new.

        :raises LabError: there is one already, or this machine cannot have one
        """
        _require_root()
        if self.exists:
            raise LabError("there is a lab already, or what is left of one: `make lab-down` removes it")
        os.umask(0o022)
        LOGS.mkdir(parents=True, exist_ok=True)
        image.ensure_base()
        self._raise_inotify()
        self.provision()
        network.build_switch()
        bmc.start()

    def make_images(self) -> None:
        """Make what machines of any depth boot from; nothing where it is there already."""
        _require_root()
        os.umask(0o022)
        image.ensure_base()
        image.ensure_openstack()

    def provision(self) -> None:
        """Write everything that machines begin with, while they are off."""
        common = nodes.common_layer()
        write(common / "etc/hosts", network.hosts_file())
        services.provision_stand_ins(_STAND_INS)
        openstack.provision_storage(_CINDER)
        openstack.provision_infra(self.infra)
        salt_site.provision_units(common)
        salt_site.provision_package(common)
        for machine in self.machines:
            write(machine.provision / "etc/hostname", f"{machine.name}\n")
            # Its presence makes the journal outlive the power.
            (machine.provision / "var/log/journal").mkdir(parents=True, exist_ok=True)
        cluster.provision(self.controllers)
        salt_site.provision_master(self.infra)
        for machine in self.controllers:
            salt_site.provision_minion(machine)

    def reset(self, depth: Depth) -> None:
        """Pull all plugs, drop all that machines have written, boot, and wait until the site works.

        :raises DeadlineError: it does not
        """
        _each(Node.power_off, self.machines)
        _each(Node.forget, self.machines)
        self._enable(depth)
        openstack.empty_storage()
        if depth >= Depth.CINDER:
            self._stack_cinder()
        else:
            self._stack([_STAND_INS, nodes.common_layer()])
        self._boot(depth)

    def down(self) -> None:
        """Remove the lab, or what a crash left of one; the image and the packages stay."""
        nodes.end_all()
        network.remove_all()
        if _INOTIFY_BEFORE.exists():
            _INOTIFY.write_text(_INOTIFY_BEFORE.read_text())
        if RUNTIME.exists():
            shutil.rmtree(RUNTIME)

    def _stack_cinder(self) -> None:
        """Have all machines boot over OpenStack, and ``infra`` with all of the cloud made."""
        image.ensure_openstack()
        layers = [_CINDER, nodes.common_layer(), image.OPENSTACK]
        self._stack(layers)
        saved = openstack.saved_layer()
        if not saved.exists():
            self.infra.power_on()
            self.infra.wait_booted()
            openstack.prepare(self.infra)
            self.infra.shut_down()
            openstack.save(self.infra)
            self.infra.forget()
        self.infra.stack([saved, *layers])

    def _stack(self, layers: list[Path]) -> None:
        for machine in self.machines:
            machine.stack(layers)

    def _enable(self, depth: Depth) -> None:
        self.infra.enable([salt_site.MASTER_UNIT])
        minion = [salt_site.MINION_UNIT] if depth >= Depth.SALT else []
        for machine in self.controllers:
            machine.enable([*cluster.UNITS, *minion])

    def _boot(self, depth: Depth) -> None:
        wanted = self.machines if depth >= Depth.SALT else self.controllers
        _each(Node.power_on, wanted)
        _each(Node.wait_booted, wanted)
        first = cluster.View(self.controllers[0])
        first.wait_online()
        first.wait_idle()
        if depth >= Depth.SALT:
            self.salt.wait_ready()
        if depth >= Depth.CINDER:
            openstack.wait_ready()
        if depth >= Depth.RUNNING:
            applying.apply_all(self.salt)

    def _raise_inotify(self) -> None:
        before = _INOTIFY.read_text()
        if int(before) < _INOTIFY_NEEDED:
            write(_INOTIFY_BEFORE, before)
            _INOTIFY.write_text(str(_INOTIFY_NEEDED))


def _require_root() -> None:
    if os.geteuid() != 0:
        raise LabError("the lab makes namespaces and mounts, which takes root: try again with sudo")


def _each(act: Callable[[Node], None], machines: Iterable[Node]) -> None:
    """Do the same to several machines at once."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(act, machines))
