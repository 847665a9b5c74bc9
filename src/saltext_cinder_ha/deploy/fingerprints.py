"""Record, in a file on the node, fingerprints of the configuration that each service runs with."""

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
"""The directory in which a node records what later runs need."""


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints by service, and the key that protects the passwords in them from guessing."""

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
        """Return a copy with a new fingerprint of a service."""
        return replace(self, known={**self.known, service: fingerprint})


def path_of(root: str | None, node: str) -> Path:
    """Return the path of a node's fingerprints; ``root`` is None on a cluster."""
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
        # At worst, a service restarts once too often.
        return Fingerprints(secrets.token_bytes(32))
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from None


def write_fingerprints(path: Path, fingerprints: Fingerprints) -> None:
    """Write a node's fingerprints, readable by their owner only.

    :raises StorageError: the file cannot be written
    """
    content = json.dumps({"key": fingerprints.key.hex(), "known": dict(fingerprints.known)})
    try:
        write_private(path, content)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from None
