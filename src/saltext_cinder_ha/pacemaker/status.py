"""The status of the cluster: nodes, resources, failures, and constraints of operators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ..common.secrets import without_secrets
from .actions import base_name
from .cib.document import Cib
from .cib.interventions import MoveConstraint, read_move_constraints
from .cib.properties import has_fencing
from .programs.crm_mon import monitor
from .programs.report import NodeStatus, ResourceStatus, read_nodes, read_resources


@dataclass(frozen=True)
class Failure:
    """An operation that failed and has not been cleaned up since.

    ``reason`` comes from the agent, ``result`` is Pacemaker's name of the exit code or of another failure
    (``not running``, ``Timed Out``), ``when`` is an ISO 8601 time.
    """

    resource: str
    operation: str
    node: str
    reason: str
    result: str
    when: str

    def __str__(self) -> str:
        """Return the failure as text.

        >>> str(Failure("vip", "start", "ctl1", "No such device eth7", "error", ""))
        'start of vip on ctl1 failed: error (No such device eth7)'
        """
        words = f"{self.operation} of {self.resource} on {self.node} failed: {self.result}"
        return f"{words} ({self.reason})" if self.reason else words


@dataclass(frozen=True)
class ClusterStatus:
    """The status of the cluster at one moment.

    ``fencing`` says whether a device or a watchdog could fence a node, independent of ``stonith_enabled``;
    ``bans`` are all constraints that ``move`` and ``ban`` created.
    """

    quorum: bool
    dc: str | None
    maintenance: bool
    stonith_enabled: bool
    fencing: bool
    nodes: tuple[NodeStatus, ...]
    resources: tuple[ResourceStatus, ...]
    failures: tuple[Failure, ...]
    bans: tuple[MoveConstraint, ...]

    @property
    def healthy(self) -> bool:
        """Return whether there are no problems; a disabled resource is not a problem."""
        return not self.problems

    @property
    def problems(self) -> tuple[str, ...]:
        """Return a sentence for each problem, those of the whole cluster first."""
        return (
            *self._of_the_cluster(),
            *(f"node {node.name} {problem}" for node in self.nodes for problem in _of_node(node)),
            *(problem for resource in self.resources for problem in self._of_resource(resource)),
            *map(str, self.failures),
            *map(str, self.bans),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the status as plain data, nodes and resources by name."""
        return {
            "healthy": self.healthy,
            "problems": list(self.problems),
            "quorum": self.quorum,
            "dc": self.dc,
            "maintenance": self.maintenance,
            "stonith_enabled": self.stonith_enabled,
            "fencing": self.fencing,
            "nodes": {node.name: _plain(node, without="name") for node in self.nodes},
            "resources": {r.id: _plain(r, without="id") for r in self.resources},
            "failures": [_plain(failure) for failure in self.failures],
            "bans": [_plain(ban) for ban in self.bans],
        }

    def _of_the_cluster(self) -> Iterator[str]:
        if not self.quorum:
            yield "the cluster has no quorum"
        if self.maintenance:
            yield "the cluster is in maintenance mode"
        if self.stonith_enabled and self.resources and not self.fencing:
            yield "fencing is enabled (stonith-enabled), but there is no fencing device"

    def _of_resource(self, resource: ResourceStatus) -> Iterator[str]:
        if resource.kind != "primitive":
            return
        if resource.failed:
            yield f"{resource.id} has failed"
        if resource.blocked:
            yield f"{resource.id} is blocked until it is cleaned up"
        if resource.orphaned:
            yield f"{resource.id} is no longer configured, but still present"
        elif not resource.managed and not self.maintenance:
            yield f"{resource.id} is not managed by the cluster"
        elif not resource.active and resource.target_role != "Stopped":
            yield f"{resource.id} is not running"


def read_status(cib: Cib, *, timeout: float) -> ClusterStatus:
    """Return the status in a CIB, as ``crm_mon`` reports it.

    :param cib: a CIB with its status
    :param timeout: seconds until ``crm_mon`` is terminated
    :raises CibError: the CIB violates its schema, or is newer than the installed tools
    """
    report = monitor(cib, timeout=timeout)
    options = report.find("summary/cluster_options")
    controller = report.find("summary/current_dc")
    present = controller is not None and _flag(controller, "present")
    return ClusterStatus(
        quorum=cib.has_quorum,
        dc=controller.get("name") if present else None,
        maintenance=options is not None and _flag(options, "maintenance-mode"),
        stonith_enabled=options is not None and _flag(options, "stonith-enabled"),
        fencing=has_fencing(cib),
        nodes=read_nodes(report),
        resources=read_resources(report),
        failures=tuple(map(_failure, report.iterfind("failures/failure"))),
        bans=read_move_constraints(cib),
    )


def _failure(element: etree._Element) -> Failure:
    key = element.get("op_key") or element.get("id", "")
    found = re.fullmatch(r"(?P<resource>.+)_(?P<operation>[a-z-]+)_\d+", key)
    status = element.get("status", "")
    return Failure(
        resource=base_name(found["resource"]) if found else key,
        operation=found["operation"] if found else element.get("task", "operation"),
        node=element.get("node", ""),
        reason=without_secrets(element.get("exitreason", "")),
        result=element.get("exitstatus", "") if status in ("", "complete") else status,
        when=element.get("last-rc-change", ""),
    )


def _of_node(node: NodeStatus) -> Iterator[str]:
    if node.unclean:
        yield "is unclean: it must be fenced"
    elif node.pending:
        yield "is joining the cluster"
    elif not node.online:
        yield "is offline"
    if node.standby:
        yield "is in standby"
    if node.maintenance:
        yield "is in maintenance"


def _plain(value: object, without: str = "") -> dict[str, Any]:
    fields = vars(value).items()
    return {k: list(v) if isinstance(v, tuple) else v for k, v in fields if k != without}


def _flag(element: etree._Element, name: str) -> bool:
    return element.get(name) == "true"
