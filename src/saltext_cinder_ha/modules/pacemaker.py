"""
Query and change a Pacemaker cluster
====================================

Every function works on the cluster that this minion belongs to or, with ``cib_file`` set, on a CIB in a
file (the sandbox). All of the minion configuration is optional:

.. code-block:: yaml

    pacemaker:
      tool: auto                      # auto | pcs | crm
      cib_file: /srv/sandbox/cib.xml  # work on this file, not on a cluster
      sandbox_root: /srv/sandbox/root # stands for / in the sandbox
      sandbox_nodes: [ctl1, ctl2, ctl3]
      timeout: 60                     # seconds, for each tool and for settling
      validate: auto                  # auto | true | false

Requires Pacemaker's command-line tools; the error about a missing one names its package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saltext_cinder_ha.adapters.change import ClusterChange
from saltext_cinder_ha.adapters.context import is_test, open_cluster
from saltext_cinder_ha.adapters.errors import raises_for_salt
from saltext_cinder_ha.adapters.results import proposal_as_data
from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.common.fields import Fields, boolean, choice
from saltext_cinder_ha.pacemaker.cluster import require_document
from saltext_cinder_ha.pacemaker.native.difference import PROGRAMS as NATIVE_PROGRAMS

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __opts__

__virtualname__ = "pacemaker"


def __virtual__() -> str:
    return __virtualname__


@raises_for_salt
def status() -> dict[str, Any]:
    """
    Return nodes, resources, failures, and what operators have set temporarily.

    CLI Example:

    .. code-block:: bash

        salt '*' pacemaker.status

    Returns ``healthy`` (boolean), ``problems`` (sentences, empty when healthy), ``nodes`` and ``resources``
    (by name), ``failures``, ``interventions`` and ``sandbox``.
    """
    cluster = open_cluster(__opts__)
    return {
        **cluster.status().to_dict(),
        "interventions": list(cluster.interventions()),
        "sandbox": cluster.is_sandbox,
    }


@raises_for_salt
def cib(show_secrets: bool = False) -> str:
    """
    Return the CIB as XML.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.cib

    show_secrets
        Show secret values instead of ``********``.
    """
    return open_cluster(__opts__).xml(show_secrets=boolean(show_secrets, "show_secrets"))


@raises_for_salt
def get(name: str, show_secrets: bool = False) -> dict[str, Any] | None:
    """
    Return one resource, constraint, fencing level or tag by its id, None if there is none.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.get p_api-ip

    name
        The object's id.

    show_secrets
        Show secret values instead of ``********``.

    Returns ``kind``, the object's fields by their dotted names, and ``sandbox``.
    """
    cluster = open_cluster(__opts__)
    found = cluster.get(name, show_secrets=boolean(show_secrets, "show_secrets"))
    return None if found is None else {**found, "sandbox": cluster.is_sandbox}


@raises_for_salt
def export(*names: str, **kwargs: Any) -> dict[str, Any]:
    """
    Return the live configuration as a declaration.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.export
        salt ctl1 pacemaker.export openstack-cinder-volume

    names
        Ids of resources; default: everything.

    show_secrets
        Show secret values instead of ``********``.

    Returns ``declaration``, ``left_out`` (sentences about what a declaration cannot express) and ``sandbox``.
    """
    # Salt 3006 does not support keyword-only arguments.
    given = Fields({k: v for k, v in kwargs.items() if not k.startswith("__")}, "", ["show_secrets"])
    show_secrets = given.optional("show_secrets", boolean) or False
    wanted = [str(name) for name in names]
    cluster = open_cluster(__opts__)
    found = cluster.export(wanted, show_secrets=show_secrets)
    return {
        "declaration": found.declaration,
        "left_out": list(found.left_out),
        "sandbox": cluster.is_sandbox,
    }


@raises_for_salt
def plan(
    declaration: dict[str, Any],
    document: str | None = None,
    allow: list[str] | None = None,
    show_secrets: bool = False,
    show: str | None = None,
) -> dict[str, Any]:
    """
    Predict what applying a declaration would change and what the cluster would do; change nothing.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.plan '{"properties": {"stonith-enabled": true}}'
        salt ctl1 pacemaker.plan '{"properties": {"stonith-enabled": true}}' show=crm

    declaration
        The declaration, with the keys ``properties``, ``resource_defaults``, ``operation_defaults``,
        ``resources``, ``constraints``, ``fencing_levels``, ``tags``, ``absent``, ``adopt``.

    document
        The document that owns what is declared. Without it, nothing is pruned.

    allow
        What the change may cause: a list of ``start``, ``stop``, ``restart``, ``move``, ``promote``,
        ``demote``, ``fence``. Default: all but ``fence``.

    show_secrets
        Show secret values instead of ``********``.

    show
        ``pcs`` or ``crm``: also show the changes in that tool's syntax.

    Returns ``changes`` (by section and object, old and new), ``actions``, ``refused`` (not in ``allow``),
    ``warnings``, ``interventions``, ``comment`` and ``sandbox``; with ``show`` also ``difference``, a unified
    diff of what ``pcs config`` or ``crm configure show`` would print.
    """
    program = None if show is None else choice(show, "show", NATIVE_PROGRAMS)
    show_secrets = boolean(show_secrets, "show_secrets")
    cluster = open_cluster(__opts__)
    change = ClusterChange.parse(declaration, _document(document), {"allow": allow})
    proposal = change.propose(cluster, __opts__, show_secrets=show_secrets)
    found = proposal_as_data(proposal, sandbox=cluster.is_sandbox)
    if program is not None:
        found["difference"] = cluster.in_words(proposal.plan, program, show_secrets=show_secrets)
    return found


@raises_for_salt
def apply(
    declaration: dict[str, Any],
    document: str | None = None,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Apply a declaration to the cluster's configuration, in one transaction.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.apply '{"properties": {"stonith-enabled": true}}' test=True

    declaration
        As for :py:func:`plan`.

    document
        The document that owns what is declared: what it owns and no longer declares is removed. Without it,
        nothing is owned and nothing pruned.

    allow
        As for :py:func:`plan`; a change that would cause anything else is refused and nothing is written.

    rollback
        Roll the change back if the cluster does not settle as predicted.

    settle
        Wait for the cluster, at most ``pacemaker:timeout`` seconds, and verify.

    test
        Only predict what would happen.

    Returns what :py:func:`plan` does, ``result`` (with ``test`` as in a state: None if something would
    change) and ``written``; without ``test`` also ``rolled_back``, ``failures`` and ``unstarted``.
    """
    how = {"allow": allow, "rollback": rollback, "settle": settle}
    change = ClusterChange.parse(declaration, _document(document), how)
    return change.as_data(open_cluster(__opts__), __opts__, test=is_test(__opts__, test))


