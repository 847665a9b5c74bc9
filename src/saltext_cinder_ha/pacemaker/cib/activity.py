"""What the cluster did between two moments, by its own record: the histories of operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ..actions import Action, base_name
from .document import Cib
from .history import call_number, is_active, is_promoted


@dataclass(frozen=True)
class _Instance:
    """A resource that runs on a node; another start makes another one of it."""

    promoted: bool
    start: tuple[str, str] | None


def happened(before: Cib, after: Cib) -> tuple[Action, ...]:
    """What was started, stopped, moved, restarted, promoted and demoted, by resource.

    >>> empty = Cib.parse(b'<cib><configuration/><status/></cib>', "example")
    >>> happened(empty, empty)
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
        # Without a start in its history, it was found running: after a cleanup, for example.
        if new[node].start and old[node].start != new[node].start:
            yield Action("restart", name, node)
        elif old[node].promoted != new[node].promoted:
            yield Action("promote" if new[node].promoted else "demote", name, node)


def whereabouts(cib: Cib) -> dict[str, frozenset[str]]:
    """The nodes on which each primitive runs; those that run nowhere are left out."""
    return {name: frozenset(nodes) for name, nodes in _instances(cib).items()}


def _instances(cib: Cib) -> dict[str, dict[str, _Instance]]:
    """The instances by resource and node."""
    found: dict[str, dict[str, _Instance]] = {}
    for state in cib.status.iterfind("node_state"):
        for history in state.iterfind("lrm/lrm_resources/lrm_resource"):
            if is_active(history):
                name = base_name(history.get("id", ""))
                found.setdefault(name, {})[state.get("uname", "")] = _instance(history)
    return found


def _instance(history: etree._Element) -> _Instance:
    starts = [entry for entry in history if entry.get("operation") == "start"]
    last = max(starts, key=call_number, default=None)
    # A node's executor counts its calls anew when it starts, so the number alone does not tell.
    start = None if last is None else (last.get("call-id", ""), last.get("transition-key", ""))
    return _Instance(is_promoted(history), start)
