"""What-if analysis: would resources survive the loss of nodes, or the failure of others?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ...common.errors import DeclarationError
from ..actions import KINDS, Action, base_name
from ..cib.document import Cib
from ..cib.history import is_active, is_recurring
from ..cib.properties import fencing_enabled, has_fencing
from ..programs.crm_simulate import simulate
from ..programs.report import ResourceStatus, read_nodes, read_resources
from .prediction import read_actions

_NOT_RUNNING = 7  # the OCF return code of a monitor that finds the resource stopped


@dataclass(frozen=True)
class Fate:
    """The fate of a running primitive; ``reason`` says why it would not survive."""

    resource: str
    ran_on: tuple[str, ...]
    runs_on: tuple[str, ...]
    reason: str | None = None

    @property
    def survives(self) -> bool:
        return self.reason is None

    def __str__(self) -> str:
        """Return the fate as text.

        >>> str(Fate("vip", ("ctl1",), ("ctl2",)))
        'vip survives on ctl2'
        >>> str(Fate("vip", ("ctl1",), (), "no other node may run it"))
        'vip does not survive: no other node may run it'
        """
        if self.reason is None:
            return f"{self.resource} survives on {', '.join(self.runs_on)}"
        return f"{self.resource} does not survive: {self.reason}"


@dataclass(frozen=True)
class WhatIf:
    """The reaction of the cluster to a loss: its actions, and the fates of the affected resources.

    ``quorum`` says whether the remaining nodes have quorum.
    """

    lost_nodes: tuple[str, ...]
    failed: tuple[str, ...]
    quorum: bool
    actions: tuple[Action, ...]
    fates: tuple[Fate, ...]

    @property
    def survives(self) -> bool:
        return all(fate.survives for fate in self.fates)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data, resources by id."""
        return {
            "down": list(self.lost_nodes),
            "failed": list(self.failed),
            "quorum": self.quorum,
            "survives": self.survives,
            "actions": [str(action) for action in self.actions],
            "resources": {
                fate.resource: {
                    "ran_on": list(fate.ran_on),
                    "runs_on": list(fate.runs_on),
                    "survives": fate.survives,
                    "reason": fate.reason,
                }
                for fate in self.fates
            },
        }


def what_if(
    cib: Cib, *, lost_nodes: Sequence[str] = (), failed: Sequence[str] = (), timeout: float
) -> WhatIf:
    """Predict how the cluster reacts if nodes lose power and resources fail at the same time.

    Quorum is corosync's simple majority; one of two nodes keeps it (``two_node``, as pcs sets it up). A CIB
    does not show a quorum device or a tie breaker.

    :param cib: a CIB with its status
    :param lost_nodes: names of nodes that lose power, so that they must be fenced
    :param failed: ids of resources (a group, clone or bundle stands for its primitives) whose monitor finds
        them stopped on each node where they run
    :param timeout: seconds until the simulation is terminated
    :raises DeclarationError: the cluster has no such node or resource
    :raises CibError: the CIB violates its schema, or is newer than the installed tools
    """
    _require_nodes(cib, lost_nodes)
    primitives = {p for name in failed for p in _primitives(cib, name, "failed")}
    failures = _failures(cib, primitives, lost_nodes)
    quorum = _keeps_quorum(cib, lost_nodes)
    if not quorum:
        # The option of crm_simulate for it, --quorum=0, has no effect in Pacemaker 2.1.5.
        cib = cib.copy()
        cib.root.set("have-quorum", "0")
    options = [f"--node-fail={name}" for name in lost_nodes]
    noticed = [f for f in failures if f.monitor is not None]
    options += [f"--op-inject={f.monitor}@{f.node}={_NOT_RUNNING}" for f in noticed]
    report = simulate(cib, options, timeout=timeout).report
    loss = _Loss(cib, report, frozenset(lost_nodes), failures, quorum)
    return WhatIf(tuple(lost_nodes), tuple(failed), quorum, loss.actions, tuple(loss.fates()))


