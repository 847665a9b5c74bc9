"""The edits that verbs make to a configuration, and the pcs and crm commands for them.

The commands are those for which both tools run Pacemaker's own programs, so the results are identical. The
``configure`` level of crm is not used: it reorders unrelated elements, and removes the ``maintenance`` of
single objects together with that of the cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

PCS = "pcs"
CRM = "crm"


@dataclass(frozen=True)
class NodeFlag:
    """``standby`` or ``maintenance`` of a node, set or removed."""

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
    """The transient ``standby`` or ``maintenance`` of a node, removed.

    It is not part of the configuration: the attribute manager (pacemaker-attrd) keeps it, and would write it
    back to a CIB that lacks it.
    """

    node: str
    flag: str

    def command(self, tool: str) -> list[str]:
        if tool == CRM:
            return [CRM, "node", "status-attr", self.node, "delete", self.flag]
        # pcs has no command for transient attributes.
        return ["crm_attribute", "--lifetime", "reboot", "--node", self.node, "--name", self.flag, "--delete"]


@dataclass(frozen=True)
class MaintenanceMode:
    """The cluster property ``maintenance-mode``."""

    on: bool

    def command(self, tool: str) -> list[str]:
        value = "true" if self.on else "false"
        if tool == PCS:
            return [PCS, "property", "set", f"maintenance-mode={value}"]
        # crm can do this only on its configure level.
        return ["crm_attribute", "--type", "crm_config", "--name", "maintenance-mode", "--update", value]


@dataclass(frozen=True)
class Stopped:
    """``target-role=Stopped`` of a resource, set or removed.

    :param kind: ``stonith`` for a fencing device, for which pcs has separate commands, else ``resource``
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
    """A constraint that moves a resource to a node, or away from its current node.

    :param node: the target node; None: any other node
    :param seconds: the lifetime of the constraint; None: until it is cleared
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
        # Together with a node, crm's "force" would ban the resource from its current node.
        force = [] if self.node else ["force"]
        return [CRM, "resource", "move", self.resource, *node, *([lifetime] if lifetime else []), *force]


@dataclass(frozen=True)
class Cleared:
    """The constraints that moves and bans of a resource created, removed."""

    resource: str

    def command(self, tool: str) -> list[str]:
        return [tool, "resource", "clear", self.resource]


Edit = NodeFlag | TransientFlag | MaintenanceMode | Stopped | Moved | Cleared
