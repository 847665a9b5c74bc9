"""What a verb changes in a configuration, and the lines by which pcs and crm make that change.

Both tools work through Pacemaker's own programs here, so that they write the same, byte for byte. Of crm's
several ways to one change, its ``configure`` level is never the one: it puts elements of others into another
order, and takes the ``maintenance`` of single objects away together with the cluster's.
"""

from __future__ import annotations

from dataclasses import dataclass

PCS = "pcs"
CRM = "crm"


@dataclass(frozen=True)
class NodeFlag:
    """``standby`` or ``maintenance`` of a node, set or taken away."""

    node: str
    flag: str
    on: bool

    def command(self, tool: str) -> list[str]:
        if tool == PCS:
            return [PCS, "node", self.flag if self.on else f"un{self.flag}", self.node]
        action = ["set", self.flag, "on"] if self.on else ["delete", self.flag]
        return [CRM, "node", "attribute", self.node, *action]


@dataclass(frozen=True)
class TransientFlag:
    """``standby`` or ``maintenance`` of a node until its restart, taken away.

    It is no part of the configuration: the cluster's attribute manager (pacemaker-attrd) keeps it, and would
    write it again into a CIB that lacks it.
    """

    node: str
    flag: str

    def command(self, tool: str) -> list[str]:
        if tool == CRM:
            return [CRM, "node", "status-attr", self.node, "delete", self.flag]
        # pcs knows of no such attributes.
        return ["crm_attribute", "--lifetime", "reboot", "--node", self.node, "--name", self.flag, "--delete"]


@dataclass(frozen=True)
class MaintenanceMode:
    """The cluster property ``maintenance-mode``."""

    on: bool

    def command(self, tool: str) -> list[str]:
        value = "true" if self.on else "false"
        if tool == PCS:
            return [PCS, "property", "set", f"maintenance-mode={value}"]
        # crm has a way on its configure level only.
        return ["crm_attribute", "--type", "crm_config", "--name", "maintenance-mode", "--update", value]


@dataclass(frozen=True)
class Stopped:
    """``target-role=Stopped`` of a resource, set or taken away.

    :param kind: ``stonith`` for a fencing device, which pcs has commands of its own for, else ``resource``
    """

    resource: str
    on: bool
    kind: str = "resource"

    def command(self, tool: str) -> list[str]:
        if tool == PCS:
            return [PCS, self.kind, "disable" if self.on else "enable", self.resource]
        action = ["set", "target-role", "Stopped"] if self.on else ["delete", "target-role"]
        return [CRM, "resource", "meta", self.resource, *action]


@dataclass(frozen=True)
class Moved:
    """A constraint that brings a resource to a node, or away from the one where it is.

    :param node: where to; None: away
    :param seconds: how long the constraint is in force; None: until it is cleared
    """

    resource: str
    node: str | None
    seconds: int | None

    def command(self, tool: str) -> list[str]:
        node = [self.node] if self.node else []
        lifetime = f"PT{self.seconds}S" if self.seconds else None
        if tool == PCS:
            limit = [f"lifetime={lifetime}"] if lifetime else []
            return [PCS, "resource", "move-with-constraint", self.resource, *node, *limit]
        # Together with a node, crm's "force" would ban the resource from where it is.
        force = [] if self.node else ["force"]
        return [CRM, "resource", "move", self.resource, *node, *([lifetime] if lifetime else []), *force]


@dataclass(frozen=True)
class Cleared:
    """The constraints that moves and bans of a resource have left, taken away."""

    resource: str

    def command(self, tool: str) -> list[str]:
        return [tool, "resource", "clear", self.resource]


Edit = NodeFlag | TransientFlag | MaintenanceMode | Stopped | Moved | Cleared
