"""A cache of compiled texts on disk, so that an unchanged text needs no tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...common.errors import StorageError
from ...common.files import write_private

_MOST_KEPT = 200


class Cache:
    """A folder of declarations by key; they must not contain secrets.

    :param folder: the folder, created at the first write and private to this user
    :param writable: False: only read the cache
    """

    def __init__(self, folder: Path, *, writable: bool = True):
        self._folder = folder
        self._writable = writable

    def read(self, key: str) -> dict[str, Any] | None:
        """Return the declaration for a key, None if it is missing or damaged."""
        try:
            found = json.loads(self._file(key).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as error:
            raise self._unusable(error) from None
        return found if isinstance(found, dict) else None

    def write(self, key: str, declaration: Mapping[str, Any]) -> None:
        """Store a declaration; delete the oldest ones beyond the limit."""
        if not self._writable:
            return
        try:
            write_private(self._file(key), json.dumps(declaration))
            self._drop_oldest()
        except OSError as error:
            raise self._unusable(error) from None

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _drop_oldest(self) -> None:
        kept = sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for file in kept[_MOST_KEPT:]:
            file.unlink(missing_ok=True)

    def _unusable(self, error: OSError) -> StorageError:
        return StorageError(f"cannot store compiled text in {self._folder}: {error.strerror}")
