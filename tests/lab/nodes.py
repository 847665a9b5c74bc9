"""Machines: power, processes, programs.

A machine is ``systemd-nspawn`` with systemd in it. Its processes are in one control group, which says
whether it is on, ends all of them at once (power loss) and stops all of them (a frozen machine). All mounts
are in a mount namespace of its own and go with its last process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import network
from .host import LOGS, NAME, RUNTIME, LabError, run, wait_until, write
from .image import BASE, SALT_BIN

_MACHINES = RUNTIME / "machines"
SHARE = RUNTIME / "share"
"""Every machine's ``/srv/share``: the storage that all of them reach."""

_GONE_SECONDS = 30.0
_BOOT_SECONDS = 120.0
_SHUTDOWN_SECONDS = 120.0
_BOOTED = ("running", "degraded")
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_DELAY = "lab-delay"
_DELAY_TABLE = "100"
# By number, as the image has no names of protocols.
_TCP = "6"
_DELAY_SCRIPT = Path(__file__).parent / "scripts/delay.py"
_FULL = "lab-full"


class Node:
    """One machine of the lab, on or off.

    Its file system is the base image, over it the layers that :meth:`stack` was told, then its own, and over
    these what it has written since: the ``state``. Without its state it boots as new.

    :param name: its host name, one of :data:`~.network.MACHINES`
    """

    def __init__(self, name: str):
        self.name = name
        self._folder = _MACHINES / name

    @property
    def provision(self) -> Path:
        """The layer with what makes this machine different from the others."""
        return self._folder / "provision"

    @property
    def state(self) -> Path:
        return self._folder / "state"

    @property
    def is_on(self) -> bool:
        return bool(_members(self._group))

    @property
    def init(self) -> int | None:
        """The host's number of the machine's first process; None while it is off."""
        for group in (self._group / "payload/init.scope", self._group / "payload"):
            for process in _members(group):
                if _innermost_number(process) == 1:
                    return process
        return None

    def enable(self, units: Iterable[str]) -> None:
        """Say what starts with the machine, which is off and new."""
        wants = self.provision / "etc/systemd/system/multi-user.target.wants"
        if wants.exists():
            shutil.rmtree(wants)
        wants.mkdir(parents=True)
        for unit in units:
            (wants / f"{unit}.service").symlink_to(self._unit_file(f"{unit}.service"))

    def _unit_file(self, unit: str) -> str:
        """Where the machine has a unit."""
        own = Path("etc/systemd/system") / unit
        return f"/{own}" if (common_layer() / own).exists() else f"/lib/systemd/system/{unit}"

    def stack(self, layers: Iterable[Path]) -> None:
        """Say what the machine, which is off, boots over between its layer and the base, topmost first."""
        write(self._folder / "layers", "".join(f"{layer}\n" for layer in layers))

    def power_on(self) -> None:
        """Start the machine; nothing when it is on. Returns before it has booted."""
        with self._locked():
            if not self.is_on:
                self._boot()

    def _boot(self) -> None:
        network.unplug(self.name)
        network.plug_in(self.name)
        self._group.mkdir(parents=True, exist_ok=True)
        for folder in ("state", "work", "root"):
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
        SHARE.mkdir(parents=True, exist_ok=True)
        LOGS.mkdir(parents=True, exist_ok=True)
        # A child of nobody: whoever powers a machine on may go before it does.
        detached = ["setsid", "--fork", "unshare", "--mount", "--propagation", "slave"]
        console = LOGS / f"{self.name}.console"
        run([*detached, "sh", "-euc", _BOOT, "sh", *self._boot_arguments()], log=console)
        wait_until(lambda: self.init, f"{self.name} has a first process", within=_GONE_SECONDS)

    def wait_booted(self) -> None:
        """Wait until systemd has started what is enabled."""

        def booted() -> bool:
            answer = self.run("systemctl", "is-system-running", check=False)
            return answer.stdout.strip() in _BOOTED

        wait_until(booted, f"{self.name} has booted", within=_BOOT_SECONDS)

    def power_off(self) -> None:
        """Pull the plug: all processes end, unasked, at the same moment; the cables are dead before."""
        with self._locked():
            network.unplug(self.name)
            if self._group.exists():
                (self._group / "cgroup.kill").write_text("1")
                wait_until(lambda: not self.is_on, f"{self.name} is off", within=_GONE_SECONDS)
            _remove_group(self._group)

    def shut_down(self) -> None:
        """Ask the machine to end what it runs, and wait until it is off."""
        self.run("systemctl", "poweroff")
        wait_until(lambda: not self.is_on, f"{self.name} is off", within=_SHUTDOWN_SECONDS)
        self.power_off()

    def forget(self) -> None:
        """Remove what the machine has written; it is off, and boots as new."""
        for folder in (self.state, self._folder / "work"):
            if folder.exists():
                shutil.rmtree(folder)

    def has_process(self, program: str) -> bool:
        """Whether a process has this path among its arguments; also while the machine is frozen."""
        wanted = program.encode()
        return any(wanted in _arguments(process) for process in _members(self._group))

    def freeze(self) -> None:
        """Stop every process; the network stays."""
        (self._group / "cgroup.freeze").write_text("1")

    def thaw(self) -> None:
        """Let every process go on."""
        (self._group / "cgroup.freeze").write_text("0")

    def suspend(self, process: str) -> None:
        """Stop the processes of one program; the others go on."""
        self.run("pkill", "--signal=STOP", "--exact", process)

    def resume(self, process: str) -> None:
        """Let the processes of a program go on."""
        self.run("pkill", "--signal=CONT", "--exact", process)

    def cut(self, *peers: str) -> None:
        """Let nothing pass between this machine and its peers: see :func:`~.network.cut`."""
        network.cut(self.name, peers)

    def deafen(self, *peers: str) -> None:
        """Let nothing arrive that the peers send: see :func:`~.network.deafen`."""
        network.deafen(self.name, peers)

    def lose(self, percent: int, *peers: str) -> None:
        """Lose packets to and from the peers: see :func:`~.network.lose`."""
        network.lose(self.name, percent, peers)

    def silence(self, port: int) -> None:
        """Make a service of this machine answer nobody: see :func:`~.network.silence`."""
        network.silence(self.name, port)

    def delay(self, milliseconds: int, *peers: str, port: int | None = None) -> None:
        """Hold back what this machine sends to its peers.

        :param port: only what goes to this TCP port
        """
        only = [] if port is None else ["ipproto", _TCP, "dport", str(port)]
        selectors = [["to", network.internal_address(peer), *only] for peer in peers]
        own = network.internal_address(self.name)
        self.run("ip", "tuntap", "add", "mode", "tun", _DELAY)
        # Without an IPv6 address of its own, it has nothing to say itself.
        self.run("ip", "link", "set", _DELAY, "addrgenmode", "none", "up")
        self.run("ip", "route", "add", "default", "dev", _DELAY, "src", own, "table", _DELAY_TABLE)
        self.run("tee", f"/run/{_DELAY}.py", stdin=_DELAY_SCRIPT.read_text())
        self.run(
            *("systemd-run", "--quiet", f"--unit={_DELAY}", "python3", f"/run/{_DELAY}.py"),
            *(_DELAY, network.INTERNAL_INTERFACE, str(milliseconds)),
        )
        attached = ("ip", "link", "show", "dev", _DELAY)
        wait_until(lambda: "LOWER_UP" in self.run(*attached).stdout, f"{_DELAY} is read", within=20)
        for selector in selectors:
            self.run("ip", "rule", "add", *selector, "priority", _DELAY_TABLE, "table", _DELAY_TABLE)

    def fill(self, folder: str) -> None:
        """Let a folder be full: what is in it can be read, nothing can be added."""
        self.run("sh", "-euc", _FILL, "sh", folder, _FULL)

    def heal(self) -> None:
        """Undo every cut, loss and delay, and make room in what is full; nothing when the machine is off."""
        if self.is_on:
            network.heal(self.name)
            self.run("sh", "-uc", _UNDO, "sh", _DELAY, _DELAY_TABLE, _FULL)

    def command(self, *argv: str) -> list[str]:
        """Return the command that runs a program on the machine.

        :raises LabError: the machine is off
        """
        init = self.init
        if init is None:
            raise LabError(f"{self.name} is off")
        environment = [f"PATH={_PATH}", "HOME=/root", "LANG=C.UTF-8", "TERM=xterm"]
        return ["nsenter", "--target", str(init), "--all", "env", "-i", *environment, *argv]

    def run(
        self, *argv: str, stdin: str | None = None, check: bool = True, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the machine; see :func:`~.host.run`."""
        # The program is a grandchild, beyond the reach of the host's own timeout.
        limited = self.command("timeout", "--signal=KILL", f"{timeout:g}", *argv)
        return run(limited, stdin=stdin, check=check, timeout=timeout + _GONE_SECONDS)

    def run_script(self, script: Path, *arguments: str, timeout: float = 120) -> str:
        """Run a Python script with Salt's Python, which has this package, and return what it printed."""
        python = f"{SALT_BIN}/python"
        return self.run(python, "-", *arguments, stdin=script.read_text(), timeout=timeout).stdout

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time: a test and the BMC may both be at the switch."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _group(self) -> Path:
        return control_group(self.name)

    def _boot_arguments(self) -> list[str]:
        between = (self._folder / "layers").read_text().split()
        lower = ":".join(map(str, [self.provision, *between, BASE]))
        overlay = f"lowerdir={lower},upperdir={self.state},workdir={self._folder / 'work'}"
        namespace = network.namespace_file(network.namespace_of(self.name))
        return [self.name, str(self._folder / "root"), overlay, str(namespace), str(SHARE)]


# The host's hierarchy may be a mix of both versions, and machines want version 2 alone. The shell joins the
# machine's group before it becomes systemd-nspawn. Kernel settings of the machine's own network can be set.
_BOOT = f"""
umount --recursive --lazy /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
echo $$ >/sys/fs/cgroup/{NAME}/$1/cgroup.procs
mount -t overlay overlay -o "$3" "$2"
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
exec systemd-nspawn --quiet --boot --register=no --keep-unit --directory="$2" --machine="$1" \\
    --network-namespace-path="$4" --capability=all --resolv-conf=off --timezone=off --link-journal=no \\
    --console=read-only --bind="$5:/srv/share" --kill-signal=SIGRTMIN+3
"""


# A copy without room, in the place of the folder. Both ends are bounded: it is the host's memory.
_FILL = """
copy=$(mktemp --directory /run/$2.XXXXXX)
used=$(du --summarize --block-size=1024 "$1" | cut -f1)
mount -t tmpfs -o size=$((used + 64))k "$2" "$copy"
cp --archive "$1/." "$copy"
head --bytes=1M /dev/zero >"$copy/.$2" 2>/dev/null || true
mount --bind "$copy" "$1"
umount "$copy"
rmdir "$copy"
"""
_UNDO = """
systemctl stop "$1" 2>/dev/null
while ip rule delete priority "$2" 2>/dev/null; do :; done
ip tuntap delete mode tun "$1"
while read -r source folder rest; do
    if [ "$source" = "$3" ]; then umount --lazy "$folder"; fi
done </proc/self/mounts
"""


def common_layer() -> Path:
    """Return the layer that all machines share at every depth."""
    return _MACHINES / "common"


def layer(name: str) -> Path:
    """Return a layer that machines have at some depths only."""
    return _MACHINES / f"layer-{name}"


def control_group(name: str) -> Path:
    """Return the group of one of the lab's machines."""
    return _hierarchy() / NAME / name


def _hierarchy() -> Path:
    """Where the host has its control groups of version 2."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise LabError("this machine has no control groups of version 2 (mount -t cgroup2)")


def end_all() -> None:
    """End every process of every machine, and remove the groups, whatever is left of them."""
    top = _hierarchy() / NAME
    if not top.exists():
        return
    (top / "cgroup.kill").write_text("1")
    wait_until(lambda: not _members(top), "all machines are off", within=_GONE_SECONDS)
    _remove_group(top)


def _members(group: Path) -> list[int]:
    """The processes in a group and in those below it."""
    found = []
    for folder, _, _ in os.walk(group):
        with contextlib.suppress(FileNotFoundError, OSError):
            found += map(int, (Path(folder) / "cgroup.procs").read_text().split())
    return found


def _arguments(process: int) -> list[bytes]:
    """The program of a process and its arguments; nothing when it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    return []


def _innermost_number(process: int) -> int | None:
    """The number that a process has in its own namespace."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return None


def _remove_group(group: Path) -> None:
    wait_until(lambda: _removed(group), f"{group} is empty and gone", within=_GONE_SECONDS)


def _removed(group: Path) -> bool:
    """Try to remove a group; processes that are not done with dying keep theirs busy."""
    for folder, _, _ in os.walk(group, topdown=False):
        try:
            Path(folder).rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True
