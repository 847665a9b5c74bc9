"""The canonical form of a CIB's configuration: two are equal when Pacemaker cannot tell them apart.

Left out are the order of attributes, of name-value pairs, of operations and of objects, empty attributes and
sets, comments, and, on demand, the ids that tools make up for what has a name of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.nvpairs import OWNED_PREFIX

OBJECT_TAGS = (
    "primitive",
    "group",
    "clone",
    "master",
    "bundle",
    "template",
    "rsc_location",
    "rsc_colocation",
    "rsc_order",
    "rsc_ticket",
    "fencing-level",
    "tag",
    "node",
)
_SECTIONS_IN_ANY_ORDER = ("configuration", "resources", "constraints", "fencing-topology", "tags")
_PAIR_SETS = ("instance_attributes", "meta_attributes", "utilization", "cluster_property_set")
_EMPTY_MEANS_NOTHING = (
    *_PAIR_SETS,
    "operations",
    "rsc_defaults",
    "op_defaults",
    "fencing-topology",
    "tags",
)
_GENERATED_IDS = (*_PAIR_SETS, "nvpair", "op", "operations", "rule", "expression", "resource_set")


def canonical(element: etree._Element, *, generated_ids: bool = True) -> str:
    """One element in canonical form, as XML that a person can compare.

    :param generated_ids: whether the ids of pairs, sets, operations, rules and expressions count
    """
    etree.indent(copied := _sorted(element, generated_ids))
    return etree.tostring(copied).decode()


def configuration(cib: Cib, *, generated_ids: bool = True, owned: bool = False) -> str:
    """The whole configuration in canonical form.

    :param owned: whether the records of who owns what are a part of it
    """
    copy = cib.copy().configuration
    if not owned:
        for record in copy.xpath(f"crm_config/*[starts-with(@id, '{OWNED_PREFIX}')]"):
            record.getparent().remove(record)
    return canonical(copy, generated_ids=generated_ids)


def objects(cib: Cib, *, generated_ids: bool = True) -> dict[str, str]:
    """Every object of a configuration by its id, in canonical form."""
    return {
        element.get("id"): canonical(element, generated_ids=generated_ids)
        for element in cib.configuration.iter(*OBJECT_TAGS)
    }


def _sorted(element: etree._Element, generated_ids: bool) -> etree._Element:
    found = etree.Element(element.tag)
    for name, value in sorted(element.attrib.items()):
        is_generated = name == "id" and element.tag in _GENERATED_IDS
        # Pacemaker does not write an empty attribute.
        if value and (generated_ids or not is_generated):
            found.set(name, value)
    children = [_sorted(child, generated_ids) for child in _meaningful(element)]
    if element.tag in (*_SECTIONS_IN_ANY_ORDER, *_PAIR_SETS, "operations"):
        children.sort(key=etree.tostring)
    else:
        # Between different tags the order never counts; within one it may (members, sets).
        children.sort(key=lambda child: str(child.tag))
    found.extend(children)
    return found


def _meaningful(element: etree._Element) -> Iterator[etree._Element]:
    for child in element.iterchildren(tag=etree.Element):
        if len(child) or child.tag not in _EMPTY_MEANS_NOTHING or child.get("id-ref"):
            yield child
