"""Query and patch a CIB with ``cibadmin``."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from ...common import process
from ...common.errors import DeclarationError, SaltextError, ToolFailedError
from ..errors import CibError, ClusterNotRunningError
from . import exit_codes


class Push(Enum):
    """The result of a patch."""

    COMMITTED = "committed"
    STALE = "stale"
    """The patch was made for an outdated version; nothing was written."""


def query(*, timeout: float) -> bytes:
    """Return the CIB of the cluster that this node belongs to.

    :param timeout: seconds until the program is terminated
    :raises ClusterNotRunningError: the cluster's daemons do not respond on this node
    """
    answer = process.run(["cibadmin", "--query"], timeout=timeout)
    if answer.returncode != exit_codes.OK:
        raise failure(answer)
    return answer.stdout


def patch(patchset: bytes, *, cib_file: Path | None = None, timeout: float) -> Push:
    """Apply a patchset completely, or not at all.

    :param cib_file: the file with the CIB to patch; None: the CIB of the cluster
    :param timeout: seconds until the program is terminated
    :raises DeclarationError: the schema does not allow the resulting configuration
    :raises ClusterNotRunningError: the cluster's daemons do not respond on this node
    """
    answer = process.run(
        ["cibadmin", "--patch", "--xml-pipe"],
        # On standard input: the patchset may contain secrets, and arguments are public.
        stdin=patchset,
        settings={} if cib_file is None else {"CIB_file": str(cib_file)},
        timeout=timeout,
    )
    if answer.returncode == exit_codes.OK:
        return Push.COMMITTED
    if answer.returncode in (exit_codes.OLD, exit_codes.ERROR):
        # ERROR means a source version that is new to this node, or an object that has been removed.
        return Push.STALE
    raise failure(answer)


def failure(answer: process.Completed) -> SaltextError:
    """Return an error without the tool's output, which may show the rejected CIB with its secrets."""
    if answer.returncode == exit_codes.DISCONNECT:
        return ClusterNotRunningError(
            "the cluster is not running on this node: start Pacemaker here, or set pacemaker:cib_file to "
            "work on a file"
        )
    if answer.returncode == exit_codes.CONFIG:
        return DeclarationError("", "Pacemaker's schema does not allow the resulting configuration")
    if answer.returncode == exit_codes.PROTOCOL:
        return CibError(
            "the CIB was written by a newer Pacemaker (crm_feature_set) than the tools installed here"
        )
    if answer.returncode == exit_codes.NO_SUCH:
        return CibError("the CIB does not exist")
    return ToolFailedError(f"{answer.program} failed with exit code {answer.returncode}")
