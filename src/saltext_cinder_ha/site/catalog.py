"""The defaults of an entry of ``endpoints.services``."""

from __future__ import annotations

from .model import CatalogService, Site

# Cinder's installation guide.
_NAMES = {"block-storage": "cinder", "volumev3": "cinderv3", "volumev2": "cinderv2", "volume": "cinder"}


def name_of(entry: CatalogService) -> str:
    """Return the name of an entry's service; there is no default without a type."""
    return entry.name or _NAMES.get(entry.type or "", "")


def region_of(site: Site, entry: CatalogService) -> str:
    """Return the region of an entry's endpoints."""
    return entry.region or site.endpoints.region
