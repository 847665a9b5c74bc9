"""Flags of nodes until their restart, which no patch of the configuration reaches."""

from __future__ import annotations

import time
from collections.abc import Sequence

from .. import node_attributes
from ..errors import ToolFailedError
from ..store import Store
from .edits import TransientFlag
from .file_status import change_file_status
from .tool import edited, run

_POLL_SECONDS = 0.1


def take_back(store: Store, flags: Sequence[TransientFlag], tool: str, *, timeout: float) -> None:
    """Take flags away, by the cluster's attribute manager if there is one, and wait until the CIB shows it.

    :param tool: ``pcs`` or ``crm``
    :param timeout: seconds for each run of the tool, and for the wait
    :raises ToolFailedError: the tool refuses, or the CIB does not follow in time
    """
    if store.is_sandbox:
        change_file_status(store, lambda cib: edited(cib, flags, tool, timeout=timeout), timeout=timeout)
        return
    for flag in flags:
        run(flag.command(tool), timeout=timeout)
    _wait_until_gone(store, flags, timeout)


def _wait_until_gone(store: Store, flags: Sequence[TransientFlag], timeout: float) -> None:
    # The attribute manager writes after it has answered, and tells nobody when.
    deadline = time.monotonic() + timeout
    while True:
        cib = store.read()
        left = [f for f in flags if f.flag in node_attributes.transient(cib, f.node)]
        if not left:
            return
        if time.monotonic() > deadline:
            shown = ", ".join(f"{flag.flag} of {flag.node}" for flag in left)
            raise ToolFailedError(f"the cluster has not forgotten {shown} within {timeout:g} s")
        time.sleep(_POLL_SECONDS)
