"""Permanent and transient node attributes (Pacemaker Explained, "Node Attributes").

A transient attribute overrides a permanent one of the same name, ``standby`` and ``maintenance`` included.
"""

from __future__ import annotations

from . import nvpairs
from .document import Cib


def permanent(cib: Cib, node: str) -> dict[str, str]:
    """Return the permanent attributes of a node, which are part of the configuration."""
    found = cib.configuration.xpath("nodes/node[@uname=$node]", node=node)
    return {name: value for e in found for name, value in nvpairs.read(e, "instance_attributes").items()}


def transient(cib: Cib, node: str) -> dict[str, str]:
    """Return the transient attributes of a node, which the attribute manager drops when it restarts."""
    found = cib.status.xpath("node_state[@uname=$node]/transient_attributes", node=node)
    return {name: value for e in found for name, value in nvpairs.read(e, "instance_attributes").items()}
