"""After a write: wait until the cluster is idle, then hold what happened against what was foretold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from . import nvpairs, values
from .cib import Cib
from .plan import Plan
from .report import ResourceStatus, base_name
from .simulate import Action, foresee
from .status import ClusterStatus, Failure, read_status
from .store import Store


@dataclass(frozen=True)
class Settlement:
    """How the cluster took a change.

    :param failures: sentences: what was foretold and failed, or did not come in time
    :param unstarted: sentences: what does not run for a reason that is no failure
    """

    idle: bool = True
    failures: tuple[str, ...] = ()
    unstarted: tuple[str, ...] = ()


def settle_and_verify(
    store: Store, plan: Plan, foretold: Iterable[Action], *, timeout: float
) -> Settlement:
    """Wait for the cluster, at most ``timeout`` seconds, and say how it took the plan."""
    idle = store.settle(timeout)
    reached = store.read()
    before = read_status(plan.snapshot.to_xml(), timeout=timeout)
    after = read_status(reached.to_xml(), timeout=timeout)
    concerned = {base_name(action.resource) for action in foretold if action.resource}
    failures = [
        str(failure)
        for failure in after.failures
        if failure not in before.failures and base_name(failure.resource) in concerned
    ]
    if not idle:
        failures += _missing(reached, concerned, timeout)
    return Settlement(idle, tuple(failures), tuple(_unstarted(reached, after, plan, after.failures)))


def _missing(reached: Cib, concerned: set[str], timeout: float) -> list[str]:
    """What the cluster still has to do of what was foretold."""
    return [
        f"{action} did not come within {timeout:g} s"
        for action in foresee(reached.to_xml(), timeout=timeout)
        if action.resource and base_name(action.resource) in concerned and not action.blocked
    ]


def _unstarted(
    reached: Cib, status: ClusterStatus, plan: Plan, failures: Iterable[Failure]
) -> Iterable[str]:
    changed = {c.name for c in plan.changes if c.kind == "primitive" and c.new is not None}
    failed = {base_name(failure.resource) for failure in failures}
    for resource in status.resources:
        if resource.id in changed and not resource.active and resource.id not in failed:
            yield f"{resource.id} is not started: {why_stopped(reached, status, resource)}"


def why_stopped(cib: Cib, status: ClusterStatus, resource: ResourceStatus) -> str:
    """The most likely reason why the scheduler does not start a resource."""
    if status.maintenance:
        return "the cluster is in maintenance mode"
    element = cib.by_id.get(resource.id)
    metas = [] if element is None else _metas_upwards(element)
    if any(values.role(meta.get("target-role", "")) == "Stopped" for meta in metas):
        return "it is disabled (target-role=Stopped)"
    if any(values.boolean(meta.get("is-managed", "")) is False for meta in metas):
        return "it is not managed (is-managed=false)"
    if not status.quorum:
        return "the cluster has no quorum"
    if status.stonith_enabled and not status.fencing:
        return "fencing is on (stonith-enabled), but there is no fencing device"
    usable = [n for n in status.nodes if n.online and not n.standby and not n.maintenance]
    if not usable:
        return "no node is online and out of standby"
    return "no node may run it, by its constraints or after failures"


def _metas_upwards(element: etree._Element) -> list[dict[str, str]]:
    """The meta attributes of a resource and of the group and clone around it."""
    around = element.iterancestors("group", "clone", "master")
    return [nvpairs.read(e, "meta_attributes") for e in (element, *around)]
