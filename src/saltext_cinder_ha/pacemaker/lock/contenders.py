"""Who waits for a cluster-wide turn and who has it: the record in the CIB, and the rules.

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
    """A process by what no other one has, ever and anywhere.

    :param machine: the boot of the machine, and the namespace in which ``pid`` counts
    :param pid: its number
    :param start: when it started, in ticks since the boot: a number is given again, but not with that
    """

    machine: str
    pid: int
    start: int

    @classmethod
    def current(cls) -> Process:
        """This process."""
        return cls(_machine(), os.getpid(), _start_of(os.getpid()) or 0)

    @classmethod
    def parse(cls, text: str) -> Process | None:
        """What :meth:`__str__` made; None for anything else.

        >>> Process.parse("4b1c/4026531836 712 90811")
        Process(machine='4b1c/4026531836', pid=712, start=90811)
        """
        found = re.fullmatch(r"(\S+) (\d{1,18}) (\d{1,18})", text)
        return cls(found[1], int(found[2]), int(found[3])) if found else None

    def __str__(self) -> str:
        return f"{self.machine} {self.pid} {self.start}"

    @property
    def has_ended(self) -> bool:
        """Whether it is known to be gone; of another machine's processes nothing is known."""
        return self.machine == _machine() and _start_of(self.pid) != self.start


@dataclass(frozen=True)
class Entrant:
    """One that waits for a turn, or has it.

    :param id: its own, never used again
    :param owner: who that is, for people
    :param node: its node in the cluster; empty where that is not known
    :param beat: a number that it moves on as long as it lives
    :param holds: it has the turn
    :param yields: it lets everybody go first who waits
    """

    id: str
    owner: str
    node: str
    process: Process | None
    beat: int = 0
    holds: bool = False
    yields: bool = False

    def __str__(self) -> str:
        return f"{self.owner} on {self.node}" if self.node and self.node != self.owner else self.owner


def read_entrants(cib: Cib, turn: str) -> tuple[Entrant, ...]:
    """Who waits for a turn or has it, in the order in which they came."""
    element = cib.status.find(f"{_SECTION}/turn[@id='{_turn_id(turn)}']")
    return () if element is None else tuple(map(_read, element.iterfind("entrant")))


def write_entrants(cib: Cib, turn: str, entrants: Sequence[Entrant]) -> None:
    """Put them into a CIB; where nobody is left, nothing is left."""
    section = cib.status.find(_SECTION)
    if section is None:
        section = etree.SubElement(cib.status, _SECTION)
    old = section.find(f"turn[@id='{_turn_id(turn)}']")
    if old is not None:
        section.remove(old)
    if entrants:
        element = etree.SubElement(section, "turn", id=_turn_id(turn))
        for entrant in entrants:
            etree.SubElement(element, "entrant", _attributes(entrant))
    if len(section) == 0:
        cib.status.remove(section)


def next_in_turn(entrants: Sequence[Entrant]) -> Entrant | None:
    """Whose turn it is: who has it keeps it, then the first that yields to nobody, then the first.

    >>> def names(*found): return [Entrant(n, n, "", None, holds=h, yields=y) for n, h, y in found]
    >>> next_in_turn(names(("a", False, True), ("b", False, False))).id
    'b'
    >>> next_in_turn(names(("a", True, True), ("b", False, False))).id
    'a'
    """
    ranked = sorted(entrants, key=lambda entrant: (not entrant.holds, entrant.yields))
    return ranked[0] if ranked else None


def advance(
    entrants: Sequence[Entrant], me: Entrant, *, gone: Collection[str] = (), may_take: bool = True
) -> tuple[Entrant, ...]:
    """What one entrant makes of a turn: those who are gone leave, it joins, and takes the turn if it is its.

    :param me: itself, as it wants to be written; ``holds`` is decided here
    :param gone: the ids of those who will not come back
    :param may_take: whether it would take the turn now
    """
    alive = [entrant for entrant in entrants if entrant.id not in gone]
    held = any(entrant.id == me.id and entrant.holds for entrant in alive)
    mine = replace(me, holds=held)
    if any(entrant.id == me.id for entrant in alive):
        joined = [mine if entrant.id == me.id else entrant for entrant in alive]
    else:
        joined = [*alive, mine]
    first = next_in_turn(joined)
    if may_take and first is mine:
        joined[joined.index(mine)] = replace(mine, holds=True)
    return tuple(joined)


def lost_nodes(cib: Cib) -> frozenset[str]:
    """The nodes that are no member of the cluster now."""
    present = {
        state.get("uname")
        for state in cib.status.iterfind("node_state")
        if not _is_off(state.get("in_ccm", "")) and not _is_off(state.get("crmd", ""))
    }
    return frozenset(name for name in cib.node_names() if name not in present)


def _is_off(value: str) -> bool:
    # Since feature set 3.18.0 both are times, 0 while the node is no member.
    return value in ("", "0", "offline") or values.boolean(value) is False


def _turn_id(turn: str) -> str:
    return _PREFIX + re.sub(r"[^A-Za-z0-9_-]", lambda m: f".{ord(m.group()):x}.", turn)


def _read(element: etree._Element) -> Entrant:
    beat = element.get("beat", "")
    return Entrant(
        id=element.get("id", ""),
        owner=element.get("owner", ""),
        node=element.get("node", ""),
        process=Process.parse(element.get("process", "")),
        beat=int(beat) if beat.isdecimal() else 0,
        holds=element.get("holds") == "true",
        yields=element.get("yields") == "true",
    )


def _attributes(entrant: Entrant) -> dict[str, str]:
    return {
        "id": entrant.id,
        "owner": entrant.owner,
        "node": entrant.node,
        "process": str(entrant.process or ""),
        "beat": str(entrant.beat),
        "holds": "true" if entrant.holds else "false",
        "yields": "true" if entrant.yields else "false",
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
