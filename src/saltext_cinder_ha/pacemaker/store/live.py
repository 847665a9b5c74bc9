"""Where a CIB lives: on the cluster, or in a file with a simulated cluster around it (the sandbox)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Protocol

from ...common import process
from ...common.errors import DeclarationError, StorageError, ToolFailedError
from ..cib.document import Cib
from ..cib.schema import require_known
from ..errors import CibError, ClusterNotRunningError, ContentionError
from ..scheduler import simulated_cluster

# Pacemaker's include/crm/common/results.h
_EX_OK = 0
_EX_ERROR = 1
_EX_PROTOCOL = 76
_EX_CONFIG = 78
_EX_DISCONNECT = 102
_EX_OLD = 103
_EX_NOSUCH = 105

_LOCK_POLL_SECONDS = 0.01


class Push(Enum):
    """How the cluster answered to a patch."""

    COMMITTED = "committed"
    STALE = "stale"
    """The patch was made for a version that is not the current one; nothing was written."""


class Store(Protocol):
    """What a transaction needs of the place where a CIB lives."""

    is_sandbox: bool
    origin: str

    def read(self) -> Cib:
        """The CIB as it is now."""

    def push(self, patchset: bytes) -> Push:
        """Apply a patchset as a whole, or nothing of it."""

    def settle(self, timeout: float) -> bool:
        """Wait until the cluster has nothing left to do; False when the time, in seconds, is up."""


class LiveStore:
    """The CIB of the cluster that this node belongs to."""

    is_sandbox = False
    origin = "the cluster"

    def __init__(self, timeout: float):
        self._timeout = timeout

    def read(self) -> Cib:
        answer = process.run(["cibadmin", "--query"], timeout=self._timeout)
        if answer.returncode != _EX_OK:
            raise _failure(answer)
        return Cib.parse(answer.stdout, self.origin)

    def push(self, patchset: bytes) -> Push:
        return _push(patchset, {}, self._timeout)

    def settle(self, timeout: float) -> bool:
        answer = process.run(
            ["crm_resource", "--wait", f"--timeout={max(1, int(timeout))}"], timeout=timeout + 10
        )
        if answer.returncode == _EX_DISCONNECT:
            raise _failure(answer)
        return answer.returncode == _EX_OK


class FileStore:
    """A CIB in a file: the same tools, no daemon; ``crm_simulate`` plays the cluster.

    A file that is not there is a cluster of ``nodes`` that has nothing configured; the first write makes it.
    Pacemaker's tools take no lock on a file and rewrite it in place; here a lock is held for each write, and
    a finished file replaces the old one.
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
                raise StorageError(f"{self.origin} is no regular file, as a CIB file should be")
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
                result = _push(patchset, {"CIB_file": str(copy)}, self._timeout)
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
        """Hold the lock of the file's folder: the file itself is replaced with every write."""
        folder = self._open_folder()
        deadline = time.monotonic() + self._timeout
        try:
            while not _try_lock(folder):
                if time.monotonic() > deadline:
                    raise ContentionError(
                        f"{self.origin} is locked by another process since {self._timeout:g} s"
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
        """A private file beside the real one, gone at the end unless it took its place."""
        try:
            handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        except OSError as error:
            raise self._unwritable(error) from None
        copy = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            yield copy
        finally:
            copy.unlink(missing_ok=True)

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
            f"{self.origin} cannot be written: {error.strerror} ({self._path.parent}); the folder should be "
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


def _push(patchset: bytes, settings: dict[str, str], timeout: float) -> Push:
    # By standard input: the patchset may hold secrets, and arguments are public.
    answer = process.run(
        ["cibadmin", "--patch", "--xml-pipe"], stdin=patchset, settings=settings, timeout=timeout
    )
    if answer.returncode == _EX_OK:
        return Push.COMMITTED
    if answer.returncode in (_EX_OLD, _EX_ERROR):
        # 1 stands for a source that this node has not seen yet, or an object gone meanwhile.
        return Push.STALE
    raise _failure(answer)


def _require_written(before: bytes, after: bytes) -> None:
    """Hold cibadmin to its word: it may say that all is well and have done nothing, or damage."""
    try:
        old, new = (Cib.parse(xml, "the sandbox").version for xml in (before, after))
    except CibError:
        raise ToolFailedError("cibadmin made a CIB that is no XML; nothing is written") from None
    if new <= old:
        raise ToolFailedError("cibadmin did not carry the change out; nothing is written")


def _failure(answer: process.Completed) -> Exception:
    """An error in our words: what the tool prints may show the rejected CIB with its secrets."""
    if answer.returncode == _EX_DISCONNECT:
        return ClusterNotRunningError(
            "the cluster does not run on this node: start Pacemaker here, or set pacemaker:cib_file to work "
            "on a file"
        )
    if answer.returncode == _EX_CONFIG:
        return DeclarationError("", "Pacemaker's schema does not allow the resulting configuration")
    if answer.returncode == _EX_PROTOCOL:
        return CibError(
            "the CIB was written by a newer Pacemaker (crm_feature_set) than the tools installed here"
        )
    if answer.returncode == _EX_NOSUCH:
        return CibError("the CIB does not exist")
    return ToolFailedError(f"{answer.program} failed with the exit code {answer.returncode}")
