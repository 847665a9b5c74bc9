"""Validation of the dates, date specifications and durations of rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

_DATE_AND_TIME = re.compile(
    r"(?P<date>[0-9W-]+)"
    r"(?:[T ](?:[01][0-9]|2[0-3])(?::?[0-5][0-9](?::?[0-5][0-9](?:\.[0-9]+)?)?"
    r"(?: ?(?:Z|[+-][01][0-9](?::?[0-5][0-9])?))?)?)?"
)
_CALENDAR_DATE = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
_ORDINAL_DATE = re.compile(r"([0-9]{4})-([0-9]{3})")
_WEEK_DATE = re.compile(r"([0-9]{4})-W([0-9]{2})-([0-9])")

_ANY = None
DATE_SPEC_LIMITS: Mapping[str, tuple[int, int] | None] = MappingProxyType(
    {
        "hours": (0, 23),
        "minutes": (0, 59),
        "monthdays": (1, 31),
        "months": (1, 12),
        "moon": (0, 7),
        "seconds": (0, 59),
        "weekdays": (1, 7),
        "weeks": (1, 53),
        "weekyears": _ANY,
        "yeardays": (1, 366),
        "years": _ANY,
    }
)
"""The fields of a date specification, and their lowest and highest values (Pacemaker Explained,
"Date Specifications")."""

DURATION_PARTS = (
    "days",
    "hours",
    "minutes",
    "monthdays",
    "months",
    "moon",
    "seconds",
    "weekdays",
    "weeks",
    "weekyears",
    "years",
)
"""The fields of a duration that the schema allows (``rule-3.9.rng``, ``duration``)."""


def is_date(text: str) -> bool:
    """Return whether ``text`` is a valid date of a rule: ISO 8601, or ``epoch``.

    A date is ``2026-03-31``, ``20260331``, ``2026-090`` or ``2026-W14-2``, optionally with a time and a zone.
    Pacemaker itself accepts more, such as ``2026-03-31x``, and guesses.

    >>> is_date("2026-03-31"), is_date("2026-03-31 08:00 +02:00"), is_date("2026-02-30")
    (True, True, False)
    """
    found = _DATE_AND_TIME.fullmatch(text)
    return text == "epoch" or bool(found and _is_day(found["date"]))


def _is_day(text: str) -> bool:
    try:
        if found := _CALENDAR_DATE.fullmatch(text):
            date(int(found[1]), int(found[3]), int(found[4]))
        elif found := _ORDINAL_DATE.fullmatch(text):
            first = date(int(found[1]), 1, 1)
            return (first + timedelta(days=int(found[2]) - 1)).year == first.year
        elif found := _WEEK_DATE.fullmatch(text):
            date.fromisocalendar(int(found[1]), int(found[2]), int(found[3]))
        else:
            return False
    except (ValueError, OverflowError):
        return False
    return True


def date_spec_problem(name: str, value: str) -> str | None:
    """Return what is wrong with one field of a date specification, None if it is valid.

    >>> date_spec_problem("hours", "9-16")
    >>> date_spec_problem("hours", "9-25")
    "hours should be a number or a range (5, 9-16) from 0 to 23, not '9-25'"
    """
    limits = DATE_SPEC_LIMITS[name]
    numbers = [int(number) for number in value.split("-")] if _is_range(value) else []
    ascending = bool(numbers) and numbers == sorted(set(numbers))
    if ascending and (limits is None or (limits[0] <= numbers[0] and numbers[-1] <= limits[1])):
        return None
    bounds = f" from {limits[0]} to {limits[1]}" if limits else ""
    return f"{name} should be a number or a range (5, 9-16){bounds}, not {value!r}"


def duration_problem(name: str, value: str) -> str | None:
    """Return what is wrong with one field of a duration, None if it is valid."""
    if re.fullmatch("[0-9]{1,9}", value):
        return None
    return f"{name} should be a whole number, not {value!r}"


def _is_range(value: str) -> bool:
    # Nine digits fit into Pacemaker's integers.
    return re.fullmatch("[0-9]{1,9}(-[0-9]{1,9})?", value) is not None