def survives(cib: Cib, resources: Sequence[str], *, timeout: float) -> tuple[str, ...]:
    """Check that each resource would survive the loss of any single node.

    :param cib: a CIB with its status
    :param resources: ids of primitives, groups, clones or bundles
    :param timeout: seconds for each node's simulation
    :returns: a sentence for each resource and node whose loss it would not survive, and for each resource
        that is not running; empty if all survive
    :raises DeclarationError: the cluster has no such resource
    :raises CibError: the CIB violates its schema, or is newer than the installed tools
    """
    parts = {name: _primitives(cib, name, "resources") for name in resources}
    running = {base_name(h.get("id", "")) for _, h in _histories(cib) if is_active(h)}
    sentences = [f"{name} is not running" for name in resources if not running & set(parts[name])]
    for node in filter(lambda name: _is_member(cib, name), cib.node_names()):
        fates = {f.resource: f for f in what_if(cib, lost_nodes=[node], timeout=timeout).fates}
        sentences += [
            f"{name} would not survive the loss of {node}: "
            f"{fates[part].reason if part == name else fates[part]}"
            for name in resources
            for part in parts[name]
            if part in fates and not fates[part].survives
        ]
    return tuple(sentences)


@dataclass(frozen=True)
class _InjectedFailure:
    """The failure of a resource on a node; without a ``monitor``, the cluster does not notice it."""

    resource: str
    node: str
    monitor: str | None


class _Loss:
    """The evaluation of one simulated loss."""

    def __init__(
        self,
        cib: Cib,
        report: etree._Element,
        lost_nodes: frozenset[str],
        failures: Sequence[_InjectedFailure],
        quorum: bool,
    ):
        self.actions = read_actions(report)
        self._before = [r for r in read_resources(report) if r.kind == "primitive" and r.active]
        self._lost_nodes = lost_nodes
        self._failed = {(f.resource, f.node) for f in failures}
        self._unmonitored = {f.resource for f in failures if f.monitor is None}
        self._quorum = quorum
        self._unfenced = self._why_unfenced(cib, {n.name for n in read_nodes(report) if n.online})

    def fates(self) -> Iterator[Fate]:
        """Yield the fate of each running primitive that the loss affects."""
        for name in dict.fromkeys(base_name(r.id) for r in self._before):
            instances = [r for r in self._before if base_name(r.id) == name]
            ran_on = Counter(node for r in instances for node in r.nodes)
            promoted_on = Counter(node for r in instances for node in r.promoted_on)
            actions = [a for a in self.actions if a.resource and base_name(a.resource) == name]
            runs_on = self._follow(name, ran_on, actions)
            reason = None
            if not runs_on:
                reason = self._why_stopped(instances, actions)
            elif promoted_on and not self._still_promoted(name, promoted_on, actions):
                reason = "no instance would be promoted"
            if actions or runs_on != ran_on or reason:
                yield Fate(name, tuple(sorted(ran_on)), tuple(sorted(runs_on)), reason)

    def _is_gone(self, name: str, node: str | None) -> bool:
        return node in self._lost_nodes or (name, node) in self._failed

    def _follow(self, name: str, ran_on: Counter[str], actions: Sequence[Action]) -> Counter[str]:
        """Return the number of instances on each node after the actions."""
        runs = Counter({node: n for node, n in ran_on.items() if not self._is_gone(name, node)})
        for action in self._carried_out(actions):
            if action.kind in ("stop", "move") and not self._is_gone(name, action.node):
                runs[str(action.node)] -= 1
            if action.kind == "start" or (action.kind == "restart" and (name, action.node) in self._failed):
                runs[str(action.node)] += 1
            if action.destination is not None:
                runs[action.destination] += 1
        return +runs

    def _still_promoted(self, name: str, promoted_on: Counter[str], actions: Sequence[Action]) -> bool:
        runs = {node for node in promoted_on if not self._is_gone(name, node)}
        for action in self._carried_out(actions):
            if action.kind in ("stop", "demote"):
                runs.discard(str(action.node))
            elif action.kind in ("promote", "restart", "move"):
                runs.add(str(action.destination or action.node))
        return bool(runs)

    def _carried_out(self, actions: Sequence[Action]) -> list[Action]:
        # Until a lost node is fenced, the cluster only stops and demotes resources.
        allowed = ("stop", "demote") if self._unfenced else (*KINDS, "reload")
        return [a for a in actions if not a.blocked and a.kind in allowed]

    def _why_stopped(self, instances: Sequence[ResourceStatus], actions: Sequence[Action]) -> str:
        if not all(r.managed for r in instances):
            return "it is not managed by the cluster"
        if base_name(instances[0].id) in self._unmonitored:
            return "it has no recurring monitor, so the cluster does not notice its failure"
        if not self._quorum:
            return "the remaining nodes have no quorum"
        if self._unfenced:
            return self._unfenced
        for action in actions:
            if action.blocked:
                return str(action)
        return "no other node may run it"

    def _why_unfenced(self, cib: Cib, online: set[str]) -> str | None:
        """Return why a lost node would not be fenced, None if it would be, or need not be."""
        if not fencing_enabled(cib):
            return None
        fenced = {a.node for a in self.actions if a.kind == "fence"}
        for node in sorted(self._lost_nodes & online):
            if not has_fencing(cib):
                return f"fencing is enabled, but there is no device that could fence {node}"
            if node not in fenced:
                return f"{node} would not be fenced"
            if not _has_device_for(cib, node):
                return f"no fencing device is responsible for {node} (pcmk_host_list)"
        return None


