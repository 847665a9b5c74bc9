"""The contenders for a cluster-wide lock: their record in the CIB, and the rules.

What is stored has older names: a ``turn`` is a lock, an ``entrant`` a contender, a ``beat`` its heartbeat.

The record is in the status, in an element of its own. There no epoch moves, so that nobody plans again
because of it; it is never written to disk, so that it ends with the cluster; and the controller, which would
run the scheduler for a change of the configuration or of a ticket, takes no notice of it.
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
    """A process, identified across machines and time.

    :param machine: the boot of the machine, and the namespace in which ``pid`` counts
    :param pid: its number
    :param start: when it started, in ticks since the boot: a number is given again, but not with that
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
        """Read what :meth:`__str__` made; return None for anything else.

        >>> Process.parse("4b1c/4026531836 712 90811")
        Process(machine='4b1c/4026531836', pid=712, start=90811)
        """
        found = re.fullmatch(r"(\S+) (\d{1,18}) (\d{1,18})", text)
        return cls(found[1], int(found[2]), int(found[3])) if found else None

    def __str__(self) -> str:
        return f"{self.machine} {self.pid} {self.start}"

    @property
    def has_ended(self) -> bool:
        """Say whether it is known to be gone; of another machine's processes nothing is known."""
        return self.machine == _machine() and _start_of(self.pid) != self.start


@dataclass(frozen=True)
class Contender:
    """A process that waits for a lock, or holds it.

    :param id: its own, never used again
    :param owner: who that is, for people
    :param node: its node in the cluster; empty where that is not known
    :param heartbeat: a number that it increments as long as it lives
    :param holds: it holds the lock
    :param yields: it lets everybody go first who waits
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
    """Return who waits for a lock or holds it, in the order in which they came."""
    element = cib.status.find(f"{_SECTION}/turn[@id='{_lock_id(lock)}']")
    return () if element is None else tuple(map(_read, element.iterfind("entrant")))


def write_contenders(cib: Cib, lock: str, contenders: Sequence[Contender]) -> None:
    """Put contenders into a CIB; where nobody is left, nothing is left."""
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
    """Return whose lock it is: the holder's, else the first's that yields to nobody, else the first's.

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
    """Return the queue after one contender's step: evict the gone, join, take the lock if it is due.

    :param me: the contender, as it wants to be written; ``holds`` is decided here
    :param gone: the ids of those who will not come back
    :param may_take: whether it would take the lock now
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
    """Return the nodes that are no member of the cluster now."""
    present = {
        state.get("uname")
        for state in cib.status.iterfind("node_state")
        if not _is_off(state.get("in_ccm", "")) and not _is_off(state.get("crmd", ""))
    }
    return frozenset(name for name in cib.node_names() if name not in present)


def _is_off(value: str) -> bool:
    # Since feature set 3.18.0 both are times, 0 while the node is no member.
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
    # A container has the boot of its host, but process numbers of its own.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"


def _start_of(pid: int) -> int | None:
    """When a process started; None where it does not run. See proc(5), ``/proc/pid/stat``."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name, in which anything may stand.
    state, *fields = stat[stat.rindex(")") + 1 :].split()
    return None if state in ("Z", "X") else int(fields[18])
