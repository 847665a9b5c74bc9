"""What can be wrong with a pillar."""

from __future__ import annotations

from ..common.errors import DeclarationError


class SiteError(DeclarationError):
    """Something that the pillar says or leaves out is wrong; ``path`` begins with ``cinder_ha``."""
