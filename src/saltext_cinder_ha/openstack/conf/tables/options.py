"""The options of cinder.conf by release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..file import normalized_section
from .ranges import nearest, ranges_of, rows_at

BACKEND = "backend"
"""The table's section for every backend's section and for ``[backend_defaults]``."""

_FILE = "options.json"
_BACKEND_SECTIONS = (BACKEND, "backend_defaults")


@dataclass(frozen=True)
class OptionSpec:
    """An option as one release declares it.

    :param type: text, boolean, integer, float, list, mapping, ip, port, host or uri; None if drivers that
        share the name disagree
    :param choices: the allowed values; empty if any is allowed
    :param multiple: it may be given several times
    :param deprecated: it works, but its removal is announced
    :param former: former sections and names that the release still accepts
    """

    section: str
    name: str
    type: str | None
    choices: tuple[str | int | float, ...] = ()
    ignore_case: bool = False
    minimum: float | None = None
    maximum: float | None = None
    multiple: bool = False
    secret: bool = False
    deprecated: bool = False
    former: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """The options of one release, by section and name; :data:`BACKEND` is the section of every backend."""

    release: str
    options: Mapping[tuple[str, str], OptionSpec]
    renamed: Mapping[tuple[str, str], OptionSpec]

    def option(self, section: str, name: str) -> OptionSpec | None:
        """Return the option of exactly that name."""
        return self.options.get((table_section(section), name))

    def option_once_called(self, section: str, name: str) -> OptionSpec | None:
        """Return the option that the release also accepts by this former name."""
        return self.renamed.get((table_section(section), name))

    def has_section(self, section: str) -> bool:
        """Return whether any option belongs in the section."""
        return table_section(section) in {known for known, _ in self.options}

    def sections(self) -> tuple[str, ...]:
        """Return the sections, in alphabetical order."""
        return tuple(sorted({section for section, _ in self.options}))

    def sections_with(self, name: str) -> tuple[str, ...]:
        """Return the sections that have an option of that name."""
        return tuple(sorted(section for section, known in self.options if known == name))

    def similar(self, section: str, name: str) -> str | None:
        """Return the most similar name of an option in the section, None if none is similar."""
        wanted = table_section(section)
        return nearest(name, (known for held, known in self.options if held == wanted))


@dataclass(frozen=True)
class Lifetime:
    """The first and the last release with an option, inclusive, among those in the tables."""

    first: str
    last: str


@lru_cache(maxsize=4)
def options_of(release: str) -> Table:
    """Return the options of a release, from Havana on.

    >>> options_of("zed").option("oslo_messaging_rabbit", "heartbeat_rate").type
    'integer'
    >>> options_of("zed").option("DEFAULT", "rabbit_host") is None
    True

    :param release: one of :data:`~...site.RELEASES`
    """
    options: dict[tuple[str, str], OptionSpec] = {}
    for row, facts in rows_at(ranges_of(_FILE), release):
        section, _, name = row.partition(" ")
        options[section, name] = _option(section, name, facts)
    renamed = {former: option for option in options.values() for former in option.former}
    return Table(release, options, renamed)


def lifetime(section: str, name: str) -> Lifetime | None:
    """Return the lifetime of an option, None if it never existed.

    >>> lifetime("DEFAULT", "enable_v1_api").last
    'pike'
    """
    ranges = ranges_of(_FILE).get(f"{table_section(section)} {name}")
    return Lifetime(ranges[0][0], ranges[-1][1]) if ranges else None


@lru_cache(maxsize=1)
def secret_names() -> frozenset[str]:
    """Return the options that any release flags as secret, by all their names, in lower case.

    >>> "lightos_jwt" in secret_names(), "sql_connection" in secret_names()
    (True, True)
    """
    flagged = [
        (row.partition(" ")[2], held)
        for row, held in ranges_of(_FILE).items()
        if any(facts.get("secret") for _, _, facts in held)
    ]
    former = {name for _, held in flagged for _, _, facts in held for _, name in facts.get("former", ())}
    return frozenset(name.lower() for name in {*former, *(name for name, _ in flagged)})


def table_section(section: str) -> str:
    """Return the section of the tables for a section of the file."""
    found = normalized_section(section)
    return BACKEND if found in _BACKEND_SECTIONS else found


def _option(section: str, name: str, facts: Mapping[str, Any]) -> OptionSpec:
    return OptionSpec(
        section,
        name,
        facts.get("type"),
        tuple(facts.get("choices", ())),
        facts.get("ignore_case", False),
        facts.get("min"),
        facts.get("max"),
        facts.get("multiple", False),
        facts.get("secret", False),
        facts.get("deprecated", False),
        tuple((section if of is None else of, former) for of, former in facts.get("former", ())),
    )
