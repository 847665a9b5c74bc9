"""The contenders for a cluster-wide lock: their record in the CIB, and the rules.

The stored names are older: a ``turn`` is a lock, an ``entrant`` a contender, a ``beat`` its heartbeat.

The record is an element of its own in the status section. A change there does not increment the epoch, so no
other writer has to plan again. Pacemaker never writes the status to disk, so the record ends with the
cluster. The controller ignores the element; a change of the configuration or of a ticket would start the
scheduler.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lxml import etree

from .. import values
from ..cib.document import Cib

_SECTION = "saltext-turns"
_PREFIX = "saltext-turn-"


@dataclass(frozen=True)
class Process:
    """A process, identified uniquely across machines and reboots.

    :param machine: the boot id of the machine, and the PID namespace
    :param pid: the process id
    :param start: the start time in clock ticks since boot, because process ids are reused
    """

    machine: str
    pid: int
    start: int

    @classmethod
    def current(cls) -> Process:
        """Return this process."""
        return cls(_machine(), os.getpid(), _start_of(os.getpid()) or 0)

    @classmethod
    def parse(cls, text: str) -> Process | None:
        """Parse the text that :meth:`__str__` returns; return None for any other text.

        >>> Process.parse("4b1c/4026531836 712 90811")
        Process(machine='4b1c/4026531836', pid=712, start=90811)
        """
        found = re.fullmatch(r"(\S+) (\d{1,18}) (\d{1,18})", text)
        return cls(found[1], int(found[2]), int(found[3])) if found else None

    def __str__(self) -> str:
        return f"{self.machine} {self.pid} {self.start}"

    @property
    def has_ended(self) -> bool:
        """Return whether the process is known to have ended, which can only be told on its own machine."""
        return self.machine == _machine() and _start_of(self.pid) != self.start


@dataclass(frozen=True)
class Contender:
    """A process that waits for a lock, or holds it.

    :param id: a unique id
    :param owner: a readable name
    :param node: its node in the cluster; empty if unknown
    :param heartbeat: a counter that it increments while it is alive
    :param holds: whether it holds the lock
    :param yields: whether it lets all other contenders go first
    """

    id: str
    owner: str
    node: str
    process: Process | None
    heartbeat: int = 0
    holds: bool = False
    yields: bool = False

    def __str__(self) -> str:
        return f"{self.owner} on {self.node}" if self.node and self.node != self.owner else self.owner


def read_contenders(cib: Cib, lock: str) -> tuple[Contender, ...]:
    """Return the contenders for a lock, including its holder, in order of arrival."""
    element = cib.status.find(f"{_SECTION}/turn[@id='{_lock_id(lock)}']")
    return () if element is None else tuple(map(_read, element.iterfind("entrant")))


def write_contenders(cib: Cib, lock: str, contenders: Sequence[Contender]) -> None:
    """Write contenders to a CIB; remove the record if there are none."""
    section = cib.status.find(_SECTION)
    if section is None:
        section = etree.SubElement(cib.status, _SECTION)
    old = section.find(f"turn[@id='{_lock_id(lock)}']")
    if old is not None:
        section.remove(old)
    if contenders:
        element = etree.SubElement(section, "turn", id=_lock_id(lock))
        for contender in contenders:
            etree.SubElement(element, "entrant", _attributes(contender))
    if len(section) == 0:
        cib.status.remove(section)


def next_holder(contenders: Sequence[Contender]) -> Contender | None:
    """Return the holder of the lock, else the first contender that does not yield, else the first one.

    >>> def names(*found): return [Contender(n, n, "", None, holds=h, yields=y) for n, h, y in found]
    >>> next_holder(names(("a", False, True), ("b", False, False))).id
    'b'
    >>> next_holder(names(("a", True, True), ("b", False, False))).id
    'a'
    """
    ranked = sorted(contenders, key=lambda contender: (not contender.holds, contender.yields))
    return ranked[0] if ranked else None


def advance(
    contenders: Sequence[Contender], me: Contender, *, gone: Collection[str] = (), may_take: bool = True
) -> tuple[Contender, ...]:
    """Return the queue after one contender's step: evict dead ones, join, take the lock if it is next.

    :param me: the contender to write; this function decides ``holds``
    :param gone: the ids of the contenders to evict
    :param may_take: whether it may take the lock now
    """
    alive = [contender for contender in contenders if contender.id not in gone]
    held = any(contender.id == me.id and contender.holds for contender in alive)
    mine = replace(me, holds=held)
    if any(contender.id == me.id for contender in alive):
        joined = [mine if contender.id == me.id else contender for contender in alive]
    else:
        joined = [*alive, mine]
    first = next_holder(joined)
    if may_take and first is mine:
        joined[joined.index(mine)] = replace(mine, holds=True)
    return tuple(joined)


def lost_nodes(cib: Cib) -> frozenset[str]:
    """Return the nodes that are not members of the cluster now."""
    present = {
        state.get("uname")
        for state in cib.status.iterfind("node_state")
        if not _is_off(state.get("in_ccm", "")) and not _is_off(state.get("crmd", ""))
    }
    return frozenset(name for name in cib.node_names() if name not in present)


def _is_off(value: str) -> bool:
    # Since feature set 3.18.0 both are times, 0 while the node is not a member.
    return value in ("", "0", "offline") or values.boolean(value) is False


def _lock_id(lock: str) -> str:
    return _PREFIX + re.sub(r"[^A-Za-z0-9_-]", lambda m: f".{ord(m.group()):x}.", lock)


def _read(element: etree._Element) -> Contender:
    heartbeat = element.get("beat", "")
    return Contender(
        id=element.get("id", ""),
        owner=element.get("owner", ""),
        node=element.get("node", ""),
        process=Process.parse(element.get("process", "")),
        heartbeat=int(heartbeat) if heartbeat.isdecimal() else 0,
        holds=element.get("holds") == "true",
        yields=element.get("yields") == "true",
    )


def _attributes(contender: Contender) -> dict[str, str]:
    return {
        "id": contender.id,
        "owner": contender.owner,
        "node": contender.node,
        "process": str(contender.process or ""),
        "beat": str(contender.heartbeat),
        "holds": "true" if contender.holds else "false",
        "yields": "true" if contender.yields else "false",
    }


def _machine() -> str:
    # A container has the boot id of its host, but its own process ids.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"


def _start_of(pid: int) -> int | None:
    """Return the start time of a process, None if it is not running. See proc(5), ``/proc/pid/stat``."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name, which may contain any character.
    state, *fields = stat[stat.rindex(")") + 1 :].split()
    return None if state in ("Z", "X") else int(fields[18])
