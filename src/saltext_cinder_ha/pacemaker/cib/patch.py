"""Compute v2 patchsets for ``cibadmin --patch`` from two CIBs.

The format is that of Pacemaker's lib/common/patchset.c. A patchset is applied as a whole or not at all, and
only to the version that it names as its source, so it works as a compare-and-swap.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from .document import Cib, Version

_CONFIGURATION_PATH = "/cib/configuration"
_STATUS_PATH = "/cib/status"


@dataclass(frozen=True)
class Patch:
    """The changes of a configuration or of a status; false if there are none."""

    changes: tuple[etree._Element, ...] = field(repr=False)
    of_status: bool = False

    def __bool__(self) -> bool:
        return bool(self.changes)

    def to_xml(self, source: Version) -> bytes:
        """Return the patchset that applies only to the version ``source``."""
        diff = etree.Element("diff", format="2")
        versions = etree.SubElement(diff, "version")
        # Pacemaker refuses a target that equals its source as old.
        target = source.next_update if self.of_status else source.next_epoch
        for tag, version in (("source", source), ("target", target)):
            etree.SubElement(versions, tag, {k: str(v) for k, v in version._asdict().items()})
        # Appending moves an element, and a patch may be rendered again for a later version.
        diff.extend(copy.deepcopy(change) for change in self.changes)
        return etree.tostring(diff)


def difference(old: Cib, new: Cib) -> Patch:
    """Return the patch from the configuration of ``old`` to that of ``new``."""
    return Patch(_changes(old.configuration, new.configuration, _CONFIGURATION_PATH))


def status_difference(old: Cib, new: Cib) -> Patch:
    """Return the patch from the status of ``old`` to that of ``new``; it leaves the epoch alone."""
    return Patch(_changes(old.status, new.status, _STATUS_PATH), of_status=True)


def _changes(old: etree._Element, new: etree._Element, path: str) -> tuple[etree._Element, ...]:
    found = _Changes([], [], [])
    _compare(old, new, path, found)
    # Pacemaker applies creations and moves last, in ascending position.
    placed = sorted(found.placed, key=lambda change: int(change.get("position", "0")))
    return (*found.modified, *found.deleted, *placed)


@dataclass(frozen=True)
class _Changes:
    modified: list[etree._Element]
    deleted: list[etree._Element]
    placed: list[etree._Element]


def _compare(old: etree._Element, new: etree._Element, path: str, found: _Changes) -> None:
    # Most of a configuration is equal, and libxml2 compares fastest.
    if etree.tostring(old, with_tail=False) == etree.tostring(new, with_tail=False):
        return
    if _attributes(old) != _attributes(new):
        found.modified.append(_modify(old, new, path))
    before = dict(_children(old))
    after = dict(_children(new))
    kept = {
        key: child
        for key, child in before.items()
        if key in after and not _is_filled(child, after[key], path) and not _is_rebuilt(child, after[key])
    }
    for key in before:
        if key in kept:
            _compare(kept[key], after[key], _child_path(path, key), found)
        else:
            found.deleted.append(_change("delete", _child_path(path, key)))
    reordered = list(kept) != [key for key in after if key in kept]
    for key, child in after.items():
        if key not in kept:
            found.placed.append(_create(child, path))
        elif reordered:
            found.placed.append(_change("move", _child_path(path, key), position=_position(child)))


def _is_filled(old: etree._Element, new: etree._Element, path: str) -> bool:
    """Return whether an empty section gets its first objects.

    cibadmin takes quadratic time in the number of creations; a new section is a single one.
    """
    return path == _CONFIGURATION_PATH and old.find("*") is None and new.find("*") is not None


def _is_rebuilt(old: etree._Element, new: etree._Element) -> bool:
    """Return whether a differing element must be replaced as a whole.

    Pacemaker finds an element without an id as the first one with its tag (search_v2_xpath in
    lib/common/patchset.c), so it cannot address one among several of that tag.
    """
    return (_has_nameless(old) or _has_nameless(new)) and not _is_equal(old, new)


def _has_nameless(parent: etree._Element) -> bool:
    tags = Counter(child.tag for child in parent.iterchildren(tag=etree.Element))
    return any(
        tags[child.tag] > 1 and child.get("id") is None for child in parent.iterchildren(tag=etree.Element)
    )


def _is_equal(old: etree._Element, new: etree._Element) -> bool:
    before, after = (list(e.iterchildren(tag=etree.Element)) for e in (old, new))
    return (
        old.tag == new.tag
        and _attributes(old) == _attributes(new)
        and len(before) == len(after)
        and all(map(_is_equal, before, after))
    )


_Key = tuple[str, str, int]


def _children(parent: etree._Element) -> Iterator[tuple[_Key, etree._Element]]:
    """Yield the children with the key that Pacemaker finds them by: tag and id, or tag and number.

    Comments are not configuration, so they never cause a change.
    """
    numbers: dict[str, int] = {}
    for child in parent.iterchildren(tag=etree.Element):
        name = child.get("id")
        if name is not None:
            yield (child.tag, name, 0), child
        else:
            numbers[child.tag] = numbers.get(child.tag, 0) + 1
            yield (child.tag, "", numbers[child.tag]), child


def _child_path(path: str, key: _Key) -> str:
    tag, name, _ = key
    return f"{path}/{tag}[@id='{name}']" if name else f"{path}/{tag}"


def _position(child: etree._Element) -> str:
    # Pacemaker counts every XML node, including comments.
    return str(child.getparent().index(child))


def _change(operation: str, path: str, **attributes: str) -> etree._Element:
    return etree.Element("change", {"operation": operation, "path": path, **attributes})


def _create(child: etree._Element, path: str) -> etree._Element:
    change = _change("create", path, position=_position(child))
    change.append(copy.deepcopy(child))
    return change


def _modify(old: etree._Element, new: etree._Element, path: str) -> etree._Element:
    change = _change("modify", path)
    changed = etree.SubElement(change, "change-list")
    before, after = _attributes(old), _attributes(new)
    for name in sorted({*before, *after}):
        if name not in after:
            etree.SubElement(changed, "change-attr", name=name, operation="unset")
        elif before.get(name) != after[name]:
            etree.SubElement(changed, "change-attr", name=name, operation="set", value=after[name])
    result = etree.SubElement(change, "change-result")
    etree.SubElement(result, new.tag, after)
    return change


def _attributes(element: etree._Element) -> dict[str, str]:
    # Pacemaker does not write empty attributes, so an empty one equals a missing one.
    return {name: value for name, value in element.attrib.items() if value}
