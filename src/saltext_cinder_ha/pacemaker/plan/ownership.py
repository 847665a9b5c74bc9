"""Ownership of objects by documents, recorded in the CIB, where every minion can read it.

Each document has its record in a separate property set. The scheduler, pcs and crm keep it and ignore it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from ..cib.document import Cib
from ..cib.draft import Draft
from ..cib.nvpairs import BOOTSTRAP_OPTIONS, OWNED_PREFIX

RESOURCE = "resources"
CONSTRAINT = "constraints"
FENCING_LEVEL = "fencing_levels"
TAG = "tags"
PROPERTY = "properties"
RESOURCE_DEFAULT = "resource_defaults"
OPERATION_DEFAULT = "operation_defaults"
KINDS = (RESOURCE, CONSTRAINT, FENCING_LEVEL, TAG, PROPERTY, RESOURCE_DEFAULT, OPERATION_DEFAULT)

Key = tuple[str, str]
"""A kind out of :data:`KINDS`, and the id or (for options) the name."""


@dataclass(frozen=True)
class Writing:
    """A writer, and the fingerprint of the declaration that it applied."""

    writer: str
    content: str


@dataclass(frozen=True)
class Record:
    """The objects of one document, its secret parameters (``RESOURCE.PARAM``), and its last writes."""

    document: str
    objects: frozenset[Key] = frozenset()
    secrets: frozenset[str] = frozenset()
    last: Writing | None = None
    previous: Writing | None = None


def read_records(cib: Cib) -> dict[str, Record]:
    """Return the records of all documents by name."""
    section = cib.section("crm_config")
    if section is None:
        return {}
    records = (
        _read(property_set)
        for property_set in section.iterfind("cluster_property_set")
        if property_set.get("id", "").startswith(OWNED_PREFIX)
    )
    return {record.document: record for record in records}


def _read(property_set: etree._Element) -> Record:
    name = property_set.get("id")
    found = {
        pair.get("name", "").removeprefix(f"{name}-"): pair.get("value", "")
        for pair in property_set.iterfind("nvpair")
    }
    return Record(
        document=_decoded(name.removeprefix(OWNED_PREFIX)),
        objects=frozenset((kind, item) for kind in KINDS for item in found.get(kind, "").split()),
        secrets=frozenset(found.get("secrets", "").split()),
        last=_writing(found, "writer", "content"),
        previous=_writing(found, "previous-writer", "previous-content"),
    )


def _writing(found: Mapping[str, str], writer: str, content: str) -> Writing | None:
    return Writing(found[writer], found[content]) if writer in found and content in found else None


def write_record(draft: Draft, record: Record) -> None:
    """Write a record to the draft; remove it if it is empty."""
    section = draft.section("crm_config")
    name = record_id(record.document)
    live = draft.get(name)
    if live is not None:
        draft.remove(live)
    if not record.objects and not record.secrets:
        return
    if section.find("cluster_property_set") is None:
        # pcs writes properties to the first set, which must not be a record.
        draft.add(section, "cluster_property_set", BOOTSTRAP_OPTIONS)
    property_set = draft.add(section, "cluster_property_set", name)
    for key, value in _pairs_of(record).items():
        # Pacemaker merges all sets by name, so names must be unique across documents.
        pair = f"{name}-{key}"
        draft.add(property_set, "nvpair", pair, {"name": pair, "value": value})


def _pairs_of(record: Record) -> dict[str, str]:
    found = {kind: " ".join(sorted(_names(record.objects, kind))) for kind in KINDS}
    found["secrets"] = " ".join(sorted(record.secrets))
    pairs = {kind: names for kind, names in found.items() if names}
    if record.last:
        pairs.update({"writer": record.last.writer, "content": record.last.content})
    if record.previous:
        pairs["previous-writer"] = record.previous.writer
        pairs["previous-content"] = record.previous.content
    return pairs


def _names(objects: Iterable[Key], kind: str) -> list[str]:
    return [name for found, name in objects if found == kind]


def record_id(document: str) -> str:
    """Return the id of a document's property set; encode invalid characters as ``.HEX.``.

    >>> record_id("cinder_ha"), record_id("my site")
    ('saltext-owned-cinder_ha', 'saltext-owned-my.20.site')
    """
    return OWNED_PREFIX + re.sub(r"[^A-Za-z0-9_-]", lambda m: f".{ord(m.group()):x}.", document)


def _decoded(name: str) -> str:
    return re.sub(r"\.([0-9a-f]+)\.", lambda m: chr(int(m.group(1), 16)), name)
