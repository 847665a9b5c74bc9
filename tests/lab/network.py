"""The lab's two networks, internal and public: a bridge each, and a namespace for every machine.

The addresses are those of ``pillar.example``, so that it fits the lab. They exist in the lab's namespaces
only.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .host import NAME, run
from .image import from_base

PREFIX = f"{NAME}-"
SWITCH = f"{PREFIX}switch"
CLIENT = f"{PREFIX}client"
BMC_ADDRESS = "10.0.0.9"
VIP = "10.0.0.11"
PUBLIC_VIP = "203.0.113.11"
CONTROLLERS = ("ctl1", "ctl2", "ctl3")
INFRA = "infra"
INTERNAL_INTERFACE = "eth1"
MACHINES = (INFRA, *CONTROLLERS)

_LAST_BYTES = {INFRA: 20, "ctl1": 21, "ctl2": 22, "ctl3": 23, "client": 50}
_FAULTS = "lab_faults"
# Chains for what comes and what goes, and which address is the other machine's there.
_DIRECTIONS = {"input": "saddr", "output": "daddr"}


@dataclass(frozen=True)
class _Segment:
    """One bridge, and the interface by which each machine is on it."""

    bridge: str
    interface: str
    network: str

    def address(self, machine: str) -> str:
        return f"{self.network}.{_LAST_BYTES[machine]}"

    def port(self, machine: str) -> str:
        """The bridge's side of the machine's cable."""
        return f"{machine}-{self.interface}"


_PUBLIC = _Segment("public", "eth0", "203.0.113")
_INTERNAL = _Segment("internal", INTERNAL_INTERFACE, "10.0.0")
_SEGMENTS = (_PUBLIC, _INTERNAL)


def internal_address(machine: str) -> str:
    """Return a machine's address on the internal network."""
    return _INTERNAL.address(machine)


def hosts_file() -> str:
    """The names of all machines, as ``/etc/hosts``."""
    entries = [f"{internal_address(machine)} {machine}" for machine in MACHINES]
    return "\n".join(["127.0.0.1 localhost", *entries, f"{BMC_ADDRESS} bmc", f"{VIP} vip", ""])


def namespace_of(machine: str) -> str:
    """Return the name of a machine's network namespace."""
    return f"{PREFIX}{machine}"


def namespace_file(name: str) -> Path:
    """Return where a namespace with this name is bound."""
    return Path("/run/netns") / name


def build_switch() -> None:
    """Make the bridges, and a client that is on both and not in the cluster."""
    _ip("netns", "add", SWITCH)
    _ip("-n", SWITCH, "link", "set", "lo", "up")
    for number, segment in enumerate(_SEGMENTS):
        # Its own address, or it is that of one of the ports: it would change with the death of that node,
        # and nobody would find the BMC until the neighbours' tables age.
        mac = f"02:00:00:00:00:{number:02x}"
        _ip(
            *("-n", SWITCH, "link", "add", segment.bridge, "address", mac, "type", "bridge"),
            *("forward_delay", "0", "stp_state", "0", "mcast_snooping", "0"),
        )
        _ip("-n", SWITCH, "link", "set", segment.bridge, "up")
    _ip("-n", SWITCH, "address", "add", f"{BMC_ADDRESS}/24", "dev", _INTERNAL.bridge)
    plug_in("client")


def plug_in(machine: str) -> None:
    """Give a machine its namespace, cables and addresses."""
    namespace = namespace_of(machine)
    _ip("netns", "add", namespace)
    _ip("-n", namespace, "link", "set", "lo", "up")
    for segment in _SEGMENTS:
        _ip(
            *("-n", SWITCH, "link", "add", segment.port(machine), "type", "veth"),
            *("peer", "name", segment.interface, "netns", namespace),
        )
        _ip("-n", SWITCH, "link", "set", segment.port(machine), "master", segment.bridge, "up")
        address = f"{segment.address(machine)}/24"
        _ip("-n", namespace, "address", "add", address, "dev", segment.interface)
        _ip("-n", namespace, "link", "set", segment.interface, "up")


def unplug(machine: str) -> None:
    """Take a machine's cables and namespace away; nothing when there are none.

    With the power gone, a namespace that stays would go on answering for the machine's addresses.
    """
    for segment in _SEGMENTS:
        _ip("-n", SWITCH, "link", "delete", segment.port(machine), check=False)
    _ip("netns", "delete", namespace_of(machine), check=False)


def cut(machine: str, peers: Iterable[str]) -> None:
    """Let nothing pass between a machine and its peers, either way."""
    _add_rules(machine, [f"{c} {_with(c, peer)} drop" for peer in peers for c in _DIRECTIONS])


def deafen(machine: str, peers: Iterable[str]) -> None:
    """Let nothing arrive that the peers send to a machine; what it sends goes on arriving there."""
    _add_rules(machine, [f"input {_with('input', peer)} drop" for peer in peers])


def lose(machine: str, percent: int, peers: Iterable[str]) -> None:
    """Lose a part, by chance, of what passes between a machine and its peers, either way."""
    by_chance = f"numgen random mod 100 < {percent}"
    _add_rules(machine, [f"{c} {_with(c, peer)} {by_chance} drop" for peer in peers for c in _DIRECTIONS])


def silence(machine: str, port: int) -> None:
    """Let nothing arrive at a TCP port of a machine: whoever calls waits in vain."""
    _add_rules(machine, [f"input iif != lo tcp dport {port} drop"])


def heal(machine: str) -> None:
    """Undo every loss of packets on a machine."""
    _nft(machine, f"add table inet {_FAULTS}\ndelete table inet {_FAULTS}\n")


def _with(direction: str, peer: str) -> str:
    return f"ip {_DIRECTIONS[direction]} {_INTERNAL.address(peer)}"


def _add_rules(machine: str, rules: Iterable[str]) -> None:
    """Add rules, each with its chain in front, to those that are there."""
    lines = [f"add table inet {_FAULTS}"]
    for chain in _DIRECTIONS:
        lines.append(f"add chain inet {_FAULTS} {chain} {{ type filter hook {chain} priority 0; }}")
    lines += [f"add rule inet {_FAULTS} {rule}" for rule in rules]
    _nft(machine, "".join(f"{line}\n" for line in lines))


def namespaces() -> list[str]:
    """Return the names of the lab's namespaces that exist."""
    listed = json.loads(_ip("-json", "netns", "list").stdout or "[]")
    return [entry["name"] for entry in listed if entry["name"].startswith(PREFIX)]


def remove_all() -> None:
    """Remove every namespace of the lab, and with them the cables and bridges."""
    for name in namespaces():
        _ip("netns", "delete", name)


def _ip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run(["ip", *arguments], check=check)


def _nft(machine: str, script: str) -> None:
    # The image's nft, as the host may have none.
    run(from_base(["nft", "-f", "-"], namespace_file(namespace_of(machine))), stdin=script)
