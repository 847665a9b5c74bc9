"""Read a CIB, and patch one, through ``cibadmin``."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from ...common import process
from ...common.errors import DeclarationError, SaltextError, ToolFailedError
from ..errors import CibError, ClusterNotRunningError
from . import exit_codes


class Push(Enum):
    """How a patch was answered."""

    COMMITTED = "committed"
    STALE = "stale"
    """The patch was made for a version that is not the current one; nothing was written."""


def query(*, timeout: float) -> bytes:
    """Return the CIB of the cluster that this node belongs to.

    :param timeout: seconds that the program may take
    :raises ClusterNotRunningError: the cluster's daemons do not answer on this node
    """
    answer = process.run(["cibadmin", "--query"], timeout=timeout)
    if answer.returncode != exit_codes.OK:
        raise failure(answer)
    return answer.stdout


def patch(patchset: bytes, *, cib_file: Path | None = None, timeout: float) -> Push:
    """Apply a patchset as a whole, or nothing of it.

    :param cib_file: patch the CIB in this file; None: that of the cluster
    :param timeout: seconds that the program may take
    :raises DeclarationError: the schema does not allow the resulting configuration
    :raises ClusterNotRunningError: the cluster's daemons do not answer on this node
    """
    answer = process.run(
        ["cibadmin", "--patch", "--xml-pipe"],
        # By standard input: the patchset may hold secrets, and arguments are public.
        stdin=patchset,
        settings={} if cib_file is None else {"CIB_file": str(cib_file)},
        timeout=timeout,
    )
    if answer.returncode == exit_codes.OK:
        return Push.COMMITTED
    if answer.returncode in (exit_codes.OLD, exit_codes.ERROR):
        # ERROR stands for a source that this node has not seen yet, or an object gone meanwhile.
        return Push.STALE
    raise failure(answer)


def failure(answer: process.Completed) -> SaltextError:
    """Return an error in our words: what the tool prints may show the rejected CIB with its secrets."""
    if answer.returncode == exit_codes.DISCONNECT:
        return ClusterNotRunningError(
            "the cluster does not run on this node: start Pacemaker here, or set pacemaker:cib_file to work "
            "on a file"
        )
    if answer.returncode == exit_codes.CONFIG:
        return DeclarationError("", "Pacemaker's schema does not allow the resulting configuration")
    if answer.returncode == exit_codes.PROTOCOL:
        return CibError(
            "the CIB was written by a newer Pacemaker (crm_feature_set) than the tools installed here"
        )
    if answer.returncode == exit_codes.NO_SUCH:
        return CibError("the CIB does not exist")
    return ToolFailedError(f"{answer.program} failed with the exit code {answer.returncode}")
