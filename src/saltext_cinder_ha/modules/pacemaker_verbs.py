"""
The everyday verbs of a Pacemaker cluster
=========================================

What operators do with pcs or crm, with the same arguments and the same answer whichever of the two the node
has (minion configuration ``pacemaker:tool``). The tool makes the change on a copy of the CIB; what it makes
of it is committed in one guarded patch.

With ``test=True`` a verb only says what the cluster would do. Otherwise it waits until the cluster is idle,
at most ``timeout`` seconds (default: ``pacemaker:timeout`` of the minion configuration). It returns
``result`` (None where something would change, False where what was predicted failed or did not come),
``changes``, ``actions`` (predicted), ``happened`` (by the cluster's own record), ``missing`` (predicted and
not done), ``failures``, ``unstarted`` (what does not run, and why), ``constraints`` (what a move has left),
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
    Put nodes in standby: everything leaves them, until ``unstandby``.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.standby ctl2 test=True

    node
        The name of a node, or a list of names.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.
    """
    return _carry_out(verbs.NodeRequest(_names(node), "standby", on=True), timeout, test)


@raises_for_salt
def unstandby(
    node: str | list[str], timeout: float | None = None, test: bool | None = None
) -> dict[str, Any]:
    """
    Take nodes out of standby, also out of one that would last until their restart.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.unstandby ctl2

    node
        The name of a node, or a list of names.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.
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
    Put the cluster or nodes in maintenance, where nothing is started, stopped or watched, or take them out.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.maintenance True
        salt ctl1 pacemaker.maintenance False
        salt ctl1 pacemaker.maintenance True node=ctl2

    enabled
        True puts in maintenance, False takes out of it.

    node
        The name of a node, or a list of names. Default: the whole cluster.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.
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
    Move a resource to a node, or away from where it is, and keep it so.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.move p_api-ip test=True
        salt ctl1 pacemaker.move openstack-cinder-volume ctl2 lifetime=2h test=True

    resource
        The id of a primitive or a group.

    node
        Where to. Default: away from the node where it runs, wherever the cluster likes.

    lifetime
        How long it is kept so: a time such as ``30min``, ``2h`` or the ISO 8601 duration ``P1D``; a number is
        seconds. Default: until ``clear``.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.

    ``constraints`` of the answer are those that it leaves: ``id``, ``resource``, ``node``, ``banned`` and
    ``until`` (when it lapses, None for never). What the cluster would not move is refused, and nothing is
    changed.
    """
    return _carry_out(verbs.Move(str(resource), node, verbs.parse_lifetime(lifetime)), timeout, test)


@raises_for_salt
def clear(resource: str, timeout: float | None = None, test: bool | None = None) -> dict[str, Any]:
    """
    Take away the constraints that moves and bans of a resource have left.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.clear p_api-ip

    resource
        The id of a resource.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.
    """
    return _carry_out(verbs.Clear(str(resource)), timeout, test)


@raises_for_salt
def enable(
    resource: str | list[str], timeout: float | None = None, test: bool | None = None
) -> dict[str, Any]:
    """
    Let disabled resources run again.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.enable openstack-cinder-volume

    resource
        The id of a primitive, a group or a clone, or a list of ids.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.
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
        The id of a primitive, a group or a clone, or a list of ids. What is in a clone stands for the clone.

    timeout
        Seconds to wait for the cluster.

    test
        Only say what would happen.
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
    Restart a resource on one node at a time, on the next one only when it is back on the one before.

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
        Only say what would happen.

    Constraints with an end do it, which lapse by themselves when the restart is interrupted. What an operator
    has put aside (maintenance, unmanaged) is said and not restarted.
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
    Forget failures, so that the cluster tries again.

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
        Only say what would happen.

    ``failures`` of the answer are those that came again.
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
        Only say what the cluster is about to do.
    """
    return _run(verbs.predict_wait if is_test(__opts__, test) else verbs.wait, timeout)


def _carry_out(request: verbs.Request, timeout: Any, test: Any) -> dict[str, Any]:
    return _run(verbs.predict if is_test(__opts__, test) else verbs.carry_out, timeout, request)


def _run(act: Callable[..., verbs.VerbResult], timeout: Any, *arguments: Any) -> dict[str, Any]:
    cluster = open_cluster(__opts__, timeout=timeout)
    return {**act(cluster, *arguments).to_dict(), "sandbox": cluster.is_sandbox}


def _names(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)
