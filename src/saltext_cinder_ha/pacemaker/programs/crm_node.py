"""The name of this machine as a cluster node, from ``crm_node``."""

from __future__ import annotations

from ...common import process
from ..errors import ClusterNotRunningError


def local_node(*, timeout: float) -> str:
    """Return the node name of this machine in the cluster, which may differ from its host name.

    :param timeout: seconds until ``crm_node`` is terminated
    :raises ClusterNotRunningError: this machine is not in a cluster, or its cluster is not running
    """
    answer = process.run(["crm_node", "--name"], timeout=timeout)
    name = answer.stdout.decode(errors="replace").strip()
    if answer.returncode != 0 or not name:
        raise ClusterNotRunningError(
            "the cluster is not running on this node: start Pacemaker here, or set pacemaker:cib_file to "
            "work on a file"
        )
    return name
