"""Compiled texts on disk, so that an unchanged one starts no tool again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...common.errors import StorageError
from ...common.files import write_private

_MOST_KEPT = 200


class Cache:
    """A folder of declarations by key; what they hold has to be free of secrets.

    :param folder: where they are; made at the first write, for this user only
    :param writable: False: look into it, and leave it as it is
    """

    def __init__(self, folder: Path, *, writable: bool = True):
        self._folder = folder
        self._writable = writable

    def read(self, key: str) -> dict[str, Any] | None:
        """What was kept under a key, None where that is nothing, or damaged."""
        try:
            found = json.loads(self._file(key).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as error:
            raise self._unusable(error) from None
        return found if isinstance(found, dict) else None

    def write(self, key: str, declaration: Mapping[str, Any]) -> None:
        """Keep a declaration; the oldest go when there are many."""
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
        return StorageError(f"compiled texts cannot be kept in {self._folder}: {error.strerror}")
