"""Tables of all releases as one: each row with the ranges of releases in which it says the same."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]
Table = dict[str, Facts]
Ranges = dict[str, list[list[Any]]]
"""By row: ``[first release, last release, facts]``, oldest first."""


def in_ranges(tables: dict[str, Table], releases: list[str]) -> Ranges:
    """Return the tables as ranges of releases.

    >>> in_ranges({"yoga": {"a": {}}, "zed": {"a": {}}}, ["yoga", "zed"])
    {'a': [['yoga', 'zed', {}]]}
    """
    ranges: Ranges = {}
    previous: Table = {}
    for release in releases:
        for key, facts in tables[release].items():
            if previous.get(key) == facts:
                ranges[key][-1][1] = release
            else:
                ranges.setdefault(key, []).append([release, release, facts])
        previous = tables[release]
    return ranges


def by_release(ranges: Ranges, releases: list[str]) -> dict[str, Table]:
    """Return the table of each release; the reverse of :func:`in_ranges`."""
    tables: dict[str, Table] = {release: {} for release in releases}
    for key, rows in ranges.items():
        for first, last, facts in rows:
            for release in releases[releases.index(first) : releases.index(last) + 1]:
                tables[release][key] = facts
    return tables
