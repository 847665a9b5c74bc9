"""
The everyday verbs of a Pacemaker cluster
=========================================

What operators do with pcs or crm, with the same arguments and the same result for either tool (minion
configuration ``pacemaker:tool``). The tool changes a copy of the CIB; the difference is committed in one
guarded patch.

With ``test=True``, a verb only predicts what the cluster would do. Otherwise it waits until the cluster is
idle, at most ``timeout`` seconds (default: ``pacemaker:timeout`` in the minion configuration). It returns
``result`` (None if something would change, False if a predicted action failed or did not happen),
``changes``, ``actions`` (predicted), ``happened`` (from the operation history), ``missing`` (predicted but
not done), ``failures``, ``unstarted`` (what does not run, and why), ``constraints`` (left by a move),
``comment`` and ``sandbox``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from saltext_cinder_ha.adapters.context import is_test, open_cluster
from saltext_cinder_ha.adapters.errors import raises_for_salt
from saltext_cinder_ha.common.fields import boolean
from saltext_cinder_ha.pacemaker import verbs

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __opts__

__virtualname__ = "pacemaker"


def __virtual__() -> str:
    return __virtualname__


@raises_for_salt
def standby(node: str | list[str], timeout: float | None = None, test: bool | None = None) -> dict[str, Any]:
    """
    Put nodes in standby: all resources leave them until ``unstandby``.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.standby ctl2 test=True

    node
        The name of a node, or a list of names.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.
    """
    return _carry_out(verbs.NodeRequest(_names(node), "standby", on=True), timeout, test)


@raises_for_salt
def unstandby(
    node: str | list[str], timeout: float | None = None, test: bool | None = None
) -> dict[str, Any]:
    """
    Take nodes out of standby, including a standby with ``lifetime=reboot``.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.unstandby ctl2

    node
        The name of a node, or a list of names.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.
    """
    return _carry_out(verbs.NodeRequest(_names(node), "standby", on=False), timeout, test)


@raises_for_salt
def maintenance(
    enabled: bool = True,
    node: str | list[str] | None = None,
    timeout: float | None = None,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Put the cluster or nodes in maintenance, where nothing is started, stopped or monitored, or take them out.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.maintenance True
        salt ctl1 pacemaker.maintenance False
        salt ctl1 pacemaker.maintenance True node=ctl2

    enabled
        True enables maintenance, False ends it.

    node
        The name of a node, or a list of names. Default: the whole cluster.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.
    """
    on = boolean(enabled, "enabled")
    if node is None:
        return _carry_out(verbs.ClusterMaintenance(on), timeout, test)
    return _carry_out(verbs.NodeRequest(_names(node), "maintenance", on), timeout, test)


@raises_for_salt
def move(
    resource: str,
    node: str | None = None,
    lifetime: str | int | None = None,
    timeout: float | None = None,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Move a resource to a node, or away from its present one, and keep it there.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.move p_api-ip test=True
        salt ctl1 pacemaker.move openstack-cinder-volume ctl2 lifetime=2h test=True

    resource
        The id of a primitive or a group.

    node
        The target node. Default: any node but the present one, as the cluster decides.

    lifetime
        How long the constraint lasts: a time such as ``30min``, ``2h`` or the ISO 8601 duration ``P1D``; a
        number is seconds. Default: until ``clear``.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.

    ``constraints`` in the result are those that it leaves: ``id``, ``resource``, ``node``, ``banned`` and
    ``until`` (when it expires, None for never). A move that the cluster would not make is refused, and
    nothing is changed.
    """
    return _carry_out(verbs.Move(str(resource), node, verbs.parse_lifetime(lifetime)), timeout, test)


@raises_for_salt
def clear(resource: str, timeout: float | None = None, test: bool | None = None) -> dict[str, Any]:
    """
    Remove the constraints that moves and bans of a resource have left.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.clear p_api-ip

    resource
        The id of a resource.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.
    """
    return _carry_out(verbs.Clear(str(resource)), timeout, test)


@raises_for_salt
def enable(
    resource: str | list[str], timeout: float | None = None, test: bool | None = None
) -> dict[str, Any]:
    """
    Allow disabled resources to run again.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.enable openstack-cinder-volume

    resource
        The id of a primitive, a group or a clone, or a list of ids.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.
    """
    return _carry_out(verbs.Enabling(_names(resource), on=True), timeout, test)


@raises_for_salt
def disable(
    resource: str | list[str], timeout: float | None = None, test: bool | None = None
) -> dict[str, Any]:
    """
    Stop resources, and keep them stopped until ``enable``.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.disable openstack-cinder-volume test=True

    resource
        The id of a primitive, a group or a clone, or a list of ids. A member of a clone disables the clone.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.
    """
    return _carry_out(verbs.Enabling(_names(resource), on=False), timeout, test)


@raises_for_salt
def restart(
    resource: str,
    node: str | None = None,
    timeout: float | None = None,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Restart a resource on one node at a time, each after it runs again on the one before.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.restart openstack-cinder-api-clone test=True

    resource
        The id of a primitive, a group or a clone.

    node
        Restart only what runs on this node. Default: every node where it runs.

    timeout
        Seconds to wait for each node.

    test
        Only predict what would happen.

    It uses constraints with an end date, which expire by themselves if the restart is interrupted. Resources
    in maintenance or unmanaged are reported and not restarted.
    """
    act = verbs.predict_rolling_restart if is_test(__opts__, test) else verbs.restart_rolling
    return _run(act, timeout, str(resource), node)


@raises_for_salt
def cleanup(
    resource: str | None = None,
    node: str | None = None,
    timeout: float | None = None,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Clear failures from the history, so that the cluster tries again.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.cleanup
        salt ctl1 pacemaker.cleanup openstack-cinder-volume node=ctl2

    resource
        The id of a resource. Default: all.

    node
        The name of a node. Default: all.

    timeout
        Seconds to wait for the cluster.

    test
        Only predict what would happen.

    ``failures`` in the result are those that happened again.
    """
    act = verbs.predict_cleanup if is_test(__opts__, test) else verbs.clean_up
    return _run(act, timeout, verbs.Cleanup(resource, node))


@raises_for_salt
def wait(timeout: float | None = None, test: bool | None = None) -> dict[str, Any]:
    """
    Wait until the cluster has nothing left to do.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.wait timeout=120

    timeout
        Seconds to wait at most.

    test
        Only predict what the cluster is about to do.
    """
    return _run(verbs.predict_wait if is_test(__opts__, test) else verbs.wait, timeout)


def _carry_out(request: verbs.Request, timeout: Any, test: Any) -> dict[str, Any]:
    return _run(verbs.predict if is_test(__opts__, test) else verbs.carry_out, timeout, request)


def _run(act: Callable[..., verbs.VerbResult], timeout: Any, *arguments: Any) -> dict[str, Any]:
    cluster = open_cluster(__opts__, timeout=timeout)
    return {**act(cluster, *arguments).to_dict(), "sandbox": cluster.is_sandbox}


def _names(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
