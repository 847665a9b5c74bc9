"""Parse and compare values as Pacemaker does: times, booleans, scores and roles."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

INFINITY = 1_000_000
"""The score that Pacemaker calls INFINITY (Pacemaker Explained, "Scores")."""

_TRUE = frozenset({"true", "on", "yes", "y", "1"})
_FALSE = frozenset({"false", "off", "no", "n", "0"})

_MILLISECONDS_PER_UNIT = {
    "": 1000,
    "us": 1 / 1000,
    "usec": 1 / 1000,
    "ms": 1,
    "msec": 1,
    "s": 1000,
    "sec": 1000,
    "m": 60_000,
    "min": 60_000,
    "h": 3_600_000,
    "hr": 3_600_000,
}
# Pacemaker parses numbers into 64 bits.
_DIGITS = "[0-9]{1,18}"
_INTEGER = re.compile(rf"\s*[+-]?{_DIGITS}\s*")
_TIME = re.compile(rf"\s*({_DIGITS})\s*([a-z]*)\s*", re.IGNORECASE)
_ISO_DURATION = re.compile(
    rf"P(?:(?P<weeks>{_DIGITS})W)?(?:(?P<days>{_DIGITS})D)?"
    rf"(?:T(?:(?P<hours>{_DIGITS})H)?(?:(?P<minutes>{_DIGITS})M)?(?:(?P<seconds>{_DIGITS})S)?)?"
)
_SECONDS_PER_PART = {"weeks": 604_800, "days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}

_ROLES = {
    "started": "Started",
    "stopped": "Stopped",
    "master": "Promoted",
    "promoted": "Promoted",
    "slave": "Unpromoted",
    "unpromoted": "Unpromoted",
}
_LEGACY_ROLES = {"Promoted": "Master", "Unpromoted": "Slave"}
_FIRST_SCHEMA_WITH_PROMOTED = (3, 7)


class Type(Enum):
    """The type of an option's value, with its description for errors."""

    TEXT = "text"
    BOOLEAN = "a boolean (true or false)"
    TIME = "a time such as 30s, 500ms, 2min or PT30S"
    SCORE = "a score: an integer, INFINITY or -INFINITY"
    INTEGER = "an integer"
    ROLE = "a role: Started, Stopped, Promoted or Unpromoted"


@dataclass(frozen=True)
class Choice:
    """The type of an option with a fixed set of values."""

    words: tuple[str, ...]

    @property
    def value(self) -> str:
        return f"one of {', '.join(self.words)}"


AnyType = Type | Choice

_META_TYPES: dict[str, AnyType] = {
    **dict.fromkeys(
        (
            "allow-migrate",
            "allow-unhealthy-nodes",
            "critical",
            "globally-unique",
            "interleave",
            "is-managed",
            "maintenance",
            "notify",
            "ordered",
            "promotable",
            "remote-allow-migrate",
        ),
        Type.BOOLEAN,
    ),
    **dict.fromkeys(("failure-timeout", "remote-connect-timeout"), Type.TIME),
    **dict.fromkeys(("migration-threshold", "priority", "resource-stickiness"), Type.SCORE),
    **dict.fromkeys(
        (
            "clone-max",
            "clone-min",
            "clone-node-max",
            "master-max",
            "master-node-max",
            "promoted-max",
            "promoted-node-max",
        ),
        Type.INTEGER,
    ),
    "target-role": Type.ROLE,
    "multiple-active": Choice(("block", "stop_only", "stop_start", "stop_unexpected")),
    "requires": Choice(("nothing", "quorum", "fencing", "unfencing")),
}

_OPERATION_TYPES: dict[str, AnyType] = {
    **dict.fromkeys(("interval", "timeout", "start-delay"), Type.TIME),
    **dict.fromkeys(("enabled", "record-pending"), Type.BOOLEAN),
    "role": Type.ROLE,
}

_PROPERTY_TYPES: dict[str, AnyType] = {
    **dict.fromkeys(
        (
            "concurrent-fencing",
            "enable-acl",
            "enable-startup-probes",
            "maintenance-mode",
            "remove-after-stop",
            "shutdown-lock",
            "start-failure-is-fatal",
            "startup-fencing",
            "stonith-enabled",
            "stop-all-resources",
            "stop-orphan-actions",
            "stop-orphan-resources",
            "symmetric-cluster",
        ),
        Type.BOOLEAN,
    ),
    **dict.fromkeys(
        (
            "cluster-delay",
            "cluster-recheck-interval",
            "dc-deadtime",
            "election-timeout",
            "join-finalization-timeout",
            "join-integration-timeout",
            "node-pending-timeout",
            "priority-fencing-delay",
            "shutdown-escalation",
            "shutdown-lock-limit",
            "stonith-timeout",
            "transition-delay",
        ),
        Type.TIME,
    ),
    **dict.fromkeys(
        (
            "node-health-base",
            "node-health-green",
            "node-health-red",
            "node-health-yellow",
        ),
        Type.SCORE,
    ),
    **dict.fromkeys(
        (
            "batch-limit",
            "cluster-ipc-limit",
            "migration-limit",
            "pe-error-series-max",
            "pe-input-series-max",
            "pe-warn-series-max",
            "stonith-max-attempts",
        ),
        Type.INTEGER,
    ),
    # Pacemaker 3 has fence instead of suicide.
    "no-quorum-policy": Choice(("stop", "freeze", "ignore", "demote", "suicide", "fence")),
    "stonith-action": Choice(("reboot", "off", "poweroff")),
    "fence-reaction": Choice(("stop", "panic")),
    "node-health-strategy": Choice(("none", "migrate-on-red", "only-green", "progressive", "custom")),
    "placement-strategy": Choice(("default", "utilization", "minimal", "balanced")),
}

