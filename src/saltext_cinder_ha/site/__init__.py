"""What a pillar may say about one site: keys, parsing and validation into frozen dataclasses."""

from __future__ import annotations

from .errors import SiteError
from .kinds import KeyInfo
from .model import ACTIONS, ROOT, SERVICES, Backend, Service, Site, Vip, missing
from .parsing import mistakes, parse_site, schema
from .releases import RELEASES
from .secret import Secret

__all__ = [
    "ACTIONS",
    "RELEASES",
    "ROOT",
    "SERVICES",
    "Backend",
    "KeyInfo",
    "Secret",
    "Service",
    "Site",
    "SiteError",
    "Vip",
    "missing",
    "mistakes",
    "parse_site",
    "schema",
]
