"""Locks: on a node, and between nodes."""

from __future__ import annotations

from .model import DEFAULT, Options, Target, option

_LOCK_PATH = "/var/lib/cinder/tmp"


def coordination_options(target: Target) -> Options:
    """Yield the options for locks.

    ``lock_path`` is the installation guide's, in ``[oslo_concurrency]`` since Kilo. Mitaka added Tooz
    (``[coordination]``), which keeps its locks in files on the node by default.
    """
    section = "oslo_concurrency" if target.since("kilo") else DEFAULT
    yield option(section, "lock_path", _LOCK_PATH, "config.oslo_concurrency.lock_path")
    url = target.site.coordination.url
    if url is not None and target.since("mitaka"):
        yield option("coordination", "backend_url", url.reveal(), "coordination.url")
