"""Rules about sections and options that the release does not have, or has under another name."""

from __future__ import annotations

from collections.abc import Iterator

from ....site import RELEASES
from ..file import DEFAULT, Entry, normalized_section
from ..tables import BACKEND, lifetime, nearest, release_after
from .model import WARNING, Finding, Subject
from .replacements import replacement_of


def unknown_sections(subject: Subject) -> Iterator[Finding]:
    """Report sections that the release does not read."""
    for header in subject.file.headers:
        if _is_known(header.name, subject) or _looks_like_backend(header.name, subject):
            continue
        near = nearest(header.name.lower(), subject.table.sections())
        near = near or (DEFAULT if header.name.lower() == "default" else None)
        why = f"{subject.release} has no such section, and ignores its options"
        instead = f"write [{near}]" if near else ""
        yield Finding(subject.ignored, header.name, "", header.line, why, instead)


def unused_backends(subject: Subject) -> Iterator[Finding]:
    """Report sections of backends that are not enabled."""
    for header in subject.file.headers:
        if not _is_known(header.name, subject) and _looks_like_backend(header.name, subject):
            why = "is the section of a backend that enabled_backends does not name, so nothing uses it"
            instead = f"add {header.name} to enabled_backends in [{DEFAULT}]"
            yield Finding(WARNING, header.name, "", header.line, why, instead)


def unknown_options(subject: Subject) -> Iterator[Finding]:
    """Report options that the release does not have: removed, not yet added, misspelt or misplaced."""
    for entry in subject.file.entries:
        if not _is_known(entry.section, subject) or subject.option(entry) is not None:
            continue
        section = subject.table_section(entry.section)
        # An external driver has its own options.
        severity = WARNING if section == BACKEND and _has_external_driver(entry, subject) else subject.ignored
        yield subject.finding(severity, entry, *_unknown(entry, section, subject))


def former_names(subject: Subject) -> Iterator[Finding]:
    """Report former names of options that the release still accepts."""
    for entry in subject.file.entries:
        section = subject.table_section(entry.section)
        if not _is_known(entry.section, subject) or subject.table.option(section, entry.option) is not None:
            continue
        option = subject.table.option_once_called(section, entry.option)
        if option is not None:
            there = entry.section if option.section == BACKEND else option.section
            why = f"is a former name that {subject.release} still accepts"
            yield subject.finding(WARNING, entry, why, f"write {option.name} in [{there}]")


def deprecated_options(subject: Subject) -> Iterator[Finding]:
    """Report options whose removal is announced."""
    for entry in subject.file.entries:
        option = subject.option(entry)
        if option is not None and option.deprecated:
            why = f"is deprecated in {subject.release} and will be removed"
            yield subject.finding(WARNING, entry, why, replacement_of(entry.option) or "")


def duplicates(subject: Subject) -> Iterator[Finding]:
    """Report single-valued options that are given several times."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry in subject.file.entries:
        key = (normalized_section(entry.section), entry.option)
        option = subject.option(entry)
        if key in seen and not (option is not None and option.multiple):
            why = f"is already given in line {seen[key].line}, which is ignored"
            yield subject.finding(subject.ignored, entry, why, "keep one of them")
        seen[key] = entry


def _is_known(section: str, subject: Subject) -> bool:
    return subject.table.has_section(subject.table_section(section))


def _looks_like_backend(section: str, subject: Subject) -> bool:
    return subject.last(section, "volume_driver") is not None


def _has_external_driver(entry: Entry, subject: Subject) -> bool:
    driver = subject.last(entry.section, "volume_driver")
    return driver is not None and not driver.value.startswith("cinder.")


def _unknown(entry: Entry, section: str, subject: Subject) -> tuple[str, str]:
    """Return why an option is unknown, and what to write instead."""
    release = subject.release
    if section == DEFAULT and subject.table.option(BACKEND, entry.option) is not None:
        return f"{release} accepts it only in the section of a backend", "move it to the backend's section"
    lived = lifetime(section, entry.option)
    if lived is not None and RELEASES.index(lived.last) < RELEASES.index(release):
        why = f"was removed in {release_after(lived.last)} and is ignored"
    elif lived is not None and RELEASES.index(lived.first) > RELEASES.index(release):
        return f"was added in {lived.first}, and {release} ignores it", ""
    else:
        why = f"is not an option of {release}, which ignores it"
    return why, replacement_of(entry.option) or _elsewhere(entry, section, subject)


def _elsewhere(entry: Entry, section: str, subject: Subject) -> str:
    near = subject.table.similar(section, entry.option)
    if near is not None:
        return f"write {near}"
    sections = [name for name in subject.table.sections_with(entry.option) if name != section]
    return f"it belongs in [{sections[0]}]" if len(sections) == 1 and sections[0] != BACKEND else ""
