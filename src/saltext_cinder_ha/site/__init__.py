"""The pillar of one site: its keys, parsed and validated into frozen dataclasses.

Belongs here: the one schema of the pillar, the source of errors and documentation.
Does not belong here: what is done with a site (``deploy``).
May import: ``pacemaker`` for Pacemaker's own types (agents, ids), ``common``.
"""

from __future__ import annotations

from .errors import SiteError
from .kinds import KeyInfo
from .model import (
    API,
    BACKUP,
    PILLAR_KEY,
    SCHEDULER,
    SERVICES,
    VOLUME,
    Backend,
    Service,
    Site,
    Vip,
    missing,
)
from .parsing import mistakes, parse_site, schema
from .releases import RELEASES

__all__ = [
    "API",
    "BACKUP",
    "PILLAR_KEY",
    "RELEASES",
    "SCHEDULER",
    "SERVICES",
    "VOLUME",
    "Backend",
    "KeyInfo",
    "Service",
    "Site",
    "SiteError",
    "Vip",
    "missing",
    "mistakes",
    "parse_site",
    "schema",
]
