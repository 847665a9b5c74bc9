"""Files: private directories, atomic writes, and paths below the root of a sandbox."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import StorageError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """Create a temporary directory of mode 0700, and remove it with its contents at the end.

    :raises StorageError: it cannot be created, or there is no space for its contents
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="saltext-cinder-ha-")
    except OSError as error:
        raise StorageError(
            f"cannot create a temporary directory: {error.strerror} ({error.filename}); set TMPDIR to a "
            "directory that this user can write to"
        ) from None
    with folder as name:
        try:
            yield Path(name)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise StorageError(
                f"no space for temporary files: {error.strerror} ({tempfile.gettempdir()}); free some, or "
                "set TMPDIR to a directory that has space"
            ) from None


def rooted(path: str | os.PathLike[str], root: str | None) -> Path:
    """Return a path of the machine as it is below a directory that stands for ``/``.

    >>> rooted("/etc/cinder/cinder.conf", "/box"), rooted("/etc/cinder/cinder.conf", None)
    (PosixPath('/box/etc/cinder/cinder.conf'), PosixPath('/etc/cinder/cinder.conf'))

    :param path: an absolute path
    :param root: the directory; None: ``/`` itself
    """
    place = Path(path)
    return Path(root, place.relative_to(place.anchor)) if root else place


@contextlib.contextmanager
def private_copy(path: Path, content: bytes) -> Iterator[Path]:
    """Create a file of mode 0600 next to ``path``, and remove it at the end unless it replaced ``path``.

    :raises OSError: it cannot be created or written
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 atomically: a reader sees the old content or the new one.

    :raises OSError: the file or its directory cannot be written
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private_copy(path, text.encode()) as copy:
        copy.replace(path)
