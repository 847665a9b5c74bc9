"""Parse a pillar into a :class:`~.model.Site`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .checks import contradictions
from .errors import SiteError
from .kinds import KeyInfo, Mistakes, Section, keys_of
from .model import PILLAR_KEY, Site

_SITE = Section(Site)


def parse_site(pillar: Mapping[str, Any]) -> Site:
    """Parse the key ``cinder_ha`` of a minion's pillar.

    >>> parse_site({"cinder_ha": {"release": "zed", "mode": "ocf"}}).mode
    'ocf'

    :param pillar: the whole pillar of a minion; its other keys are ignored
    :raises SiteError: the first mistake, with the path of its key
    """
    site, mistakes = _read(pillar)
    if mistakes:
        raise mistakes[0]
    return site


def mistakes(pillar: Mapping[str, Any]) -> list[str]:
    """Return a sentence for every mistake in a minion's pillar.

    >>> mistakes({"cinder_ha": {"mode": "pcs"}})
    ["cinder_ha.mode: is 'pcs', but should be ocf or systemd"]
    """
    return [str(mistake) for mistake in _read(pillar)[1]]


def schema() -> tuple[KeyInfo, ...]:
    """Return every key of the pillar with its kind, its default and its meaning."""
    return tuple(keys_of(_SITE, PILLAR_KEY))


def _read(pillar: Mapping[str, Any]) -> tuple[Site, Mistakes]:
    found: Mistakes = []
    if not isinstance(pillar, Mapping) or pillar.get(PILLAR_KEY) is None:
        problem = "is missing in this minion's pillar; pillar.example shows every key"
        return Site(), [SiteError(PILLAR_KEY, problem)]
    site = _SITE.read(pillar[PILLAR_KEY], PILLAR_KEY, found)
    return site, [*found, *contradictions(site)]
