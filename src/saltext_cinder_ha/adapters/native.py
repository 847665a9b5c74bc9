"""Cache compiled native text, and make a change out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..common.fields import boolean
from ..common.files import rooted
from ..pacemaker.native.cache import Cache
from ..pacemaker.native.compile import Compiled
from .change import ClusterChange
from .context import settings_of


def cache_of(opts: Mapping[str, Any], *, writable: bool) -> Cache:
    """Return this minion's cache of compiled texts; in the sandbox, it is below the root."""
    folder = Path(opts["cachedir"], "saltext_cinder_ha", "native")
    return Cache(rooted(folder, settings_of(opts).root), writable=writable)


def change_of(compiled: Compiled, document: str | None, how: Mapping[str, Any]) -> ClusterChange:
    """Return the change that a compiled text describes.

    :param how: ``adopt``, and what :meth:`ClusterChange.parse` accepts
    """
    more = {"adopt": boolean(how.get("adopt", False), "adopt")}
    change = ClusterChange.parse({**compiled.declaration, **more}, document, how)
    return replace(change, remake=lambda cib: {**compiled.remake(cib), **more})


def notes_of(compiled: Compiled) -> list[str]:
    """Return the notes about the text itself, as sentences."""
    return [f"Note: {note}." for note in compiled.notes]
