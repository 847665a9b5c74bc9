"""Parse cinder.conf in the dialect of oslo.config (``oslo_config/iniparser.py``, ``oslo_config/cfg.py``).

Unlike in Python's ``configparser``, an option may be given several times, a blank line ends a value, a
comment inside a value is not part of it, and a pair of quotes around a value is removed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import ConfFileError

DEFAULT = "DEFAULT"


@dataclass(frozen=True)
class Entry:
    """One assignment.

    :param section: name as written; oslo.config ignores its case, except for ``DEFAULT``
    :param value: the lines of the value, joined by newlines
    :param line: number of its first line, from 1
    """

    section: str
    option: str
    value: str
    line: int

    def __repr__(self) -> str:
        # A value may be a password.
        return f"Entry({self.section!r}, {self.option!r}, line={self.line})"


@dataclass(frozen=True)
class SectionHeader:
    """A line such as ``[DEFAULT]``."""

    name: str
    line: int


@dataclass(frozen=True)
class ParsedFile:
    """The contents of a file as oslo.config reads them, in the file's order.

    >>> parse("[DEFAULT]\\ndebug = true\\n").values("DEFAULT", "debug")
    ('true',)
    """

    headers: tuple[SectionHeader, ...]
    entries: tuple[Entry, ...]

    def given(self, section: str, option: str) -> tuple[Entry, ...]:
        """Return the assignments of one option; for a single-valued one, the last counts."""
        wanted = normalized_section(section)
        return tuple(
            entry
            for entry in self.entries
            if entry.option == option and normalized_section(entry.section) == wanted
        )

    def values(self, section: str, option: str) -> tuple[str, ...]:
        """Return the values of one option; for a single-valued one, the last counts."""
        return tuple(entry.value for entry in self.given(section, option))


def normalized_section(name: str) -> str:
    """Return the name by which oslo.config finds a section (``oslo_config/cfg.py``, groups are lower case).

    >>> normalized_section("KeyStone_AuthToken"), normalized_section("DEFAULT")
    ('keystone_authtoken', 'DEFAULT')
    """
    return name if name == DEFAULT else name.lower()


def parse(text: str) -> ParsedFile:
    """Parse the text of cinder.conf.

    :raises ConfFileError: oslo.config would reject the file, so that no service starts
    """
    headers: list[SectionHeader] = []
    entries: list[Entry] = []
    for item in _items(text):
        if isinstance(item, SectionHeader):
            headers.append(item)
        elif not headers:
            problem = f"is before any section; write [{DEFAULT}] or its section above it"
            raise ConfFileError(f"option {item.option!r} {problem}", item.line)
        else:
            entries.append(Entry(headers[-1].name, item.option, "\n".join(item.values), item.line))
    return ParsedFile(tuple(headers), tuple(entries))


@dataclass
class _Assignment:
    option: str
    values: list[str]
    line: int


def _items(text: str) -> Iterator[SectionHeader | _Assignment]:
    current: _Assignment | None = None
    # Lines end as for open(); str.splitlines() splits at more characters.
    for number, raw in enumerate(io.StringIO(text, newline=None), start=1):
        line = raw.rstrip()
        if line.startswith((" ", "\t")):
            if current is None:
                raise ConfFileError("begins with a space, but there is no value to continue", number)
            current.values.append(line.lstrip())
            continue
        if current is not None:
            yield current
            current = None
        if line.startswith("["):
            yield SectionHeader(_section_name(line, number), number)
        elif line and not line.startswith(("#", ";")):
            current = _assignment(line, number)
    if current is not None:
        yield current


def _section_name(line: str, number: int) -> str:
    if not line.endswith("]"):
        raise ConfFileError("begins a section, but does not end with ]", number)
    if line == "[]":
        raise ConfFileError("begins a section without a name", number)
    return line[1:-1]


def _assignment(line: str, number: int) -> _Assignment:
    places = [place for place in (line.find("="), line.find(":")) if place >= 0]
    if not places:
        raise ConfFileError("is not an assignment: it has neither = nor :", number)
    option, value = line[: min(places)].strip(), line[min(places) + 1 :].strip()
    if not option:
        raise ConfFileError("assigns a value, but names no option", number)
    if value and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return _Assignment(option, [value], number)
