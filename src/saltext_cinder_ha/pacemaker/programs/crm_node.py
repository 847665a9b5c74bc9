"""What this machine is in its cluster."""

from __future__ import annotations

from ...common import process
from ..errors import ClusterNotRunningError


def local_node(*, timeout: float) -> str:
    """Return the name that the cluster knows this machine by; its host name may be another one.

    :param timeout: seconds that ``crm_node`` may take
    :raises ClusterNotRunningError: this machine is in no cluster, or its cluster does not run
    """
    answer = process.run(["crm_node", "--name"], timeout=timeout)
    name = answer.stdout.decode(errors="replace").strip()
    if answer.returncode != 0 or not name:
        raise ClusterNotRunningError(
            "the cluster does not run on this node: start Pacemaker here, or set pacemaker:cib_file to work "
            "on a file"
        )
    return name
