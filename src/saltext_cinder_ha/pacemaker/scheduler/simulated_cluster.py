"""A simulated cluster in a file, driven by Pacemaker's own scheduler.

The scheduler, the schema and the history are Pacemaker's (``crm_simulate``). This module simulates the rest
of the work of the executor and the agents: it drops cancelled monitors and deleted resources from the
history, and sets promotion scores.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from ...common import process
from ...common.errors import DeclarationError, ToolFailedError
from .. import values
from ..actions import Action, base_name
from ..cib.document import Cib
from ..cib.history import call_number, is_active, is_promoted
from ..programs.crm_simulate import empty_cib, simulate
from .prediction import read_actions

MAX_ROUNDS = 5
_NODE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PROMOTION_SCORE = {True: "10", False: "5"}  # as the agent ocf:pacemaker:Stateful


@dataclass(frozen=True)
class Settled:
    """A sandbox after the simulated cluster has acted.

    :param cib_xml: the CIB, with its configuration unchanged
    :param actions: the executed actions
    :param idle: whether nothing is left to do; False if ``MAX_ROUNDS`` transitions were not enough
    """

    cib_xml: bytes = field(repr=False)
    actions: tuple[Action, ...]
    idle: bool


@dataclass(frozen=True)
class _ListedAction:
    name: str
    resource: str
    node: str
    interval: str


def new_cib(node_names: Sequence[str], *, timeout: float) -> bytes:
    """Create the CIB of a healthy cluster without resources: every node online, with quorum.

    It depends only on the nodes and the installed tools. Fencing is on, as by default in Pacemaker.

    :param node_names: the nodes, at least one; the first is the designated controller
    :param timeout: seconds until the tools that return schema and version are terminated
    :raises DeclarationError: a name is invalid, or occurs twice
    """
    _check_names(node_names)
    root = empty_cib(timeout=timeout).root
    root.attrib.update({"have-quorum": "1", "dc-uuid": "1"})
    options = etree.SubElement(
        root.find("configuration/crm_config"), "cluster_property_set", id="cib-bootstrap-options"
    )
    for name, value in {
        "have-watchdog": "false",
        "dc-version": _tools_version(timeout=timeout),
        "cluster-infrastructure": "corosync",
        "cluster-name": "sandbox",
    }.items():
        pair_id = f"cib-bootstrap-options-{name}"
        etree.SubElement(options, "nvpair", id=pair_id, name=name, value=value)
    for number, name in enumerate(node_names, start=1):
        etree.SubElement(root.find("configuration/nodes"), "node", id=str(number), uname=name)
        root.find("status").append(_online_state(str(number), name))
    return etree.tostring(root, pretty_print=True)


def settle(cib_xml: bytes, *, timeout: float) -> Settled:
    """Run transitions until the cluster is idle.

    The real scheduler honours standby, maintenance, ``target-role``, bans and a lost quorum. Only
    ``<status>`` and ``num_updates`` change; if the cluster is idle already, nothing changes.

    :param cib_xml: a whole ``<cib>`` document, with its status
    :param timeout: seconds for all transitions together
    :raises CibError: it is not a CIB, violates its schema, or is newer than the installed tools
    :raises ToolTimeoutError: the simulation took longer than ``timeout``
    """
    deadline = time.monotonic() + timeout
    cib = Cib.parse(cib_xml, "the sandbox")
    actions: list[Action] = []
    changed = idle = False
    for _ in range(MAX_ROUNDS):
        changed |= _set_promotion_scores(cib)
        remaining = max(deadline - time.monotonic(), 0.001)
        simulation = simulate(cib, carry_out=True, timeout=remaining)
        idle = not _has_work(simulation.report)
        if idle:
            break
        changed = True
        actions += read_actions(simulation.report)
        _take_status(cib, Cib.parse(simulation.outcome or b"", "the simulated cluster"))
        _simulate_executor(cib, _operations(simulation.report))
    if changed:
        cib.root.set("num_updates", str(cib.version.num_updates + 1))
    return Settled(cib.to_xml() if changed else cib_xml, tuple(actions), idle)


def _check_names(node_names: Sequence[str]) -> None:
    if not node_names:
        raise DeclarationError("sandbox_nodes", "should name at least one node")
    for index, name in enumerate(node_names):
        path = f"sandbox_nodes[{index}]"
        if not isinstance(name, str) or not _NODE_NAME.fullmatch(name):
            allowed = "letters, digits, dots, dashes and underscores"
            raise DeclarationError(path, f"{name!r} is not a node name: {allowed} are allowed")
        if name in node_names[:index]:
            raise DeclarationError(path, f"the node {name} is listed twice")


def _tools_version(*, timeout: float) -> str:
    completed = process.run(["cibadmin", "--version"], timeout=timeout)
    found = re.match(rb"Pacemaker (\S+)", completed.stdout)
    if not found:
        raise ToolFailedError("cibadmin --version does not print Pacemaker's version")
    return found.group(1).decode()


def _online_state(node_id: str, name: str) -> etree._Element:
    state = etree.Element("node_state", id=node_id, uname=name, in_ccm="true", crmd="online")
    state.attrib.update({"join": "member", "expected": "member", "crm-debug-origin": "sandbox"})
    lrm = etree.SubElement(state, "lrm", id=node_id)
    etree.SubElement(lrm, "lrm_resources")
    return state


def _has_work(report: etree._Element) -> bool:
    transition = report.find("transition")
    return transition is not None and any(e.tag in ("rsc_action", "fencing_action") for e in transition)


def _operations(report: etree._Element) -> list[_ListedAction]:
    """Return the executed operations, in order."""
    return [
        _ListedAction(e.get("op"), e.get("resource"), e.get("node"), e.get("interval", "0"))
        for e in report.iterfind("transition/rsc_action")
    ]


def _take_status(cib: Cib, outcome: Cib) -> None:
    """Copy only the status: ``crm_simulate`` may have upgraded the configuration."""
    old, new = cib.root.find("status"), outcome.root.find("status")
    if old is None:
        cib.root.append(new)
    else:
        cib.root.replace(old, new)


def _simulate_executor(cib: Cib, operations: Sequence[_ListedAction]) -> None:
    """Stop monitors and delete histories, which ``crm_simulate`` only reports."""
    for position, operation in enumerate(operations):
        history = _history(cib, operation)
        if history is None:
            continue
        later = [o for o in operations[position + 1 :] if _concerns_same(o, operation)]
        restarted = {o.interval for o in later if o.name == "monitor"}
        if operation.name == "cancel":
            _forget_monitors(history, {operation.interval} - restarted)
        elif operation.name == "stop":
            _forget_monitors(history, _recurring(history) - restarted)
        elif operation.name == "delete" and any(o.name == "start" for o in later):
            _take_agent(history, _configured(cib, operation.resource))
        elif operation.name == "delete" and not is_active(history):
            history.getparent().remove(history)
    _join_instances(cib)


def _concerns_same(one: _ListedAction, other: _ListedAction) -> bool:
    return base_name(one.resource) == base_name(other.resource) and one.node == other.node


def _history(cib: Cib, operation: _ListedAction) -> etree._Element | None:
    """Return the history of a resource on a node; that of an anonymous clone has no instance number."""
    state = _child_with(cib.root.find("status"), "uname", operation.node)
    if state is None:
        return None
    resources = state.find("lrm/lrm_resources")
    exact = _child_with(resources, "id", operation.resource)
    return exact if exact is not None else _child_with(resources, "id", base_name(operation.resource))


def _child_with(parent: etree._Element | None, attribute: str, value: str) -> etree._Element | None:
    if parent is None:
        return None
    return next((child for child in parent if child.get(attribute) == value), None)


def _recurring(history: etree._Element) -> set[str]:
    """Return the intervals of the active monitors."""
    return {e.get("interval", "0") for e in history} - {"0"}


def _forget_monitors(history: etree._Element, intervals: set[str]) -> None:
    for entry in list(history):
        if entry.get("operation") == "cancel" or entry.get("interval") in intervals:
            history.remove(entry)


def _join_instances(cib: Cib) -> None:
    """Merge the numbered histories of an anonymous clone into one per node."""
    unique = set(_cloned_primitives(cib, "globally-unique"))
    for histories in cib.root.iterfind("status/node_state/lrm/lrm_resources"):
        numbered = [h for h in histories if h.get("id") != base_name(h.get("id"))]
        for name in {base_name(h.get("id")) for h in numbered} - unique:
            if name in cib.by_id:
                _join([h for h in histories if base_name(h.get("id")) == name], name)


def _join(instances: list[etree._Element], name: str) -> None:
    kept = max(instances, key=is_active)
    for other in instances:
        if other is not kept:
            other.getparent().remove(other)
    kept.set("id", name)
    _keep_newest(kept)


def _keep_newest(history: etree._Element) -> None:
    newest: dict[str, etree._Element] = {}
    for entry in sorted(history, key=call_number):
        replaced = newest.get(entry.get("interval", "0"))
        if replaced is not None:
            history.remove(replaced)
        newest[entry.get("interval", "0")] = entry


def _take_agent(history: etree._Element, primitive: etree._Element | None) -> None:
    if primitive is None:
        return
    for name in ("class", "provider", "type"):
        history.attrib.pop(name, None)
        if primitive.get(name):
            history.set(name, primitive.get(name))


def _configured(cib: Cib, resource: str) -> etree._Element | None:
    """Return the element that names a resource's agent: the primitive, or its template."""
    primitive = cib.by_id.get(base_name(resource))
    if primitive is not None and primitive.get("template"):
        return cib.by_id.get(primitive.get("template"))
    return primitive


