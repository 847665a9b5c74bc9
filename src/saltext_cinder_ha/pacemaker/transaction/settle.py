"""After a write: wait until the cluster is idle, then compare the result with the prediction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lxml import etree

from .. import values
from ..actions import Action, base_name
from ..cib import nvpairs
from ..cib.document import Cib
from ..cib.patch import difference
from ..plan.model import Plan
from ..programs.report import ResourceStatus
from ..scheduler.prediction import predict
from ..status import ClusterStatus, Failure, read_status
from ..store.model import Store


@dataclass(frozen=True)
class Settlement:
    """The result of waiting for the cluster after a change.

    :param failures: a sentence for each predicted action that failed or did not happen in time
    :param unstarted: a sentence for each resource that is not running, but did not fail
    """

    idle: bool = True
    failures: tuple[str, ...] = ()
    unstarted: tuple[str, ...] = ()


def settle_and_verify(store: Store, plan: Plan, predicted: Iterable[Action], *, timeout: float) -> Settlement:
    """Wait at most ``timeout`` seconds for the cluster, then compare the result with the prediction."""
    idle = store.settle(timeout)
    reached = store.read()
    after = read_status(reached, timeout=timeout)
    concerned = {base_name(action.resource) for action in predicted if action.resource}
    failures = [*_lost_write(plan, reached), *_new_failures(plan, after, concerned, timeout)]
    if not idle:
        failures += _missing(reached, concerned, timeout)
    return Settlement(idle, tuple(failures), tuple(_unstarted(reached, after, plan, after.failures)))


def _lost_write(plan: Plan, reached: Cib) -> list[str]:
    """Return a sentence if the configuration is not the one that was written.

    ``cibadmin --patch`` reports success for some patches that it does not apply.
    """
    written, now = plan.snapshot.version.next_epoch, reached.version
    arrived = now >= written
    if arrived and now.configuration == written.configuration:
        arrived = not difference(plan.target, reached)
    return [] if arrived else ["the cluster accepted the change, but its configuration does not show it"]


def _new_failures(plan: Plan, after: ClusterStatus, concerned: Collection[str], timeout: float) -> list[str]:
    """Return the new failures of resources that are part of the prediction."""
    suspects = [f for f in after.failures if base_name(f.resource) in concerned]
    if not suspects:
        return []
    before = read_status(plan.snapshot, timeout=timeout).failures
    return [str(failure) for failure in suspects if failure not in before]


def _missing(reached: Cib, concerned: set[str], timeout: float) -> list[str]:
    """Return a sentence for each predicted action that has not happened yet."""
    return [
        f"{action} did not happen within {timeout:g} s"
        for action in predict(reached, timeout=timeout)
        if action.resource and base_name(action.resource) in concerned and not action.blocked
    ]


def _unstarted(reached: Cib, status: ClusterStatus, plan: Plan, failures: Iterable[Failure]) -> Iterable[str]:
    changed = {c.name for c in plan.changes if c.kind == "primitive" and c.new is not None}
    failed = {base_name(failure.resource) for failure in failures}
    for resource in status.resources:
        if resource.id in changed and not resource.active and resource.id not in failed:
            yield f"{resource.id} is not running: {why_stopped(reached, status, resource)}"


def why_stopped(cib: Cib, status: ClusterStatus, resource: ResourceStatus) -> str:
    """Return the most likely reason why the scheduler does not start a resource."""
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
        return "every node is offline, in standby or in maintenance"
    return "no node may run it, because of constraints or earlier failures"


def _metas_upwards(element: etree._Element) -> list[dict[str, str]]:
    """Return the meta attributes of a resource and of the group and clone around it."""
    around = element.iterancestors("group", "clone", "master")
    return [nvpairs.read(e, "meta_attributes") for e in (element, *around)]
