"""Prediction of the actions that the cluster will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lxml import etree

from ...common.errors import ToolFailedError
from ..actions import Action
from ..cib.document import Cib
from ..programs.crm_simulate import simulate
from ..programs.report import instance_name, unique_instances

_FENCE = "fence"

# Pacemaker's names (lib/pacemaker/pcmk_output.c) and ours; a re-promotion interrupts the instance.
_KIND_OF = {
    "start": "start",
    "stop": "stop",
    "restart": "restart",
    "recover": "restart",
    "re-promote": "restart",
    "move": "move",
    "migrate": "move",
    "promote": "promote",
    "demote": "demote",
    "reload": "reload",
}


def predict(cib: Cib, *, timeout: float) -> tuple[Action, ...]:
    """Predict the actions of the cluster for a CIB.

    :param cib: a CIB with its status: without an operation history, every resource looks stopped
    :param timeout: seconds until the simulation is terminated
    :raises CibError: the CIB violates its schema, or is newer than the installed tools
    """
    return read_actions(simulate(cib, timeout=timeout).report)


def caused(before: Iterable[Action], after: Iterable[Action]) -> tuple[Action, ...]:
    """Return the actions in ``after`` that are not in ``before``: those that the change causes.

    Reasons and instance numbers are ignored: they depend on the order of the scheduler's work.

    >>> waiting = Action("start", "db", "ctl2", reason="no quorum", blocked=True)
    >>> restart = Action("restart", "vip", "ctl1", reason="resource definition change")
    >>> caused([waiting], [restart, waiting]) == (restart,)
    True
    """
    expected = Counter(action.essence for action in before)
    beyond = []
    for action in after:
        if expected[action.essence]:
            expected[action.essence] -= 1
        else:
            beyond.append(action)
    return tuple(beyond)


def read_actions(report: etree._Element) -> tuple[Action, ...]:
    """Return the actions of a ``crm_simulate`` report, in order."""
    section = report.find("actions")
    unique = unique_instances(report)
    read = (_action(e, unique) for e in section) if section is not None else ()
    return tuple(action for action in read if action is not None)


def _action(element: etree._Element, unique: frozenset[str]) -> Action | None:
    if element.tag == "rsc_action":
        return _resource_action(element, unique)
    if element.tag == "node_action" and element.get("task", "").startswith("Fence"):
        return Action(_FENCE, None, element.get("node"), reason=element.get("reason"))
    return None  # the shutdown of a node, which was requested on that node itself


def _resource_action(element: etree._Element, unique: frozenset[str]) -> Action:
    verb = element.get("action", "")
    if verb not in _KIND_OF:
        raise ToolFailedError(f"crm_simulate predicts the unknown action {verb!r}")
    source = element.get("source") or element.get("node")
    destination = element.get("dest")
    moves = source is not None and destination is not None and source != destination
    return Action(
        kind="move" if verb == "recover" and moves else _KIND_OF[verb],
        resource=instance_name(element.get("resource", ""), unique),
        node=source or destination,
        destination=destination if moves else None,
        reason=element.get("reason"),
        blocked=element.get("blocked") == "true",
    )
