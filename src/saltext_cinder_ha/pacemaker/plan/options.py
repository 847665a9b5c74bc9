"""Cluster properties, and the defaults of resources and operations: options by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...common.errors import DeclarationError
from .. import values
from ..cib import nvpairs
from ..cib.document import Cib
from ..cib.draft import Draft
from ..declaration import Declaration
from . import ownership


@dataclass(frozen=True)
class _Place:
    """The place of one kind of option in the configuration."""

    section: str
    kind: nvpairs.SetKind
    set_id: str


_PLACES = {
    ownership.PROPERTY: _Place(
        "crm_config",
        nvpairs.SetKind("cluster_property_set", values.property_type),
        nvpairs.BOOTSTRAP_OPTIONS,
    ),
    ownership.RESOURCE_DEFAULT: _Place(
        "rsc_defaults",
        nvpairs.SetKind("meta_attributes", values.meta_type),
        "rsc_defaults-meta_attributes",
    ),
    ownership.OPERATION_DEFAULT: _Place(
        "op_defaults",
        nvpairs.SetKind("meta_attributes", values.operation_type),
        "op_defaults-meta_attributes",
    ),
}
KINDS = tuple(_PLACES)


def declared(declaration: Declaration, kind: str) -> Mapping[str, str]:
    """Return the options of one kind in a declaration."""
    return {
        ownership.PROPERTY: declaration.properties,
        ownership.RESOURCE_DEFAULT: declaration.resource_defaults,
        ownership.OPERATION_DEFAULT: declaration.operation_defaults,
    }[kind]


def read(cib: Cib, kind: str) -> dict[str, str]:
    """Return the options of one kind in a CIB."""
    place = _PLACES[kind]
    section = cib.section(place.section)
    return {} if section is None else nvpairs.read(section, place.kind.tag)


def reconcile(draft: Draft, kind: str, wanted: Mapping[str, str]) -> None:
    """Set the wanted options of one kind; leave others alone."""
    for name in wanted:
        if name.startswith(nvpairs.OWNED_PREFIX):
            raise DeclarationError(f"{kind}.{name}", "is a name that is reserved for this software")
    if wanted:
        place = _PLACES[kind]
        nvpairs.reconcile(
            draft,
            draft.section(place.section),
            place.kind,
            wanted,
            set_id=place.set_id,
            keep=None,
        )


def remove(draft: Draft, kind: str, name: str) -> None:
    """Remove one option."""
    place = _PLACES[kind]
    section = draft.cib.section(place.section)
    if section is not None:
        nvpairs.remove(draft, section, place.kind.tag, name)
