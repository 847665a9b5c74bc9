"""The OpenStack releases that a pillar may name (releases.openstack.org, "series_status.yaml")."""

from __future__ import annotations

AUTO = "auto"
"""The release of the installed Cinder."""

_NAMED = (
    "folsom",
    "grizzly",
    "havana",
    "icehouse",
    "juno",
    "kilo",
    "liberty",
    "mitaka",
    "newton",
    "ocata",
    "pike",
    "queens",
    "rocky",
    "stein",
    "train",
    "ussuri",
    "victoria",
    "wallaby",
    "xena",
    "yoga",
    "zed",
)
_NAME_OF_SERIES = {
    "2023.1": "antelope",
    "2023.2": "bobcat",
    "2024.1": "caracal",
    "2024.2": "dalmatian",
    "2025.1": "epoxy",
    "2025.2": "flamingo",
    "2026.1": "gazpacho",
    "2026.2": "hibiscus",
}
_SERIES_OF_NAME = {name: series for series, name in _NAME_OF_SERIES.items()}

RELEASES: tuple[str, ...] = (*_NAMED, *_NAME_OF_SERIES)
"""Every release that has Cinder, oldest first: by name up to zed, by series from 2023.1."""


def canonical_release(text: str) -> str | None:
    """Return a release as :data:`RELEASES` spells it, None if there is no such release.

    >>> canonical_release("Gazpacho"), canonical_release("2026.1"), canonical_release("zed")
    ('2026.1', '2026.1', 'zed')
    """
    word = text.strip().lower()
    found = _SERIES_OF_NAME.get(word, word)
    return found if found in RELEASES else None


def release_names() -> tuple[str, ...]:
    """Return every spelling of a release, oldest first."""
    later = [word for series, name in _NAME_OF_SERIES.items() for word in (series, name)]
    return (*_NAMED, *later)


def is_since(release: str, first: str) -> bool:
    """Return whether a release of :data:`RELEASES` is ``first`` or later.

    >>> is_since("2023.1", "zed"), is_since("havana", "zed")
    (True, False)
    """
    return RELEASES.index(release) >= RELEASES.index(first)
