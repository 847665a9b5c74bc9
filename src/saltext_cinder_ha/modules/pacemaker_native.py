"""
Configure a Pacemaker cluster with lines of pcs and crm
=======================================================

The tool itself compiles them on a scratch CIB; :py:func:`pacemaker.apply` then writes the result. Accepted
are the lines that configure resources, constraints, fencing levels, tags, properties and defaults. The tool
sees neither secrets nor anything else of the cluster.

Requires pcs or crmsh; the error about a missing one says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saltext_cinder_ha.adapters import native
from saltext_cinder_ha.adapters.context import is_test, open_cluster
from saltext_cinder_ha.adapters.errors import raises_for_salt
from saltext_cinder_ha.common.fields import boolean, choice
from saltext_cinder_ha.common.secrets import masked_data
from saltext_cinder_ha.pacemaker.cluster import require_document
from saltext_cinder_ha.pacemaker.native.compile import TOOLS, program_of

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __opts__

__virtualname__ = "pacemaker"


def __virtual__() -> str:
    return __virtualname__


@raises_for_salt
def compile(text: str | list[str], tool: str | None = None, show_secrets: bool = False) -> dict[str, Any]:
    """
    Return the declaration that lines of pcs or crm are equivalent to; change nothing.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.compile 'pcs resource create web systemd:nginx clone interleave=true'
        salt ctl1 pacemaker.compile 'primitive web systemd:nginx op monitor interval=30s' tool=crm

    text
        Lines as they are typed or pasted: one text, or a list of them.

    tool
        ``pcs`` or ``crm``. Default: recognised by the beginning of the text.

    show_secrets
        Show secret values instead of ``********``.

    Returns ``declaration``, ``tool``, ``notes`` (sentences about old spellings) and ``sandbox``.
    """
    program = program_of(text, "text") if tool is None else choice(tool, "tool", TOOLS)
    show_secrets = boolean(show_secrets, "show_secrets")
    cluster = open_cluster(__opts__)
    compiled = cluster.compile(program, text, path="text")
    declaration = compiled.declaration
    return {
        "declaration": declaration if show_secrets else masked_data(declaration),
        "tool": program,
        "notes": list(compiled.notes),
        "sandbox": cluster.is_sandbox,
    }


@raises_for_salt
def pcs(
    command: str,
    document: str | None = None,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Apply one or more lines of pcs, in one transaction.

    CLI Example:

    .. code-block:: bash

        salt ctl1 pacemaker.pcs 'resource create web systemd:nginx' test=True
        salt ctl1 pacemaker.pcs 'constraint location openstack-cinder-volume prefers ctl1=100'

    command
        The line, with or without ``pcs`` in front.

    document
        The document that owns what is configured. Without it, nothing is owned.

    allow
        What the change may cause: a list of ``start``, ``stop``, ``restart``, ``move``, ``promote``,
        ``demote``, ``fence``. Default: all but ``fence``.

    rollback
        Roll the change back if the cluster does not settle as predicted.

    settle
        Wait for the cluster, at most ``pacemaker:timeout`` seconds, and verify.

    test
        Only predict what would happen.

    Returns what :py:func:`pacemaker.apply` does, and ``notes`` (sentences about old spellings).
    """
    how = {"allow": allow, "rollback": rollback, "settle": settle}
    return _apply("pcs", command, document, how, test)


@raises_for_salt
def crm(
    command: str,
    document: str | None = None,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
    test: bool | None = None,
) -> dict[str, Any]:
    """
    Apply one or more lines of crm configure, in one transaction.

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
        Only predict what would happen.

    Returns what :py:func:`pacemaker.apply` does, and ``notes``.
    """
    how = {"allow": allow, "rollback": rollback, "settle": settle}
    return _apply("crm", command, document, how, test)


def _apply(
    program: str, text: str, document: str | None, how: dict[str, Any], test: bool | None
) -> dict[str, Any]:
    only_test = is_test(__opts__, test)
    owner = None if document is None else require_document(document)
    cluster = open_cluster(__opts__)
    cache = native.cache_of(__opts__, writable=not only_test)
    compiled = cluster.compile(program, text, path="command", cache=cache)
    change = native.change_of(compiled, owner, how)
    return {**change.as_data(cluster, __opts__, test=only_test), "notes": list(compiled.notes)}
