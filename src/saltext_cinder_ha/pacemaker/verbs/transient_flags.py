"""Transient flags of nodes, which are not part of the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from ..cib.document import Cib
from ..cib.patch import status_difference
from ..store.model import Store
from ..store.swap import PlainPatch, swap
from .edits import TransientFlag
from .tool_commands import run


def remove_flags(store: Store, flags: Sequence[TransientFlag], tool: str, *, timeout: float) -> None:
    """Remove flags from the cluster: from its attribute manager first, then from the CIB.

    :param tool: ``pcs`` or ``crm``
    :param timeout: seconds for each run of the tool, and for the write
    :raises ToolFailedError: the tool failed
    :raises ContentionError: other writers were faster each time
    """
    if not store.is_sandbox:
        # Removed from the CIB alone, a flag would return with the attribute manager's next write.
        for flag in flags:
            run(flag.command(tool), timeout=timeout)
    # "crm node standby NODE reboot" writes only to the CIB.
    swap(store, lambda cib: PlainPatch(status_difference(cib, _without(cib, flags))), timeout=timeout)


def _without(cib: Cib, flags: Sequence[TransientFlag]) -> Cib:
    copy = cib.copy()
    path = "node_state[@uname=$node]/transient_attributes/instance_attributes/nvpair[@name=$flag]"
    for flag in flags:
        for pair in copy.status.xpath(path, node=flag.node, flag=flag.flag):
            pair.getparent().remove(pair)
    return copy
