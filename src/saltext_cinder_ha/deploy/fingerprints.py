"""Keep fingerprints of what each service was last seen running with, in a file of the node's own."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..common.errors import StorageError
from ..common.files import rooted, write_private

FOLDER = "/var/lib/saltext-cinder-ha"
"""The folder in which a node keeps what the next run has to know."""


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints by service, and the key without which no password can be guessed from them."""

    key: bytes = field(repr=False)
    known: Mapping[str, str] = field(default_factory=dict)

    def of(self, content: Any) -> str:
        """Return the fingerprint of anything that JSON can hold.

        >>> prints = Fingerprints(b"key")
        >>> prints.of(["a", 1]) == prints.of(["a", 1]), prints.of("a") == prints.of("b")
        (True, False)
        """
        return hmac.new(self.key, json.dumps(content).encode(), hashlib.sha256).hexdigest()

    def noting(self, service: str, fingerprint: str) -> Fingerprints:
        """Return these with another fingerprint of a service."""
        return replace(self, known={**self.known, service: fingerprint})


def path_of(root: str | None, node: str) -> Path:
    """Return where a node's fingerprints are; ``root`` is None on a cluster."""
    return rooted(f"{FOLDER}/running-{node}.json", root)


def read_fingerprints(path: Path) -> Fingerprints:
    """Read a node's fingerprints; a file that is missing or damaged yields an empty set.

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
        write_private(path, content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from None
