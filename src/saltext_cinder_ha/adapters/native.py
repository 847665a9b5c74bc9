"""What the Salt adapters of native text share: where compiled texts are kept, and how one is declared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..common.fields import boolean
from ..pacemaker.cluster import Cluster
from ..pacemaker.native.cache import Cache
from ..pacemaker.native.compile import Compiled
from .context import declare, settings_of


def cache_of(opts: Mapping[str, Any], *, writable: bool) -> Cache:
    """Where this minion keeps compiled texts; in the sandbox that is below its root."""
    folder = Path(opts["cachedir"], "saltext_cinder_ha", "native")
    settings = settings_of(opts)
    if settings.cib_file and settings.sandbox_root:
        folder = Path(settings.sandbox_root, folder.relative_to(folder.anchor))
    return Cache(folder, writable=writable)


def declare_text(
    cluster: Cluster, name: str, compiled: Compiled, *, adopt: Any = False, **how: Any
) -> dict[str, Any]:
    """Apply compiled text, or with ``test`` only foretell it, and answer as a state."""
    more = {"adopt": boolean(adopt, "adopt")}
    declaration = {**compiled.declaration, **more}
    answer = declare(cluster, name, declaration, remake=lambda cib: {**compiled.remake(cib), **more}, **how)
    return {**answer, "comment": "\n".join([answer["comment"], *notes_of(compiled)])}


def notes_of(compiled: Compiled) -> list[str]:
    """What to tell about the text itself."""
    return [f"Note: {note}." for note in compiled.notes]
