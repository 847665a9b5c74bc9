"""Read the generated files, in which each row has ranges of releases with the same facts."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ....site import RELEASES

Facts = Mapping[str, Any]
Ranges = Mapping[str, list[tuple[str, str, Facts]]]
"""By row: the first and the last release, inclusive, and the facts for them; oldest first."""

_ORDER = {release: place for place, release in enumerate(RELEASES)}


@lru_cache(maxsize=2)
def ranges_of(file: str) -> Ranges:
    """Return the contents of a generated file of this package."""
    found: Ranges = json.loads((files(__package__) / file).read_text(encoding="utf-8"))
    return found


def rows_at(ranges: Ranges, release: str) -> Iterator[tuple[str, Facts]]:
    """Yield the rows of a release."""
    for row, held in ranges.items():
        for first, last, facts in held:
            if is_within(release, first, last):
                yield row, facts


def is_within(release: str, first: str, last: str) -> bool:
    """Return whether a release is in a range."""
    return _ORDER[first] <= _ORDER[release] <= _ORDER[last]


def release_after(release: str) -> str:
    """Return the next release.

    >>> release_after("zed")
    '2023.1'
    """
    return RELEASES[RELEASES.index(release) + 1]


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the most similar word, None if none is similar.

    >>> nearest("api_paste_confg", ["api_paste_config", "api_rate_limit"])
    'api_paste_config'
    """
    return next(iter(difflib.get_close_matches(word, list(words), n=1, cutoff=0.84)), None)
