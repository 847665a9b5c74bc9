"""The operation history: what runs where and since when, and what changed between two CIBs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from ..actions import Action, base_name
from .document import Cib

# These operations show the state of a resource; notifications and cancellations do not.
_STATE_OPERATIONS = ("start", "stop", "promote", "demote", "monitor", "migrate_to", "migrate_from")
_RUNNING = ("0", "8")  # OCF return codes of a monitor: running, running promoted


@dataclass(frozen=True)
class Start:
    """The start of an instance of a resource.

    :param time: seconds since 1970
    :param id: unique among the starts of the resource on the node
    """

    time: int
    id: str


@dataclass(frozen=True)
class _Instance:
    """A resource that runs on a node, since one start."""

    promoted: bool
    start: Start | None


def actions_between(before: Cib, after: Cib) -> tuple[Action, ...]:
    """Return the starts, stops, moves, restarts, promotions and demotions, sorted by resource.

    >>> empty = Cib.parse(b'<cib><configuration/><status/></cib>', "example")
    >>> actions_between(empty, empty)
    ()
    """
    old, new = _instances(before), _instances(after)
    return tuple(
        action
        for resource in sorted({*old, *new})
        for action in _of_resource(resource, old.get(resource, {}), new.get(resource, {}))
    )


def _of_resource(name: str, old: dict[str, _Instance], new: dict[str, _Instance]) -> Iterator[Action]:
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    if len(old) == len(new) == 1 and gone:
        yield Action("move", name, gone[0], come[0])
    else:
        yield from (Action("stop", name, node) for node in gone)
        yield from (Action("start", name, node) for node in come)
    for node in sorted(set(old) & set(new)):
        # Without a start in the history, a probe found it running, for example after a cleanup.
        if new[node].start and old[node].start != new[node].start:
            yield Action("restart", name, node)
        elif old[node].promoted != new[node].promoted:
            yield Action("promote" if new[node].promoted else "demote", name, node)


def active_nodes(cib: Cib) -> dict[str, frozenset[str]]:
    """Return the nodes on which each primitive runs; omit those that run nowhere."""
    return {name: frozenset(nodes) for name, nodes in _instances(cib).items()}


def last_start(cib: Cib, resource: str, node: str) -> Start | None:
    """Return the start of the instance of a resource on a node.

    None if the history does not contain it, for example after a cleanup.
    """
    entries = [
        entry
        for name, where, history in _histories(cib)
        if (name, where) == (resource, node)
        for entry in history
    ]
    return _last_start(entries)


def _instances(cib: Cib) -> dict[str, dict[str, _Instance]]:
    """Return the instances by resource and node."""
    found: dict[str, dict[str, _Instance]] = {}
    for name, node, history in _histories(cib):
        if is_active(history):
            found.setdefault(name, {})[node] = _Instance(is_promoted(history), _last_start(history))
    return found


def _histories(cib: Cib) -> Iterator[tuple[str, str, etree._Element]]:
    """Yield each resource's history on each node: its name, the node, the ``lrm_resource``."""
    for state in cib.status.iterfind("node_state"):
        for history in state.iterfind("lrm/lrm_resources/lrm_resource"):
            yield base_name(history.get("id", "")), state.get("uname", ""), history


def _last_start(entries: Iterable[etree._Element]) -> Start | None:
    starts = [entry for entry in entries if entry.get("operation") == "start"]
    last = max(starts, key=call_number, default=None)
    if last is None:
        return None
    # A node's executor counts its calls from 1 when it starts, so the number alone does not identify a start.
    return Start(int(last.get("last-rc-change", "0")), f"{last.get('call-id')}/{last.get('transition-key')}")


def is_active(history: etree._Element) -> bool:
    """Return whether the resource runs on that node."""
    entries = [e for e in history if e.get("operation") in _STATE_OPERATIONS and not is_recurring(e)]
    if not entries:
        return False
    last = max(entries, key=call_number)
    if last.get("operation") == "monitor":
        return last.get("rc-code") in _RUNNING
    return last.get("operation") not in ("stop", "migrate_to")


def is_promoted(history: etree._Element) -> bool:
    """Return whether the resource is promoted on that node."""
    entries = [e for e in history if e.get("operation") in ("promote", "demote", "start", "stop")]
    return bool(entries) and max(entries, key=call_number).get("operation") == "promote"


def is_recurring(entry: etree._Element) -> bool:
    """Return whether an operation is recurring."""
    return entry.get("interval", "0") != "0"


def call_number(entry: etree._Element) -> int:
    """Return the position of an operation among the calls to the node's executor."""
    return int(entry.get("call-id", "0"))
