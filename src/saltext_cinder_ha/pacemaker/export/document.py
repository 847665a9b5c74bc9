"""Export a configuration, or a part of it, as a declaration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ...common.errors import DeclarationError
from .. import values
from ..cib import nvpairs
from ..cib.document import Cib
from ..cib.elements import (
    CLONABLE_TAGS,
    CLONE_TAGS,
    CONSTRAINT_TAGS,
    RESOURCE_TAGS,
    clone_of,
    is_made_by_operator,
)
from ..cib.masking import Mask
from ..declaration.readers import named_values
from ..plan import fencing, tags
from .constraints import concerned, exported_constraint, exported_level, exported_tag
from .remarks import Remarks
from .resources import OPERATORS, exported_resource, set_problems

# Pacemaker's daemons and pcs set these automatically (Pacemaker Explained, "Cluster Options").
_AUTOMATIC = (
    "cluster-infrastructure",
    "cluster-name",
    "dc-version",
    "have-watchdog",
    "last-lrm-refresh",
)
_OPERATORS_PROPERTY = "maintenance-mode"
_OPTION_SECTIONS = {
    "properties": ("crm_config", "cluster_property_set", values.property_type),
    "resource_defaults": ("rsc_defaults", "meta_attributes", values.meta_type),
    "operation_defaults": ("op_defaults", "meta_attributes", values.operation_type),
}
_DECLARABLE_SECTIONS = (
    *(section for section, _, _ in _OPTION_SECTIONS.values()),
    "nodes",
    "resources",
    "constraints",
    fencing.SECTION,
    tags.SECTION,
)


@dataclass(frozen=True)
class Export:
    """A declaration of live objects, and sentences about the parts that it leaves out."""

    declaration: dict[str, Any] = field(repr=False)
    left_out: tuple[str, ...] = ()


def export(cib: Cib, names: Sequence[str], mask: Mask) -> Export:
    """Export live objects as a declaration that changes nothing on the same CIB.

    :param names: resources, each with its clone and the members of a group, and with the constraints, fencing
        levels and tags that concern only them. Empty: the whole configuration
    :param mask: hides secret values; a declaration with a hidden value is refused until it is replaced by the
        real one
    :return: plain mappings, lists, text and booleans, as in YAML; temporary settings of operators and parts
        that cannot be declared are left out, with a remark
    :raises DeclarationError: one of ``names`` is not a resource in the CIB

    >>> cib = Cib.parse(
    ...     b'<cib><configuration><resources><primitive id="vip" class="ocf" provider="heartbeat"'
    ...     b' type="IPaddr2"/></resources></configuration></cib>', "example")
    >>> export(cib, [], Mask()).declaration
    {'resources': {'vip': {'agent': 'ocf:heartbeat:IPaddr2', 'operations': []}}}
    """
    return _Exporter(cib, mask, _selected(cib, names)).export()


def _selected(cib: Cib, names: Sequence[str]) -> frozenset[str] | None:
    """Return the ids of the named resources, their clones and members; None means everything."""
    if not names:
        return None
    found: set[str] = set()
    for index, name in enumerate(names):
        element = cib.by_id.get(name)
        if element is None:
            raise DeclarationError(f"names[{index}]", f"the cluster has no resource {name!r}")
        if element.tag not in RESOURCE_TAGS:
            raise DeclarationError(f"names[{index}]", f"{name!r} is a <{element.tag}>, not a resource")
        clone = clone_of(element)
        outer = element if clone is None else clone
        found.update(e.get("id", "") for e in outer.iter(*RESOURCE_TAGS))
    return frozenset(found)


class _Exporter:
    """Makes one export; use it once."""

    def __init__(self, cib: Cib, mask: Mask, selected: frozenset[str] | None):
        self._cib = cib
        self._mask = mask
        self._selected = selected
        self._remarks = Remarks()

    def export(self) -> Export:
        declaration: dict[str, Any] = {}
        if self._selected is None:
            declaration.update({key: self._options(key) for key in _OPTION_SECTIONS})
        declaration["resources"] = dict(self._resources())
        declaration["constraints"] = list(self._constraints())
        declaration["fencing_levels"] = list(self._levels())
        declaration["tags"] = dict(self._tags())
        if self._selected is None:
            self._note_nodes()
            self._note_other_sections()
        given = {key: value for key, value in declaration.items() if value}
        return Export(given, self._remarks.sentences)

    def _options(self, key: str) -> dict[str, str]:
        tag, set_tag, type_of = _OPTION_SECTIONS[key]
        section = self._cib.section(tag)
        if section is None:
            return {}
        for problem in set_problems(section, set_tag):
            self._remarks.note(key, problem)
        found = nvpairs.read(section, set_tag)
        if key == "properties":
            found = self._without_automatic(found)
        # Unlike those of a resource, these options are independent: drop only the invalid ones.
        return {
            name: self._mask.value("", name, value)
            for name, value in found.items()
            if self._remarks.accepted(named_values, {name: value}, key, type_of)
        }

    def _without_automatic(self, found: dict[str, str]) -> dict[str, str]:
        if _OPERATORS_PROPERTY in found:
            self._remarks.note(
                f"properties.{_OPERATORS_PROPERTY}", f"{found[_OPERATORS_PROPERTY]} {OPERATORS}"
            )
        skipped = (*_AUTOMATIC, _OPERATORS_PROPERTY)
        return {name: value for name, value in found.items() if name not in skipped}

    # Resources

    def _resources(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for element in self._children("resources"):
            if element.tag not in (*CLONABLE_TAGS, *CLONE_TAGS):
                self._note_foreign_resource(element)
                continue
            for resource in element.iter(*CLONABLE_TAGS):
                if self._is_selected(resource):
                    self._note_group(resource)
                    body = exported_resource(resource, self._mask, self._remarks)
                    if body is not None:
                        yield resource.get("id", ""), body

    def _is_selected(self, element: etree._Element) -> bool:
        return self._selected is None or element.get("id") in self._selected

    def _note_foreign_resource(self, element: etree._Element) -> None:
        if self._is_selected(element):
            self._remarks.note(f"resources.{element.get('id')}", _uncovered(element))

    def _note_group(self, element: etree._Element) -> None:
        group = next(element.iterancestors("group"), None)
        if group is not None and not self._is_selected(group):
            self._remarks.note(
                f"resources.{element.get('id')}",
                f"is in the group {group.get('id')!r}, which is not exported",
            )

    # Constraints, fencing levels and tags

    def _constraints(self) -> Iterator[dict[str, Any]]:
        for element in self._children("constraints"):
            path = f"constraints.{element.get('id')}"
            if element.tag not in CONSTRAINT_TAGS or not self._is_about_selected(element, path):
                continue
            if is_made_by_operator(element):
                self._remarks.note(path, OPERATORS)
                continue
            found = exported_constraint(element, self._cib, self._remarks)
            if found is not None:
                yield found

    def _is_about_selected(self, element: etree._Element, path: str) -> bool:
        """Return whether an object concerns only selected resources; note one that also concerns others."""
        if self._selected is None:
            return True
        names = concerned(element)
        others = sorted(names - self._selected)
        if names and not others:
            return True
        if others and len(others) < len(names):
            self._remarks.note(path, f"is also about {', '.join(others)}")
        elif not names:
            self._remarks.note(path, "names no resource, so it may be about others too")
        return False

    def _levels(self) -> Iterator[dict[str, Any]]:
        seen = set()
        for element in self._children(fencing.SECTION):
            path = f"fencing_levels.{element.get('id')}"
            key = fencing.key_of(element)
            is_second = key in seen
            seen.add(key)
            if not self._is_about_selected(element, path):
                continue
            if is_second:
                self._remarks.note(path, "is a second level for the same target and index")
                continue
            found = exported_level(element, self._cib, self._remarks)
            if found is not None:
                yield found

    def _tags(self) -> Iterator[tuple[str, list[str]]]:
        for element in self._children(tags.SECTION):
            if self._is_about_selected(element, f"tags.{element.get('id')}"):
                found = exported_tag(element, self._cib, self._remarks)
                if found is not None:
                    yield element.get("id", ""), found

    # Parts that a declaration does not cover

    def _note_nodes(self) -> None:
        for node in self._children("nodes"):
            names = [pair.get("name", pair.get("id-ref", "")) for pair in node.iter("nvpair")]
            if names:
                path = f"nodes.{node.get('uname')}"
                self._remarks.note(path, f"has attributes: {', '.join(names)}")

    def _note_other_sections(self) -> None:
        for section in self._cib.configuration.iterchildren(tag=etree.Element):
            if section.tag in _DECLARABLE_SECTIONS:
                continue
            for element in section.iterchildren(tag=etree.Element):
                path = f"{section.tag}.{element.get('id', element.tag)}"
                self._remarks.note(path, _uncovered(element))

    def _children(self, tag: str) -> Iterator[etree._Element]:
        section = self._cib.section(tag)
        return iter(()) if section is None else section.iterchildren(tag=etree.Element)


def _uncovered(element: etree._Element) -> str:
    return f"declarations do not cover <{element.tag}>"
