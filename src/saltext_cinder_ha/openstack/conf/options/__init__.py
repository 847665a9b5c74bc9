"""The options of a site's cinder.conf by release: one module for each theme.

Belongs here: the options that each key of the pillar sets in each release.
Does not belong here: quoting of values, and mistakes in a file.
May import: the other modules of ``conf``, ``site`` and ``common``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....site import PILLAR_KEY, SiteError
from .api import api_options
from .backends import backend_options
from .backup import backup_options
from .coordination import coordination_options
from .database import database_options
from .identity import identity_options
from .messaging import messaging_options
from .model import Option, Target
from .notifications import notification_options

__all__ = ["Option", "Target", "modern_options"]

_THEMES = (
    api_options,
    identity_options,
    messaging_options,
    notification_options,
    database_options,
    coordination_options,
    backup_options,
)


def modern_options(target: Target) -> Iterator[Option]:
    """Yield the options that work with the release.

    :raises SiteError: a key is missing, or the release does not support it
    """
    own = [option for theme in _THEMES for option in theme(target)]
    _check_backend_names(target, own)
    yield from own
    yield from backend_options(target)


def _check_backend_names(target: Target, own: list[Option]) -> None:
    # oslo.config ignores the case of section names.
    sections = {option.section.lower() for option in own}
    for name in target.site.backends:
        if name.lower() in sections:
            raise SiteError(
                f"{PILLAR_KEY}.backends.{name}",
                f"{name!r} is a section with another purpose and cannot name a backend",
            )
