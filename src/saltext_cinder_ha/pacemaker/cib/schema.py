"""Validation against the installed Pacemaker's own RelaxNG schema, as the last check before a write."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from lxml import etree

from ..errors import CibError
from .document import Cib

_DEFAULT_FOLDER = "/usr/share/pacemaker"
_FOLDER_VARIABLE = "PCMK_schema_directory"


def violation(cib: Cib) -> str | None:
    """Return how a CIB violates its schema, None if it does not or the schema is not installed."""
    schema = _load(_folder(), cib.schema)
    if schema is None or schema.validate(cib.root):
        return None
    # RelaxNG blames the first sibling that it tried; the last line is closest to the cause.
    entry = schema.error_log.last_error
    return "unknown violation" if entry is None else entry.message


def require_known(name: str, origin: str) -> None:
    """Raise :class:`CibError` if Pacemaker's schemas are installed, but ``name`` is not among them."""
    installed = [path.stem for path in Path(_folder()).glob("pacemaker-*.rng")]
    if name in installed or name in ("", "none") or not installed:
        return
    newest = max(installed, key=_numbers)
    if _numbers(name) > _numbers(newest):
        raise CibError(
            f"the CIB in {origin} uses the schema {name}, but the newest one that the installed Pacemaker "
            f"tools know is {newest}; upgrade them"
        )
    raise CibError(f"the CIB in {origin} names the schema {name!r}, which Pacemaker does not know")


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,9}", name))


def _folder() -> str:
    return os.environ.get(_FOLDER_VARIABLE, _DEFAULT_FOLDER)


@lru_cache(maxsize=4)
def _load(folder: str, name: str) -> etree.RelaxNG | None:
    path = Path(folder) / f"{name}.rng"
    return etree.RelaxNG(etree.parse(str(path))) if path.is_file() else None
