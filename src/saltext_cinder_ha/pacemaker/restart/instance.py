"""Restart the instance of a resource on one node, and nothing else, through the cluster.

Temporary constraints stop the instance, then bring it back to the same node. They expire by themselves
(Pacemaker Explained, "Rules", ``date_expression``), so an interrupted restart leaves nothing stopped forever.
Their ids follow pcs and crm, so that every tool can clear them. ``crm_resource --restart`` and its equivalent
``pcs resource restart`` set ``target-role`` or a ban that remains if they are killed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from lxml import etree

from ...common.errors import DeclarationError
from ..actions import DEFAULT_ALLOW, Action, base_name, refused_actions
from ..cib.document import Cib
from ..cib.elements import CLONABLE_TAGS, CLONE_TAGS
from ..cib.history import actions_between, active_nodes
from ..cib.patch import difference
from ..errors import NoQuorumError
from ..lock.lock import Lock
from ..scheduler import simulated_cluster
from ..session import Session
from ..status import ClusterStatus, read_status
from ..store.swap import PlainPatch, swap

_MARGIN_SECONDS = 30
_TAGS = (*CLONABLE_TAGS, *CLONE_TAGS)


@dataclass(frozen=True)
class Restart:
    """The prediction or the result of a restart.

    :param obstacle: why the restart is impossible; None: it is possible
    :param actions: the predicted actions: the restart and those that it causes
    :param refused: the actions that are not allowed
    :param performed: the actions that the operation history shows
    :param failures: a sentence for each failure
    :param leaves: the predicted CIB after the restart
    """

    resource: str
    node: str
    obstacle: str | None = None
    actions: tuple[Action, ...] = ()
    refused: tuple[Action, ...] = ()
    performed: tuple[Action, ...] = ()
    failures: tuple[str, ...] = ()
    leaves: Cib | None = field(default=None, repr=False, compare=False)

    @property
    def is_due(self) -> bool:
        """Return whether the restart is possible and allowed."""
        return not (self.obstacle or self.refused)

    def describe(self, *, done: bool) -> str:
        """Return sentences about the prediction, or about the result if ``done``.

        >>> Restart("vip", "ctl1", obstacle="the cluster is in maintenance mode").describe(done=True)
        'vip on ctl1 is not restarted: the cluster is in maintenance mode.'
        """
        if self.obstacle:
            return f"{self.resource} on {self.node} is not restarted: {self.obstacle}."
        if self.refused:
            refused = ", ".join(map(str, self.refused))
            return (
                f"{self.resource} on {self.node} is not restarted, because these actions are not allowed: "
                f"{refused}."
            )
        listed = ", ".join(map(str, self.performed if done else self.actions)) or "nothing"
        sentences = [f"The cluster did: {listed}." if done else f"The cluster would: {listed}."]
        return " ".join([*sentences, *(f"Failed: {failure}." for failure in self.failures)])


def restart_changes(restarts: Iterable[Restart]) -> dict[str, dict[str, str]]:
    """Return the changes of each resource that is restarted, or affected by a restart.

    >>> move = Action("move", "volume", "ctl3", "ctl1")
    >>> restart_changes([Restart("vip", "ctl1", actions=(Action("restart", "vip", "ctl1"), move))])["vip"]
    {'old': 'running on ctl1', 'new': 'restarted'}
    >>> restart_changes([Restart("vip", "ctl1", actions=(move,))])
    {'volume': {'old': 'running on ctl3', 'new': 'running on ctl1'}}
    """
    old: dict[str, list[str]] = {}
    new: dict[str, list[str]] = {}
    for action in (action for one in restarts if one.is_due for action in one.actions):
        before, after = _before_and_after(action)
        old.setdefault(str(action.resource), []).append(before)
        new.setdefault(str(action.resource), []).append(after)
    return {
        name: {"old": ", ".join(dict.fromkeys(old[name])), "new": ", ".join(dict.fromkeys(new[name]))}
        for name in old
    }


def _before_and_after(action: Action) -> tuple[str, str]:
    running, stopped = f"running on {action.node}", f"stopped on {action.node}"
    promoted, unpromoted = f"promoted on {action.node}", f"unpromoted on {action.node}"
    return {
        "start": (stopped, running),
        "stop": (running, stopped),
        "move": (running, f"running on {action.destination}"),
        "restart": (running, "restarted"),
        "promote": (unpromoted, promoted),
        "demote": (promoted, unpromoted),
    }[action.kind]


def predict_restart(
    session: Session,
    resource: str,
    node: str,
    *,
    allow: Collection[str] = DEFAULT_ALLOW,
    after: Restart | None = None,
) -> Restart:
    """Predict the restart of a resource's instance on a node; write nothing.

    :param resource: the id of a primitive, a member of a group, a group or a clone
    :param allow: the kinds of actions that it may cause, out of :data:`~..actions.KINDS`
    :param after: the predicted restart that precedes this one, whose resulting CIB is the start
    :raises DeclarationError: there is no such resource
    """
    cib = session.snapshot if after is None or after.leaves is None else after.leaves
    return _predict(_target(cib, resource, node), cib, session, allow)


def restart(
    session: Session,
    resource: str,
    node: str,
    *,
    allow: Collection[str] = DEFAULT_ALLOW,
    lock: Lock | None = None,
) -> Restart:
    """Restart the instance of a resource on a node, and wait until it runs there again.

    A resource in maintenance, unmanaged or blocked is not restarted; the result says why.

    :param resource: the id of a primitive, a member of a group, a group or a clone
    :param lock: the lock that must be held while something is stopped
    :raises DeclarationError: there is no such resource
    :raises NoQuorumError: the cluster has no quorum; nothing was written
    :raises LockLostError: another process may hold the lock; nothing was written
    """
    session.forget()
    before = session.snapshot
    target = _target(before, resource, node)
    predicted = _predict(target, before, session, allow)
    if not predicted.is_due:
        return predicted
    timeout = session.timeout
    try:
        _edit(session, lambda cib: _keep_away(cib, target, timeout), lock)
        stopped = session.store.settle(timeout)
    finally:
        _edit(session, lambda cib: _drop(cib, target.ban))
        came_back = session.store.settle(timeout)
        _edit(session, lambda cib: _drop(cib, target.preference))
        session.forget()
    idle = session.store.settle(timeout) and stopped and came_back
    after = session.store.read()
    return replace(
        predicted,
        performed=actions_between(before, after),
        failures=tuple(_failures(target, before, after, idle=idle, timeout=timeout)),
    )


@dataclass(frozen=True)
class _Restartable:
    """A resource, or the instance of a clone, with its primitives.

    :param requested: the id that was given: of the clone itself, or of the resource in it
    """

    requested: str
    resource: str
    node: str
    is_clone: bool
    primitives: frozenset[str]

    @property
    def ban(self) -> str:
        return f"cli-ban-{self.resource}-on-{self.node}-restart"

    @property
    def preference(self) -> str:
        return f"cli-prefer-{self.resource}-restart"


def _target(cib: Cib, resource: str, node: str) -> _Restartable:
    element = cib.by_id.get(resource)
    if element is None or element.tag not in _TAGS:
        raise DeclarationError(
            "resource", f"the cluster has no resource {resource!r} that could be restarted"
        )
    outer = next(element.iterancestors(*CLONE_TAGS), element)
    primitives = frozenset(primitive.get("id") for primitive in outer.iter("primitive"))
    return _Restartable(resource, outer.get("id"), node, outer.tag in CLONE_TAGS, primitives)


def _predict(target: _Restartable, cib: Cib, session: Session, allow: Collection[str]) -> Restart:
    timeout = session.timeout
    found = Restart(target.requested, target.node, leaves=cib)
    obstacle = _obstacle(target, cib, read_status(cib, timeout=timeout))
    if obstacle:
        return replace(found, obstacle=obstacle)
    if not session.is_sandbox and not cib.has_quorum:
        raise NoQuorumError("the cluster has no quorum, so nothing was restarted")
    after = _settled(_keep_away(cib, target, timeout), timeout)
    after = _settled(_drop(after, target.ban), timeout)
    after = _settled(_drop(after, target.preference), timeout)
    actions = actions_between(cib, after)
    elsewhere = [a for a in actions if base_name(a.resource or "") in target.primitives and a.kind == "move"]
    if elsewhere:
        return replace(found, obstacle=f"the cluster would {elsewhere[0]} instead")
    refused = refused_actions(actions, allow)
    return replace(found, actions=actions, refused=refused, leaves=cib if refused else after)


def _settled(cib: Cib, timeout: float) -> Cib:
    return Cib.parse(simulated_cluster.settle(cib.to_xml(), timeout=timeout).cib_xml, "the simulation")


def _obstacle(target: _Restartable, cib: Cib, status: ClusterStatus) -> str | None:
    running = active_nodes(cib)
    if not any(target.node in running.get(primitive, ()) for primitive in target.primitives):
        return f"it is not running on {target.node}"
    if status.maintenance:
        return "the cluster is in maintenance mode"
    if any(node.maintenance for node in status.nodes if node.name == target.node):
        return f"{target.node} is in maintenance"
    concerned = [r for r in status.resources if base_name(r.id) in target.primitives]
    if any(not resource.managed for resource in concerned):
        return "it is not managed by the cluster"
    if any(resource.blocked for resource in concerned):
        return "it is blocked until it is cleaned up"
    return None


def _keep_away(cib: Cib, target: _Restartable, timeout: float) -> Cib:
    """Return a CIB whose constraints stop the resource on its node and keep it off the other nodes."""
    changed = _drop(_drop(cib, target.ban), target.preference)
    section = changed.section("constraints")
    if section is None:
        section = etree.SubElement(changed.configuration, "constraints")
    if target.is_clone:
        _add_rule(section, target.ban, target, "-INFINITY", "eq", timeout + _MARGIN_SECONDS)
        return changed
    # Otherwise a single resource would start on another node, and stay there.
    _add_rule(section, target.ban, target, "-INFINITY", "defined", timeout + _MARGIN_SECONDS)
    _add_rule(section, target.preference, target, "INFINITY", "eq", 2 * timeout + _MARGIN_SECONDS)
    return changed


def _add_rule(
    section: etree._Element, name: str, target: _Restartable, score: str, operation: str, seconds: float
) -> None:
    constraint = etree.SubElement(section, "rsc_location", id=name, rsc=target.resource)
    rule = etree.SubElement(constraint, "rule", {"id": f"{name}-rule", "score": score, "boolean-op": "and"})
    where = {"id": f"{name}-expr", "attribute": "#uname", "operation": operation}
    if operation == "eq":
        where |= {"value": target.node, "type": "string"}
    etree.SubElement(rule, "expression", where)
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    written = end.strftime("%Y-%m-%d %H:%M:%SZ")
    etree.SubElement(rule, "date_expression", {"id": f"{name}-end", "operation": "lt", "end": written})


def _drop(cib: Cib, name: str) -> Cib:
    changed = cib.copy()
    for element in changed.configuration.findall(f"constraints/rsc_location[@id='{name}']"):
        element.getparent().remove(element)
    return changed


def _edit(session: Session, change: Callable[[Cib], Cib], lock: Lock | None = None) -> None:
    """Apply ``change`` to the current configuration, and write it if it differs."""
    swap(
        session.store,
        lambda cib: PlainPatch(difference(cib, change(cib))),
        timeout=session.timeout,
        check=None if lock is None else lock.require,
    )


def _failures(target: _Restartable, before: Cib, after: Cib, *, idle: bool, timeout: float) -> list[str]:
    old, new = active_nodes(before), active_nodes(after)
    known = read_status(before, timeout=timeout).failures
    found = [str(f) for f in read_status(after, timeout=timeout).failures if f not in known]
    for name, nodes in sorted(old.items()):
        if name in target.primitives and target.node in nodes and target.node not in new.get(name, ()):
            found.append(f"{name} is not running on {target.node} again")
        elif name not in new:
            found.append(f"{name} is no longer running")
    if not idle and not found:
        found.append(f"the cluster is still busy after {timeout:g} s")
    return found
