"""Flags of nodes until their restart, which no patch of the configuration reaches."""

from __future__ import annotations

from collections.abc import Sequence

from ..cib.document import Cib
from ..cib.patch import status_difference
from ..store.model import Store
from ..store.swap import PlainPatch, swap
from .edits import TransientFlag
from .tool_commands import run


def take_back(store: Store, flags: Sequence[TransientFlag], tool: str, *, timeout: float) -> None:
    """Let the cluster forget flags: its attribute manager, and then the CIB.

    :param tool: ``pcs`` or ``crm``
    :param timeout: seconds for each run of the tool, and for the write
    :raises ToolFailedError: the tool refuses
    :raises ContentionError: others wrote faster each time
    """
    if not store.is_sandbox:
        # From the CIB alone, a flag would come back with the attribute manager's next write.
        for flag in flags:
            run(flag.command(tool), timeout=timeout)
    # What "crm node standby NODE reboot" wrote is in the CIB alone.
    swap(store, lambda cib: PlainPatch(status_difference(cib, _without(cib, flags))), timeout=timeout)


def _without(cib: Cib, flags: Sequence[TransientFlag]) -> Cib:
    copy = cib.copy()
    path = "node_state[@uname=$node]/transient_attributes/instance_attributes/nvpair[@name=$flag]"
    for flag in flags:
        for pair in copy.status.xpath(path, node=flag.node, flag=flag.flag):
            pair.getparent().remove(pair)
    return copy