def _has_device_for(cib: Cib, node: str) -> bool:
    """Return whether a device could fence a node; one with a dynamic list always might."""
    devices = cib.configuration.xpath("resources//primitive[@class='stonith']")
    return not devices or any(_may_fence(device, node) for device in devices)


def _may_fence(device: etree._Element, node: str) -> bool:
    # "pcmk_host_list" in Pacemaker Explained, "Special Meta-Attributes for Fencing Resources".
    given = {p.get("name"): p.get("value", "") for p in device.iterfind("instance_attributes/nvpair")}
    hosts = given.get("pcmk_host_list", "")
    mapped = re.findall(r"([^\s:=;]+)[:=]", given.get("pcmk_host_map", ""))
    listed = {*re.split(r"[\s,;]+", hosts), *mapped} - {""}
    checked = given.get("pcmk_host_check", "static-list" if listed else "dynamic-list")
    return checked != "static-list" or node in listed


def _require_nodes(cib: Cib, names: Sequence[str]) -> None:
    for name in names:
        if name not in cib.node_names():
            allowed = ", ".join(cib.node_names())
            raise DeclarationError("down", f"there is no node {name!r}; the nodes are {allowed}")


def _primitives(cib: Cib, name: str, path: str) -> list[str]:
    """Return the ids of the primitives that a resource consists of."""
    top = cib.configuration.find("resources")
    resources = [] if top is None else top.xpath(".//primitive|.//group|.//clone|.//master|.//bundle")
    found = next((e for e in resources if e.get("id") == name), None)
    if found is None:
        allowed = ", ".join(e.get("id") for e in resources) or "none"
        raise DeclarationError(path, f"there is no resource {name!r}; the resources are {allowed}")
    return [e.get("id") for e in found.iter("primitive")]


def _failures(cib: Cib, primitives: set[str], lost_nodes: Sequence[str]) -> tuple[_InjectedFailure, ...]:
    """Return a failure for each primitive and each node where it runs."""
    found = []
    for node, history in _histories(cib):
        name = base_name(history.get("id", ""))
        if name in primitives and node not in lost_nodes and is_active(history):
            entry = next((e for e in history if is_recurring(e)), None)
            monitor = None
            if entry is not None:
                monitor = f"{history.get('id')}_monitor_{entry.get('interval')}"
            found.append(_InjectedFailure(name, node, monitor))
    return tuple(found)


def _histories(cib: Cib) -> Iterator[tuple[str, etree._Element]]:
    for state in cib.root.iterfind("status/node_state"):
        for history in state.iterfind("lrm/lrm_resources/lrm_resource"):
            yield state.get("uname", ""), history


def _keeps_quorum(cib: Cib, lost_nodes: Sequence[str]) -> bool:
    names = cib.node_names()
    left = [name for name in names if _is_member(cib, name) and name not in lost_nodes]
    has_majority = 2 * len(left) > len(names) or (len(names) == 2 and len(left) == 1)
    return cib.has_quorum and (has_majority or not lost_nodes)


def _is_member(cib: Cib, name: str) -> bool:
    """Return whether a node is a member now; newer Pacemaker versions write times instead of booleans."""
    for state in cib.root.iterfind("status/node_state"):
        if state.get("uname") == name:
            joined = state.get("in_ccm") not in (None, "false", "0")
            return joined and state.get("crmd") not in (None, "offline", "0")
    return False