@raises_for_salt
def whatif(down: list[str] | None = None, failed: list[str] | None = None) -> dict[str, Any]:
    """
    Predict what the cluster would do if nodes lost power or resources failed; change nothing.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.whatif down='[ctl1]'
        salt ctl1 pacemaker.whatif failed='[openstack-cinder-volume]'

    down
        Names of nodes.

    failed
        Ids of resources whose monitor fails wherever they run.
    """
    cluster = open_cluster(__opts__)
    found = cluster.what_if(lost_nodes=_names(down, "down"), failed=_names(failed, "failed"))
    return {**found.to_dict(), "sandbox": cluster.is_sandbox}


@raises_for_salt
def survives(*resources: str) -> dict[str, Any]:
    """
    Predict whether each resource would run again after the loss of any one node; change nothing.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.survives openstack-cinder-volume p_api-ip

    resources
        Ids of primitives, groups or clones.

    Returns ``survives`` (boolean), ``problems`` (sentences) and ``sandbox``.
    """
    if not resources:
        raise DeclarationError("resources", "should name at least one resource")
    cluster = open_cluster(__opts__)
    problems = cluster.survives([str(resource) for resource in resources])
    return {
        "survives": not problems,
        "problems": list(problems),
        "sandbox": cluster.is_sandbox,
    }


@raises_for_salt
def agent(name: str) -> dict[str, Any]:
    """
    Return the metadata of a resource agent: its parameters and actions.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.agent ocf:heartbeat:IPaddr2

    name
        The agent, ``ocf:PROVIDER:TYPE`` or ``CLASS:TYPE``.
    """
    found = open_cluster(__opts__).agent(name)
    if found is None:
        raise DeclarationError("", f"the agent {name} is not installed on this machine")
    return found.to_dict()


def _document(name: str | None) -> str | None:
    return None if name is None else require_document(name)


def _names(value: Any, argument: str) -> list[str]:
    if value is None:
        return []
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)):
        raise DeclarationError(argument, "should be a list of names")
    return [str(name) for name in names]
