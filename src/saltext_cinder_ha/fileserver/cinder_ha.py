"""
Serve the formula that comes with this package, without copying it anywhere.

Enable it in the configuration of the master, or of a masterless minion:

.. code-block:: yaml

    fileserver_backend:
      - roots
      - cinder_ha

``roots`` comes first, so that a file of the same path in ``file_roots`` wins: this is how to override
a single template. The files are in the environment ``base`` only.

There is deliberately no ``symlink_list``: Salt's file server uses only the last backend's answer and
would lose the links in ``roots``; the formula has none. Nor is there an ``update``: the files only
change with the package.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import salt.fileserver
import salt.utils.gzip_util
import salt.utils.hashutils

from saltext_cinder_ha.formula import formula_path

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __opts__

__virtualname__ = "cinder_ha"

_SALTENV = "base"


def __virtual__() -> str | tuple[bool, str]:
    try:
        formula_path()
    except FileNotFoundError as error:
        return False, str(error)
    return __virtualname__


def envs() -> list[str]:
    """Return the environments that the formula is in: ``base``."""
    return [_SALTENV]


def find_file(path: str, saltenv: str = _SALTENV, **_options: Any) -> dict[str, Any]:
    """
    Find one file of the formula.

    :param path: relative to the file server's root, for example ``cinder_ha/init.sls``
    :param saltenv: the environment to look in
    :return: ``path`` (absolute), ``rel`` and ``stat``; empty paths if there is no such file
    """
    found = _locate(path) if saltenv == _SALTENV else None
    if found is None:
        return {"path": "", "rel": ""}
    relative = os.path.relpath(found, formula_path())
    return {"path": str(found), "rel": relative, "stat": list(found.stat())}


def serve_file(load: dict[str, Any], fnd: dict[str, Any]) -> dict[str, Any]:
    """
    Return one chunk of a file that :func:`find_file` found.

    :param load: ``loc`` (offset in bytes) and optionally ``gzip`` (level 1 to 9)
    :param fnd: what :func:`find_file` returned
    :return: ``data`` (empty past the end), ``dest`` and, if compressed, ``gzip``
    """
    found = _locate(fnd["rel"])
    if found is None:
        return {"data": "", "dest": ""}
    with found.open("rb") as stream:
        stream.seek(load["loc"])
        chunk = stream.read(__opts__["file_buffer_size"])
    level = load.get("gzip")
    if level and chunk:
        packed = salt.utils.gzip_util.compress(chunk, level)
        return {"data": packed, "dest": fnd["rel"], "gzip": level}
    return {"data": chunk, "dest": fnd["rel"]}


def file_hash(load: dict[str, Any], fnd: dict[str, Any]) -> dict[str, str]:
    """
    Return the checksum of a file that :func:`find_file` found.

    :param load: the client's request, unused
    :param fnd: what :func:`find_file` returned
    :return: ``hsum`` and ``hash_type`` (the option ``hash_type``); empty if there is no such file
    """
    found = _locate(fnd["rel"])
    if found is None:
        return {}
    hash_type = __opts__["hash_type"]
    return {"hash_type": hash_type, "hsum": salt.utils.hashutils.get_hash(str(found), hash_type)}


def file_list(load: dict[str, Any]) -> list[str]:
    """Return the relative paths of the formula's files; none outside ``base``."""
    return sorted(path for path, folder in _tree(load["saltenv"]) if not folder)


def dir_list(load: dict[str, Any]) -> list[str]:
    """Return the relative paths of the formula's directories; none outside ``base``."""
    return sorted(path for path, folder in _tree(load["saltenv"]) if folder)


def _locate(path: str) -> Path | None:
    """Return the file at ``path`` if clients may have it, else None."""
    root = formula_path()
    full = os.path.join(root, os.path.normpath(path))
    # isfile() first: it returns False for a path that no file system accepts, where the others raise.
    if not os.path.isfile(full) or salt.fileserver.is_file_ignored(__opts__, path):
        return None
    inside = Path(full).resolve().is_relative_to(root.resolve())
    return Path(full) if inside else None


def _tree(saltenv: str) -> Iterator[tuple[str, bool]]:
    """Yield each path below the root, relative to it, and whether it is a directory."""
    if saltenv != _SALTENV:
        return
    root = formula_path()
    for folder, subfolders, files in os.walk(root):
        for name in (*subfolders, *files):
            path = os.path.relpath(os.path.join(folder, name), root)
            if not salt.fileserver.is_file_ignored(__opts__, path):
                yield path, name in subfolders
