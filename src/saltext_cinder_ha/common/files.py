"""Files: private folders, a write that is seen whole or not at all, and where a path is in a sandbox."""

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
    """Make a folder of mode 0700 among the temporary files, gone at the end with all that it holds.

    :raises StorageError: it cannot be made, or there is no room for what should be in it
    """
    try:
        folder = tempfile.TemporaryDirectory(prefix="saltext-cinder-ha-")
    except OSError as error:
        raise StorageError(
            f"no folder for temporary files can be made: {error.strerror} ({error.filename}); set TMPDIR "
            "to a folder that the user who runs this may write to"
        ) from None
    with folder as name:
        try:
            yield Path(name)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise StorageError(
                f"there is no room for temporary files: {error.strerror} ({tempfile.gettempdir()}); make "
                "some, or set TMPDIR to a folder that has it"
            ) from None


def rooted(path: str | os.PathLike[str], root: str | None) -> Path:
    """Return where a path of the machine is below a folder that stands for ``/``.

    >>> rooted("/etc/cinder/cinder.conf", "/box"), rooted("/etc/cinder/cinder.conf", None)
    (PosixPath('/box/etc/cinder/cinder.conf'), PosixPath('/etc/cinder/cinder.conf'))

    :param path: an absolute path
    :param root: the folder; None: ``/`` itself
    """
    place = Path(path)
    return Path(root, place.relative_to(place.anchor)) if root else place


@contextlib.contextmanager
def private_copy(path: Path, content: bytes) -> Iterator[Path]:
    """Make a file of mode 0600 beside ``path``, gone at the end unless it took that one's place.

    :raises OSError: it cannot be made or written
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
    """Write a file of mode 0600 at once: whoever reads it finds the old content or the new one.

    :raises OSError: it, or its folder, cannot be written
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private_copy(path, text.encode()) as copy:
        copy.replace(path)
