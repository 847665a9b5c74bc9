"""The input and the findings of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from ....common.secrets import HIDDEN
from .. import secrecy
from ..file import DEFAULT, Entry, ParsedFile, normalized_section
from ..tables import BACKEND, OptionSpec, Table

ERROR, WARNING = "error", "warning"
GUIDE, MODERN = "guide", "modern"

_FABRICS = ("brcd_fabric_example", "cisco_fabric_example")


@dataclass(frozen=True)
class Finding:
    """A mistake in cinder.conf.

    :param severity: ``error`` or ``warning``
    :param line: number of the line, from 1; 0 if the file lacks something
    :param why: what is wrong, as a sentence without a full stop
    :param instead: what to write, empty if nothing
    """

    severity: str
    section: str
    option: str
    line: int
    why: str
    instead: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line else ""
        advice = f"; {self.instead}" if self.instead else ""
        what = f" {self.option}" if self.option else ""
        return f"{self.severity}: {where}[{self.section}]{what}: {self.why}{advice}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Surroundings:
    """What the file itself does not say.

    :param cloned_scheduler: cinder-scheduler runs on several nodes with this file
    :param active_passive: cinder-volume runs on one node, and fails over to another
    """

    cloned_scheduler: bool = False
    active_passive: bool = False


@dataclass(frozen=True)
class Subject:
    """A file and the release that it is for."""

    file: ParsedFile
    table: Table
    form: str = MODERN
    surroundings: Surroundings = field(default_factory=Surroundings)

    @property
    def release(self) -> str:
        """Return the release."""
        return self.table.release

    @property
    def ignored(self) -> str:
        """Return the severity of what the release just ignores, of which the guide's own file has plenty."""
        return WARNING if self.form == GUIDE else ERROR

    @property
    def backends(self) -> tuple[str, ...]:
        """Return the sections that ``enabled_backends`` names."""
        return self._named_by(DEFAULT, "enabled_backends")

    def last(self, section: str, option: str) -> Entry | None:
        """Return the assignment that counts."""
        given = self.file.given(section, option)
        return given[-1] if given else None

    def is_true(self, section: str, option: str) -> bool:
        """Return whether a boolean option is given and true."""
        entry = self.last(section, option)
        return entry is not None and entry.value.lower() in ("true", "1", "yes", "on")

    def table_section(self, section: str) -> str:
        """Return the section of the tables with the options of this section of the file."""
        normalized = normalized_section(section)
        if normalized in {normalized_section(name) for name in self.backends}:
            return BACKEND
        if normalized in {normalized_section(name) for name in self._fabrics()}:
            return self._fabric_section(section)
        return section

    def option(self, entry: Entry) -> OptionSpec | None:
        """Return the option that the release assigns, by its present or a former name."""
        section = self.table_section(entry.section)
        return self.table.option(section, entry.option) or self.table.option_once_called(
            section, entry.option
        )

    def finding(self, severity: str, entry: Entry, why: str, instead: str = "") -> Finding:
        """Return a finding about an assignment."""
        return Finding(severity, entry.section, entry.option, entry.line, why, instead)

    def shown(self, entry: Entry) -> str:
        """Return the value of an assignment for a sentence, masked if it is secret."""
        found = secrecy.shown(entry.option, entry.value)
        return found if found == HIDDEN else repr(found)

    def _named_by(self, section: str, option: str) -> tuple[str, ...]:
        entry = self.last(section, option)
        names = entry.value.split(",") if entry is not None else []
        return tuple(name.strip() for name in names if name.strip())

    def _fabric_section(self, section: str) -> str:
        """Return the section of the tables for the vendor whose options it has."""
        given = [entry.option for entry in self.file.entries if entry.section == section]

        def known(vendor: str) -> int:
            return sum(self.table.option(vendor, name) is not None for name in given)

        return max((name for name in _FABRICS if self.table.has_section(name)), key=known, default=section)

    def _fabrics(self) -> tuple[str, ...]:
        return self._named_by("fc-zone-manager", "fc_fabric_names")


Rule = Callable[[Subject], Iterator[Finding]]