def _set_promotion_scores(cib: Cib) -> bool:
    """Set promotion scores as agents do; return whether a score changed.

    A running instance gets a score, a promoted one a higher score, so that it stays promoted; a stopped one
    has none.
    """
    changed = False
    promotable = set(_cloned_primitives(cib, "promotable"))
    status = cib.root.find("status")
    if not promotable or status is None:
        return changed
    for state in status.iterfind("node_state"):
        for history in state.iterfind("lrm/lrm_resources/lrm_resource"):
            if base_name(history.get("id")) in promotable:
                score = _PROMOTION_SCORE[is_promoted(history)] if is_active(history) else None
                changed |= _set_transient(state, f"master-{history.get('id')}", score)
    return changed


def _cloned_primitives(cib: Cib, option: str) -> Iterator[str]:
    """Yield the ids of the primitives in clones whose boolean meta attribute ``option`` is on."""
    for clone in cib.configuration.iterfind("resources/clone"):
        given = clone.find(f"meta_attributes/nvpair[@name='{option}']")
        if given is not None and values.boolean(given.get("value", "")):
            yield from (e.get("id") for e in clone.iter("primitive"))
    if option == "promotable":
        for legacy in cib.configuration.iterfind("resources/master"):
            yield from (e.get("id") for e in legacy.iter("primitive"))


def _set_transient(state: etree._Element, name: str, value: str | None) -> bool:
    """Set a transient attribute of a node, or remove it; return whether it changed."""
    attributes = state.find("transient_attributes/instance_attributes")
    pair = _child_with(attributes, "name", name)
    if (pair.get("value") if pair is not None else None) == value:
        return False
    if value is None:
        attributes.remove(pair)
    elif pair is not None:
        pair.set("value", value)
    else:
        node_id = state.get("id")
        if attributes is None:
            transient = etree.SubElement(state, "transient_attributes", id=node_id)
            attributes = etree.SubElement(transient, "instance_attributes", id=f"status-{node_id}")
        pair_id = f"status-{node_id}-{name.replace(':', '.')}"
        etree.SubElement(attributes, "nvpair", id=pair_id, name=name, value=value)
    return True
