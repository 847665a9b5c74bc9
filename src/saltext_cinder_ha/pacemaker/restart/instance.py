"""Restart what runs of a resource on one node, and nothing else, through the cluster.

Constraints with an end keep it away for as long as it takes to stop, and then bring it back to the same node.
They expire by themselves (Pacemaker Explained, "Rules", ``date_expression``), so that a kill in the middle
leaves nothing stopped for ever; and they are named like those of pcs and crm, so that every tool knows and
clears them. ``crm_resource --restart`` and ``pcs resource restart``, which is the same, write ``target-role``
or a ban that stays when they are killed.
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
    """What a restart does, or did.

    :param hindrance: why there is none; None: there is one
    :param actions: the prediction: the restart and what it drags along
    :param refused: those of the actions that are not allowed
    :param happened: what the cluster did, by its operation history
    :param failures: sentences
    :param leaves: the prediction of the cluster afterwards
    """

    resource: str
    node: str
    hindrance: str | None = None
    actions: tuple[Action, ...] = ()
    refused: tuple[Action, ...] = ()
    happened: tuple[Action, ...] = ()
    failures: tuple[str, ...] = ()
    leaves: Cib | None = field(default=None, repr=False, compare=False)

    @property
    def is_due(self) -> bool:
        """Say whether nothing keeps it from being carried out."""
        return not (self.hindrance or self.refused)

    def describe(self, *, done: bool) -> str:
        """Say in sentences what comes of it, or what came of it.

        >>> Restart("vip", "ctl1", hindrance="the cluster is in maintenance mode").describe(done=True)
        'vip on ctl1 is not restarted: the cluster is in maintenance mode.'
        """
        if self.hindrance:
            return f"{self.resource} on {self.node} is not restarted: {self.hindrance}."
        if self.refused:
            deeds = ", ".join(map(str, self.refused))
            return f"{self.resource} on {self.node} is not restarted, since that is not allowed: {deeds}."
        deeds = ", ".join(map(str, self.happened if done else self.actions)) or "nothing"
        sentences = [f"The cluster did: {deeds}." if done else f"The cluster would: {deeds}."]
        return " ".join([*sentences, *(f"Failed: {failure}." for failure in self.failures)])


def restart_changes(restarts: Iterable[Restart]) -> dict[str, dict[str, str]]:
    """Return what restarts change of each resource, also of those dragged along.

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
    """Predict the restart of what runs of a resource on a node; write nothing.

    :param resource: the id of a primitive, a member of a group, a group or a clone
    :param allow: the kinds of actions that it may cause, of :data:`~..actions.KINDS`
    :param after: a predicted restart that is done before: what it moves, this one finds there
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
    """Restart what runs of a resource on a node, and wait until it runs there again.

    What an operator has put aside (maintenance, unmanaged, blocked) is said and not restarted.

    :param resource: the id of a primitive, a member of a group, a group or a clone
    :param lock: the lock that must be held whenever something is stopped
    :raises DeclarationError: there is no such resource
    :raises NoQuorumError: the cluster has no quorum; nothing was written
    :raises LockLostError: somebody else may have the lock; nothing was written
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
        happened=actions_between(before, after),
        failures=tuple(_failures(target, before, after, idle=idle, timeout=timeout)),
    )


@dataclass(frozen=True)
class _Restartable:
    """What is restarted: a resource, or the instance of a clone, with its primitives.

    :param asked: the id that was given: the clone's own, or that of what is in it
    """

    asked: str
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
    found = Restart(target.asked, target.node, leaves=cib)
    hindrance = _hindrance(target, cib, read_status(cib, timeout=timeout))
    if hindrance:
        return replace(found, hindrance=hindrance)
    if not session.is_sandbox and not cib.has_quorum:
        raise NoQuorumError("the cluster has no quorum, so nothing is restarted")
    after = _settled(_keep_away(cib, target, timeout), timeout)
    after = _settled(_drop(after, target.ban), timeout)
    after = _settled(_drop(after, target.preference), timeout)
    actions = actions_between(cib, after)
    elsewhere = [a for a in actions if base_name(a.resource or "") in target.primitives and a.kind == "move"]
    if elsewhere:
        return replace(found, hindrance=f"the cluster would {elsewhere[0]} instead")
    refused = refused_actions(actions, allow)
    return replace(found, actions=actions, refused=refused, leaves=cib if refused else after)


def _settled(cib: Cib, timeout: float) -> Cib:
    return Cib.parse(simulated_cluster.settle(cib.to_xml(), timeout=timeout).cib_xml, "the simulation")


def _hindrance(target: _Restartable, cib: Cib, status: ClusterStatus) -> str | None:
    running = active_nodes(cib)
    if not any(target.node in running.get(primitive, ()) for primitive in target.primitives):
        return f"it does not run on {target.node}"
    if status.maintenance:
        return "the cluster is in maintenance mode"
    if any(node.maintenance for node in status.nodes if node.name == target.node):
        return f"{target.node} is in maintenance"
    concerned = [r for r in status.resources if base_name(r.id) in target.primitives]
    if any(not resource.managed for resource in concerned):
        return "it is not managed by the cluster"
    if any(resource.blocked for resource in concerned):
        return "it is blocked until somebody cleans it up"
    return None


def _keep_away(cib: Cib, target: _Restartable, timeout: float) -> Cib:
    """Return the configuration in which the resource stops, and will come back to its node."""
    changed = _drop(_drop(cib, target.ban), target.preference)
    section = changed.section("constraints")
    if section is None:
        section = etree.SubElement(changed.configuration, "constraints")
    if target.is_clone:
        _add_rule(section, target.ban, target, "-INFINITY", "eq", timeout + _MARGIN_SECONDS)
        return changed
    # A single resource would start on another node, and stay there.
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
    """Write what ``change`` makes of the configuration as it is then, if that differs."""
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
            found.append(f"{name} does not run on {target.node} again")
        elif name not in new:
            found.append(f"{name} does not run any more")
    if not idle and not found:
        found.append(f"the cluster was not done within {timeout:g} s")
    return found
