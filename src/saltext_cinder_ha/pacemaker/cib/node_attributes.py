"""The attributes of nodes (Pacemaker Explained, "Node Attributes"): lasting ones, and those until a restart.

Where both give a name, the transient one counts, for ``standby`` and ``maintenance`` as well.
"""

from __future__ import annotations

from . import nvpairs
from .document import Cib


def lasting(cib: Cib, node: str) -> dict[str, str]:
    """The attributes of a node that the configuration holds."""
    found = cib.configuration.xpath("nodes/node[@uname=$node]", node=node)
    return {name: value for e in found for name, value in nvpairs.read(e, "instance_attributes").items()}


def transient(cib: Cib, node: str) -> dict[str, str]:
    """The attributes of a node that its restart ends; the cluster's attribute manager keeps them."""
    found = cib.status.xpath("node_state[@uname=$node]/transient_attributes", node=node)
    return {name: value for e in found for name, value in nvpairs.read(e, "instance_attributes").items()}