_TEXT_PROPERTIES = (
    "cluster-infrastructure",
    "cluster-name",
    "dc-version",
    "have-watchdog",
    "last-lrm-refresh",
    "load-threshold",
    "node-action-limit",
    "stonith-watchdog-timeout",
)


def meta_type(name: str) -> AnyType:
    """Return the type of a resource's meta attribute (Pacemaker Explained, "Resource Meta-Attributes")."""
    return _META_TYPES.get(name, Type.TEXT)


def operation_type(name: str) -> AnyType:
    """Return the type of an operation's attribute (Pacemaker Explained, "Operation Properties")."""
    return _OPERATION_TYPES.get(name, Type.TEXT)


def property_type(name: str) -> AnyType:
    """Return the type of a cluster property (Pacemaker Explained, "Cluster Options")."""
    return _PROPERTY_TYPES.get(name, Type.TEXT)


def misspelled_property(name: str) -> str | None:
    """Return the cluster property that a misspelled ``name`` most likely means, None if there is none.

    >>> misspelled_property("stonith-enable"), misspelled_property("stonith-enabled")
    ('stonith-enabled', None)
    >>> misspelled_property("hana_prd_site") is None
    True
    """
    known = (*_PROPERTY_TYPES, *_TEXT_PROPERTIES)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    return close[0] if close and name not in known else None


def utilization_type(_name: str) -> Type:
    """Return the type of a capacity (Pacemaker Explained, "Utilization and Placement Strategy")."""
    return Type.INTEGER


def text_type(_name: str) -> Type:
    """Return the type of a value that only the agent interprets."""
    return Type.TEXT


@lru_cache(maxsize=1024)
def milliseconds(text: str) -> int | None:
    """Parse a time as Pacemaker does; return None if it is invalid.

    >>> milliseconds("30"), milliseconds("30000ms"), milliseconds("PT30S"), milliseconds("soon")
    (30000, 30000, 30000, None)
    """
    plain = _TIME.fullmatch(text)
    if plain:
        factor = _MILLISECONDS_PER_UNIT.get(plain.group(2).lower())
        return None if factor is None else int(int(plain.group(1)) * factor)
    iso = _ISO_DURATION.fullmatch(text.strip())
    if not iso or not any(iso.groups()):
        return None
    parts = {name: int(number) for name, number in iso.groupdict().items() if number}
    return 1000 * sum(_SECONDS_PER_PART[name] * number for name, number in parts.items())


def boolean(text: str) -> bool | None:
    """Parse a boolean as Pacemaker does; return None if it is invalid.

    >>> boolean("on"), boolean("False"), boolean("perhaps")
    (True, False, None)
    """
    word = text.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def score(text: str) -> int | None:
    """Parse a score and clamp it to INFINITY as Pacemaker does; return None if it is invalid.

    >>> score("INFINITY") == score("+INFINITY") == score("2000000"), score("-50"), score("much")
    (True, -50, None)
    """
    word = text.strip()
    if word.lstrip("+-").upper() == "INFINITY" and len(word) - len(word.lstrip("+-")) <= 1:
        return -INFINITY if word.startswith("-") else INFINITY
    number = integer(word)
    return None if number is None else max(-INFINITY, min(INFINITY, number))


def integer(text: str) -> int | None:
    """Parse an integer; return None if it is invalid."""
    return int(text) if _INTEGER.fullmatch(text) else None


def role(text: str) -> str | None:
    """Parse a role's name, old or new; return None if it is invalid.

    >>> role("Master"), role("promoted"), role("king")
    ('Promoted', 'Promoted', None)
    """
    return _ROLES.get(text.strip().lower())


_READERS: dict[AnyType, Callable[[str], object | None]] = {
    Type.BOOLEAN: boolean,
    Type.TIME: milliseconds,
    Type.SCORE: score,
    Type.INTEGER: integer,
    Type.ROLE: role,
}


def is_valid(value_type: AnyType, text: str) -> bool:
    """Return whether ``text`` is a valid value of a type."""
    if isinstance(value_type, Choice):
        return text in value_type.words
    reader = _READERS.get(value_type)
    return reader is None or reader(text) is not None


def meaning(value_type: AnyType, text: str) -> object:
    """Return the meaning of a value; it is equal for two spellings that mean the same to Pacemaker.

    >>> meaning(Type.TIME, "30s") == meaning(Type.TIME, "PT30S")
    True
    """
    reader = _READERS.get(value_type)
    read = reader(text) if reader else None
    return text if read is None else read


def same(value_type: AnyType, one: str, other: str) -> bool:
    """Return whether two spellings mean the same."""
    return one == other or meaning(value_type, one) == meaning(value_type, other)


def has_promoted_roles(schema: str) -> bool:
    """Return whether ``schema`` (``pacemaker-3.9``) has the role names Promoted and Unpromoted."""
    numbers = re.fullmatch(r"pacemaker-(\d+)\.(\d+)", schema)
    if not numbers:
        return True
    return (int(numbers.group(1)), int(numbers.group(2))) >= _FIRST_SCHEMA_WITH_PROMOTED


def role_for_schema(name: str, schema: str) -> str:
    """Return the spelling of a role in ``schema``."""
    return name if has_promoted_roles(schema) else _LEGACY_ROLES.get(name, name)
