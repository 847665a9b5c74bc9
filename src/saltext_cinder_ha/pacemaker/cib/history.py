"""What the history of a resource's operations on one node (``lrm_resource``) tells about it."""

from __future__ import annotations

from lxml import etree

# An operation of these tells in which state a resource is; notifications and cancellations do not.
_TELLING = ("start", "stop", "promote", "demote", "monitor", "migrate_to", "migrate_from")
_RUNNING = ("0", "8")  # OCF return codes of a monitor: running, running promoted


def is_active(history: etree._Element) -> bool:
    """Say whether the resource runs on that node."""
    entries = [e for e in history if e.get("operation") in _TELLING and not is_recurring(e)]
    if not entries:
        return False
    last = max(entries, key=call_number)
    if last.get("operation") == "monitor":
        return last.get("rc-code") in _RUNNING
    return last.get("operation") not in ("stop", "migrate_to")


def is_promoted(history: etree._Element) -> bool:
    """Say whether the resource is promoted on that node."""
    entries = [e for e in history if e.get("operation") in ("promote", "demote", "start", "stop")]
    return bool(entries) and max(entries, key=call_number).get("operation") == "promote"


def is_recurring(entry: etree._Element) -> bool:
    """Say whether an operation is repeated."""
    return entry.get("interval", "0") != "0"


def call_number(entry: etree._Element) -> int:
    """Return the place of an operation in the order in which the node's executor was called."""
    return int(entry.get("call-id", "0"))
