"""What a pillar may say about one site: keys, parsing and validation into frozen dataclasses.

Belongs here: the one schema of the pillar, from which errors and documentation come.
Does not belong here: what becomes of a site (``deploy``).
May import: ``pacemaker`` for what is Pacemaker's own (agents, ids), ``common``.
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
