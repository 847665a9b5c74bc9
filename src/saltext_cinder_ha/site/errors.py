"""The error about a pillar."""

from __future__ import annotations

from ..common.errors import DeclarationError


class SiteError(DeclarationError):
    """A key of the pillar is wrong or missing; ``path`` begins with ``cinder_ha``."""
