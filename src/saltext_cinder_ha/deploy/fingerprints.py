"""What each service was last seen running with: fingerprints, in a file of the node's own."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..common.errors import StorageError

FOLDER = "/var/lib/saltext-cinder-ha"
"""Where a node keeps what the next run has to know."""


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints by service, and the key without which no password can be guessed from them."""

    key: bytes = field(repr=False)
    known: Mapping[str, str] = field(default_factory=dict)

    def of(self, content: Any) -> str:
        """The fingerprint of anything that JSON can hold.

        >>> prints = Fingerprints(b"key")
        >>> prints.of(["a", 1]) == prints.of(["a", 1]), prints.of("a") == prints.of("b")
        (True, False)
        """
        return hmac.new(self.key, json.dumps(content).encode(), hashlib.sha256).hexdigest()

    def noting(self, service: str, fingerprint: str) -> Fingerprints:
        """These, with another fingerprint of a service."""
        return replace(self, known={**self.known, service: fingerprint})


def path_of(root: str, node: str) -> Path:
    """Return where a node's fingerprints are; ``root`` is empty on a cluster."""
    return Path(f"{root}{FOLDER}/running-{node}.json")


def read_fingerprints(path: Path) -> Fingerprints:
    """Read a node's fingerprints; where there are none, or no readable ones, it begins with none.

    :raises StorageError: the file cannot be opened
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Fingerprints(bytes.fromhex(found["key"]), {k: str(v) for k, v in found["known"].items()})
    except FileNotFoundError:
        return Fingerprints(secrets.token_bytes(32))
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without it a service restarts once too often; that is all.
        return Fingerprints(secrets.token_bytes(32))
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None


def write_fingerprints(path: Path, fingerprints: Fingerprints) -> None:
    """Write a node's fingerprints, for nobody else to read.

    :raises StorageError: the file cannot be written
    """
    content = json.dumps({"key": fingerprints.key.hex(), "known": dict(fingerprints.known)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            os.replace(name, path)
        finally:
            with contextlib.suppress(FileNotFoundError):  # it took its place
                os.unlink(name)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from None
