"""
Declare what a Pacemaker cluster is configured with
===================================================

Every state writes in one transaction that loses no concurrent update, predicts what the cluster will do, and
waits for it. Any number of minions may apply the same state at the same time: one writes, the others report
no change.

.. code-block:: yaml

    vip:
      pacemaker.declared:
        - resources:
            vip:
              agent: ocf:heartbeat:IPaddr2
              params: {ip: 10.0.0.11, cidr_netmask: 24}
              operations:
                - {name: monitor, interval: 30s}
        - allow: [start]

Every state takes ``allow`` (what the change may cause: a list of ``start``, ``stop``, ``restart``, ``move``,
``promote``, ``demote``, ``fence``; default all but ``fence``), ``rollback`` (roll the change back if the
cluster does not settle as predicted; default False) and ``settle`` (wait and verify; default True).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saltext_cinder_ha.adapters.change import HOW, ClusterChange
from saltext_cinder_ha.adapters.context import cluster_of_run, node_of
from saltext_cinder_ha.adapters.errors import returns_state
from saltext_cinder_ha.adapters.results import restarts_as_state
from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.actions import DEFAULT_ALLOW, parse_allow
from saltext_cinder_ha.pacemaker.cluster import Cluster, require_document
from saltext_cinder_ha.pacemaker.restart.coordinated import WITHIN_SECONDS, restart_under_lock
from saltext_cinder_ha.pacemaker.restart.instance import predict_restart
from saltext_cinder_ha.pacemaker.settings import parse_timeout

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __context__, __opts__

__virtualname__ = "pacemaker"


def __virtual__() -> str:
    return __virtualname__


@returns_state
def declared(name: str, document: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """
    Apply a whole declaration to the configuration, in one transaction.

    What the document created and no longer declares is removed; what it never declared is left alone.

    name
        The name of the document that owns the objects.

    document
        Another name for the document.

    kwargs
        The declaration: ``properties``, ``resource_defaults``, ``operation_defaults``, ``resources``,
        ``constraints``, ``fencing_levels``, ``tags``, ``absent``, ``adopt``. And ``allow``, ``rollback``,
        ``settle``.

    .. code-block:: yaml

        site:
          pacemaker.declared:
            - properties: {stonith-enabled: true}
            - resources:
                openstack-cinder-volume:
                  agent: systemd:openstack-cinder-volume
                  operations:
                    - {name: monitor, interval: 60s}
    """
    how, declaration = _split(kwargs)
    return _state(name, declaration, require_document(name if document is None else document), how)


@returns_state
def resource_present(name: str, **kwargs: Any) -> dict[str, Any]:
    """
    Configure one primitive as declared; nothing else is touched.

    name
        The resource's id.

    kwargs
        ``agent``, ``params``, ``meta``, ``utilization``, ``operations``, ``clone``, ``description``,
        ``secret``. And ``allow``, ``rollback``, ``settle``.

    .. code-block:: yaml

        vip:
          pacemaker.resource_present:
            - agent: ocf:heartbeat:IPaddr2
            - params: {ip: 10.0.0.11}
    """
    how, body = _split(kwargs)
    if "group" in body:
        raise DeclarationError(
            "group", "is an argument of group_present; resource_present configures a primitive"
        )
    return _state(name, {"resources": {name: body}}, None, how)


@returns_state
def group_present(name: str, **kwargs: Any) -> dict[str, Any]:
    """
    Configure one group as declared, of resources that exist in the cluster.

    name
        The group's id.

    kwargs
        ``group`` (the members in order), ``meta``, ``clone``, ``description``. And ``allow``,
        ``rollback``, ``settle``.

    .. code-block:: yaml

        g_services_api:
          pacemaker.group_present:
            - group: [p_api-ip, p_cinder-api]
    """
    how, body = _split(kwargs)
    if "group" not in body:
        raise DeclarationError("group", "is missing; it should list the members")
    return _state(name, {"resources": {name: body}}, None, how)


@returns_state
def order_present(name: str, **kwargs: Any) -> dict[str, Any]:
    """
    Configure one order constraint as declared.

    name
        A label. The constraint's own ``id`` is optional.

    kwargs
        ``first``, ``then``, ``first_action``, ``then_action``, ``kind``, ``symmetrical``, ``require_all``, or
        ``sets``; ``id``. And ``allow``, ``rollback``, ``settle``.

    .. code-block:: yaml

        api before scheduler:
          pacemaker.order_present:
            - first: openstack-cinder-api-clone
            - then: openstack-cinder-scheduler-clone
    """
    return _constraint(name, "order", kwargs)


@returns_state
def colocation_present(name: str, **kwargs: Any) -> dict[str, Any]:
    """
    Configure one colocation constraint as declared.

    name
        A label. The constraint's own ``id`` is optional.

    kwargs
        ``resource``, ``with``, ``score``, ``role``, ``with_role``, ``influence``, ``node_attribute``, or
        ``sets``; ``id``. And ``allow``, ``rollback``, ``settle``.

    .. code-block:: yaml

        volume with scheduler:
          pacemaker.colocation_present:
            - resource: openstack-cinder-volume
            - with: openstack-cinder-scheduler-clone
    """
    return _constraint(name, "colocation", kwargs)


@returns_state
def location_present(name: str, **kwargs: Any) -> dict[str, Any]:
    """
    Configure one location constraint as declared.

    name
        A label. The constraint's own ``id`` is optional.

    kwargs
        ``resource`` or ``resource_pattern``, ``node`` and ``score``, or ``rule``; ``role``,
        ``resource_discovery``, ``id``. And ``allow``, ``rollback``, ``settle``.

    .. code-block:: yaml

        volume prefers ctl1:
          pacemaker.location_present:
            - resource: openstack-cinder-volume
            - node: ctl1
            - score: 100
    """
    return _constraint(name, "location", kwargs)


@returns_state
def property_present(
    name: str,
    value: Any,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
) -> dict[str, Any]:
    """
    Set one cluster property.

    name
        The property's name.

    value
        Its value.

    .. code-block:: yaml

        stonith-enabled:
          pacemaker.property_present:
            - value: true
    """
    how = {"allow": allow, "rollback": rollback, "settle": settle}
    return _state(name, {"properties": {name: value}}, None, how)


@returns_state
def absent(
    name: str, allow: list[str] | None = None, rollback: bool = False, settle: bool = True
) -> dict[str, Any]:
    """
    Remove the resource, constraint, fencing level or tag with this id, if there is one.

    name
        The id.

    .. code-block:: yaml

        old-resource:
          pacemaker.absent: []
    """
    how = {"allow": allow, "rollback": rollback, "settle": settle}
    return _state(name, {"absent": [name]}, None, how)


@returns_state
def survives(name: str, resources: list[str] | None = None) -> dict[str, Any]:
    """
    Fail unless each resource would run again after the loss of any one node.

    name
        A label; without ``resources``, the id of the resource.

    resources
        Ids of primitives, groups or clones.

    .. code-block:: yaml

        Cinder outlives any node:
          pacemaker.survives:
            - resources: [openstack-cinder-volume, p_api-ip]
    """
    wanted = [name] if resources is None else resources
    if not isinstance(wanted, (list, tuple)) or not wanted:
        raise DeclarationError("resources", "should be a list of ids, at least one")
    problems = _cluster().survives([str(resource) for resource in wanted])
    listed = ", ".join(map(str, wanted))
    return {
        "name": name,
        "result": not problems,
        "changes": {},
        "comment": " ".join(problems) or f"Every resource survives the loss of any one node: {listed}.",
    }


@returns_state
def mod_watch(
    name: str,
    sfun: str | None = None,
    restart: list[str] | None = None,
    within: float = WITHIN_SECONDS,
    **kwargs: Any,
) -> dict[str, Any]:
    """
    Restart resources on this minion's node, and only there, because something that they watch has changed.

    Salt calls it for a state with ``watch``. The cluster makes the restart: however many minions request one
    at the same time, one node restarts at a time, the one with the virtual address last. A resource that
    does not run on this node is not restarted.

    restart
        Ids of resources; default: the resource or group of the state, or all that are declared.

    within
        Seconds to wait for the other nodes; default 900.

    .. code-block:: yaml

        /etc/app.conf:
          file.managed:
            - contents: answer=42

        app:
          pacemaker.resource_present:
            - agent: ocf:pacemaker:Dummy
            - watch:
              - file: /etc/app.conf
    """
    wanted = _to_restart(name, sfun, restart, kwargs)
    cluster = _cluster()
    node = node_of(cluster, __opts__)
    allow = parse_allow(kwargs.get("allow") or DEFAULT_ALLOW)
    if __opts__["test"]:
        done = tuple(predict_restart(cluster, resource, node, allow=allow) for resource in wanted)
    else:
        left = iter(wanted)
        done = restart_under_lock(
            cluster,
            node,
            lambda: next(left, None),
            owner=__opts__["id"],
            allow=allow,
            within=parse_timeout(within, "within"),
        )
    return restarts_as_state(name, done, unchanged="", test=__opts__["test"], sandbox=cluster.is_sandbox)


def _to_restart(name: str, sfun: str | None, restart: list[str] | None, body: dict[str, Any]) -> list[str]:
    if restart is not None:
        if not isinstance(restart, (list, tuple)) or not restart:
            raise DeclarationError("restart", "should be a list of ids, at least one")
        return [str(resource) for resource in restart]
    if sfun == "declared" and body.get("resources"):
        return list(body["resources"])
    if sfun in ("resource_present", "group_present"):
        return [name]
    raise DeclarationError(
        "watch", f"the state {sfun} has no resource to restart; name one or more in restart"
    )


def _constraint(name: str, kind: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    how, body = _split(kwargs)
    return _state(name, {"constraints": [{kind: body}]}, None, how)


def _split(kwargs: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return how to apply the declaration, and the declaration itself."""
    how = {key: kwargs[key] for key in HOW if key in kwargs}
    return how, {key: value for key, value in kwargs.items() if key not in HOW}


def _cluster() -> Cluster:
    return cluster_of_run(__opts__, __context__)


def _state(
    name: str, declaration: dict[str, Any], document: str | None, how: dict[str, Any]
) -> dict[str, Any]:
    return ClusterChange.parse(declaration, document, how).as_state(_cluster(), name, __opts__)
