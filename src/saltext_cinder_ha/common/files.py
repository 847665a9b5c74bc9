"""A place for what the tools take from files only and nobody else may read."""

from __future__ import annotations

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import StorageError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A folder of mode 0700 among the temporary files, gone at the end with all that it holds.

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
