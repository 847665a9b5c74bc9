"""
Configure a Pacemaker cluster with lines of pcs and crm
=======================================================

The tool itself compiles them, on a scratch CIB; the write is the one of :py:func:`pacemaker.apply`. Taken are
the lines that configure resources, constraints, fencing levels, tags, properties and defaults. Secrets and
whatever else the cluster holds stay away from the tool.

Needs pcs or crmsh; a function that needs one that is missing says so.
"""

from __future__ import annotations

from typing import Any

from saltext_cinder_ha.adapters import context, native
from saltext_cinder_ha.common.fields import boolean, choice
from saltext_cinder_ha.common.secrets import masked_data
from saltext_cinder_ha.pacemaker.actions import DEFAULT_ALLOW
from saltext_cinder_ha.pacemaker.cluster import require_document
from saltext_cinder_ha.pacemaker.native.compile import TOOLS, program_of

__virtualname__ = "pacemaker"


def __virtual__():
    return __virtualname__


@context.raises_for_salt
def compile(text: str | list[str], tool: str | None = None, show_secrets: bool = False) -> dict[str, Any]:
    """
    Return the declaration that lines of pcs or crm stand for; change nothing.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.compile 'pcs resource create web systemd:nginx clone interleave=true'
        salt ctl1 pacemaker.compile 'primitive web systemd:nginx op monitor interval=30s' tool=crm

    text
        Lines as they are typed or pasted: one text, or a list of them.

    tool
        ``pcs`` or ``crm``. Default: the one that the text begins like.

    show_secrets
        Show secret values instead of ``********``.

    Returns ``declaration``, ``tool``, ``notes`` (sentences about old spellings) and ``sandbox``.
    """
    program = program_of(text, "text") if tool is None else choice(tool, "tool", TOOLS)
    show_secrets = boolean(show_secrets, "show_secrets")
    cluster = context.open_cluster(__opts__)
    compiled = cluster.compile(program, text, path="text")
    declaration = compiled.declaration
    return {
        "declaration": declaration if show_secrets else masked_data(declaration),
        "tool": program,
        "notes": list(compiled.notes),
        "sandbox": cluster.is_sandbox,
    }


@context.raises_for_salt
def pcs(
    command: str,
    document: str | None = None,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Configure what one or more lines of pcs say, in one transaction.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.pcs 'resource create web systemd:nginx' test=True
        salt ctl1 pacemaker.pcs 'constraint location openstack-cinder-volume prefers ctl1=100'

    command
        The line, with or without ``pcs`` in front.

    document
        The name under which what is configured is owned. Without one, nothing is owned.

    allow
        What the change may cause: a list of ``start``, ``stop``, ``restart``, ``move``, ``promote``,
        ``demote``, ``fence``. Default: all but ``fence``.

    rollback
        Take the change back when the cluster does not settle as foretold.

    settle
        Wait for the cluster, at most ``pacemaker:timeout`` seconds, and verify.

    test
        Only say what would happen.

    Returns what :py:func:`pacemaker.apply` does, and ``notes`` (sentences about old spellings).
    """
    return _apply("pcs", command, document, allow, rollback, settle, test)


@context.raises_for_salt
def crm(
    command: str,
    document: str | None = None,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Configure what one or more lines of crm configure say, in one transaction.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.crm 'primitive web systemd:nginx op monitor interval=30s' test=True
        salt ctl1 pacemaker.crm 'location volume-on-ctl1 openstack-cinder-volume 100: ctl1'

    command
        The line, with or without ``crm configure`` in front.

    document
        As for :py:func:`pcs`.

    allow
        As for :py:func:`pcs`.

    rollback
        As for :py:func:`pcs`.

    settle
        As for :py:func:`pcs`.

    test
        Only say what would happen.

    Returns what :py:func:`pacemaker.apply` does, and ``notes``.
    """
    return _apply("crm", command, document, allow, rollback, settle, test)


def _apply(
    program: str,
    text: str,
    document: str | None,
    allow: list[str] | None,
    rollback: bool,
    settle: bool,
    test: bool | None,
) -> dict[str, Any]:
    only_test = boolean(__opts__.get("test", False) if test is None else test, "test")
    cluster = context.open_cluster(__opts__)
    cache = native.cache_of(__opts__, writable=not only_test)
    compiled = cluster.compile(program, text, path="command", cache=cache)
    allowed = DEFAULT_ALLOW if allow is None else allow
    owner = {
        "document": None if document is None else require_document(document),
        "writer": __opts__["id"],
    }
    notes = {"notes": list(compiled.notes)}
    if only_test:
        proposal = cluster.propose(compiled.declaration, allow=allowed, **owner)
        foretold = context.proposal_as_data(proposal, sandbox=cluster.is_sandbox)
        return {"result": context.foretold_result(foretold), "written": False, **foretold, **notes}
    outcome = cluster.apply(
        compiled.declaration,
        policy=cluster.policy(
            allow=allowed, rollback=boolean(rollback, "rollback"), settle=boolean(settle, "settle")
        ),
        remake=compiled.remake,
        **owner,
    )
    return {**context.outcome_as_data(outcome, sandbox=cluster.is_sandbox), **notes}
