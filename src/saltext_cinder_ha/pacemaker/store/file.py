"""A CIB in a file, with a simulated cluster: the sandbox."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...common.errors import StorageError, ToolFailedError
from ...common.files import private_copy
from ..cib.document import Cib
from ..cib.schema import require_known
from ..errors import CibError, ContentionError
from ..programs import cibadmin
from ..programs.cibadmin import Push
from ..scheduler import simulated_cluster

_LOCK_POLL_SECONDS = 0.01


class FileStore:
    """A CIB in a file: the same tools without daemons; ``crm_simulate`` simulates the cluster.

    A missing file stands for a cluster of ``nodes`` without configuration; the first write creates it.
    Pacemaker's tools rewrite a file in place, without a lock. This store holds a lock during each write, and
    replaces the file atomically.
    """

    is_sandbox = True

    def __init__(self, path: str | os.PathLike[str], nodes: Sequence[str], timeout: float):
        self._path = Path(os.path.realpath(path))
        self._nodes = tuple(nodes)
        self._timeout = timeout
        self.origin = str(path)

    def read(self) -> Cib:
        try:
            if self._path.exists() and not self._path.is_file():
                raise StorageError(f"{self.origin} is not a regular file; cib_file should name one")
            xml = self._path.read_bytes()
        except FileNotFoundError:
            return Cib.parse(self._fresh(), self.origin)
        except OSError as error:
            raise StorageError(f"{self.origin} cannot be read: {error.strerror}") from None
        cib = Cib.parse(xml, self.origin)
        require_known(cib.schema, self.origin)
        return cib

    def push(self, patchset: bytes) -> Push:
        with self._locked():
            self._make_if_missing()
            before = self._path.read_bytes()
            with self._replacement(before) as copy:
                result = cibadmin.patch(patchset, cib_file=copy, timeout=self._timeout)
                if result is Push.COMMITTED:
                    _require_written(before, copy.read_bytes())
                    self._replace(copy)
        return result

    def settle(self, timeout: float) -> bool:
        with self._locked():
            settled = simulated_cluster.settle(self._path.read_bytes(), timeout=timeout)
            with self._replacement(settled.cib_xml) as copy:
                self._replace(copy)
        return settled.idle

    def _fresh(self) -> bytes:
        return simulated_cluster.new_cib(self._nodes, timeout=self._timeout)

    def _make_if_missing(self) -> None:
        if not self._path.exists():
            with self._replacement(self._fresh()) as copy:
                self._replace(copy)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold a lock on the file's folder, because each write replaces the file itself."""
        folder = self._open_folder()
        deadline = time.monotonic() + self._timeout
        try:
            while not _try_lock(folder):
                if time.monotonic() > deadline:
                    raise ContentionError(
                        f"{self.origin} has been locked by another process for {self._timeout:g} s; try again"
                    )
                time.sleep(_LOCK_POLL_SECONDS)
            yield
        finally:
            os.close(folder)

    def _open_folder(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise self._unwritable(error) from None

    @contextlib.contextmanager
    def _replacement(self, content: bytes) -> Iterator[Path]:
        """Yield a private file next to the real one; delete it at the end unless it was moved."""
        with contextlib.ExitStack() as stack:
            try:
                copy = stack.enter_context(private_copy(self._path, content))
            except OSError as error:
                raise self._unwritable(error) from None
            yield copy

    def _replace(self, copy: Path) -> None:
        try:
            with contextlib.suppress(FileNotFoundError):
                status = self._path.stat()
                os.chmod(copy, status.st_mode & 0o777)
                os.chown(copy, status.st_uid, status.st_gid)
            _flush(copy)
            copy.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self.origin} cannot be written: {error.strerror} ({self._path.parent}); make the folder "
            "writable for the user that runs this"
        )


def _try_lock(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _require_written(before: bytes, after: bytes) -> None:
    """Check the file after cibadmin: it may report success although it did nothing, or damaged the CIB."""
    try:
        old, new = (Cib.parse(xml, "the sandbox").version for xml in (before, after))
    except CibError:
        raise ToolFailedError("cibadmin produced a CIB that is not valid XML; nothing was written") from None
    if new <= old:
        raise ToolFailedError("cibadmin reported success, but did not apply the change; nothing was written")
