"""The installed Pacemaker's own RelaxNG schema as the last net before a write."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from lxml import etree

from .cib import Cib

_DEFAULT_FOLDER = "/usr/share/pacemaker"


def violation(cib: Cib) -> str | None:
    """What the schema says against a CIB, None when nothing or when the schema is not installed here."""
    schema = _load(_folder(), cib.schema)
    if schema is None or schema.validate(cib.root):
        return None
    # RelaxNG blames the first sibling that it tried; the last line is the nearest to the cause.
    entry = schema.error_log.last_error
    return "unknown violation" if entry is None else entry.message


def _folder() -> str:
    return os.environ.get("PCMK_schema_directory", _DEFAULT_FOLDER)


@lru_cache(maxsize=4)
def _load(folder: str, name: str) -> etree.RelaxNG | None:
    path = Path(folder) / f"{name}.rng"
    return etree.RelaxNG(etree.parse(str(path))) if path.is_file() else None
