"""
Declare a Pacemaker cluster's configuration in lines of pcs or crm
==================================================================

The tool itself compiles the lines on a scratch CIB; the result is declared as by
:py:func:`pacemaker.declared`: compared, predicted, written in one transaction, owned and pruned. Applying
unchanged lines again starts neither pcs nor crm.

.. code-block:: yaml

    web:
      pacemaker.pcs_commands:
        - commands: |
            pcs resource create web systemd:nginx op monitor interval=30s
            pcs constraint location web prefers ctl1=100
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saltext_cinder_ha.adapters import native
from saltext_cinder_ha.adapters.context import cluster_of_run
from saltext_cinder_ha.adapters.errors import returns_state
from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.cluster import require_document
from saltext_cinder_ha.pacemaker.native.compile import Compiled

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __context__, __opts__, __salt__

__virtualname__ = "pacemaker"


def __virtual__() -> str:
    return __virtualname__


# The parameters of both are what users may write, so they stay apart.
@returns_state
def pcs_commands(
    name: str,
    commands: str | list[str],
    document: str | None = None,
    adopt: bool = False,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
) -> dict[str, Any]:
    """
    Configure what these pcs commands would configure.

    What the document created and its commands no longer name is removed.

    name
        The name of the document that owns the objects.

    commands
        The commands as typed or pasted: one text, or a list of them. Comments, continued lines and a leading
        ``pcs`` are accepted; shell syntax is not (variables, ``;``, ``|``).

    document
        Another name for the document.

    adopt
        Take ownership of existing objects that are named here.

    .. code-block:: yaml

        mine:
          pacemaker.pcs_commands:
            - commands:
                - resource create mine ocf:pacemaker:Dummy op monitor interval=30s
                - constraint location mine prefers ctl1=100
    """
    how = {"adopt": adopt, "allow": allow, "rollback": rollback, "settle": settle}
    return _declare(name, document, _compiled("pcs", commands, "commands"), how)


@returns_state
def crm_configured(
    name: str,
    text: str | list[str] | None = None,
    source: str | None = None,
    document: str | None = None,
    adopt: bool = False,
    allow: list[str] | None = None,
    rollback: bool = False,
    settle: bool = True,
) -> dict[str, Any]:
    """
    Configure what a text for crm configure would configure.

    What the document created and its text no longer names is removed.

    name
        The name of the document that owns the objects.

    text
        Lines as typed or pasted into ``crm configure``.

    source
        A file with the text, instead of ``text``, for example ``salt://cinder/ha.crm``.

    document
        Another name for the document.

    adopt
        Take ownership of existing objects that are named here.

    .. code-block:: yaml

        my-group:
          pacemaker.crm_configured:
            - text: |
                primitive first ocf:pacemaker:Dummy op monitor interval="30s"
                primitive second ocf:pacemaker:Dummy op monitor interval="30s"
                group both first second
    """
    if (text is None) == (source is None):
        raise DeclarationError("", "crm_configured should have either text or source")
    how = {"adopt": adopt, "allow": allow, "rollback": rollback, "settle": settle}
    if source is None:
        return _declare(name, document, _compiled("crm", text, "text"), how)
    return _declare(name, document, _compiled("crm", _content_of(source), "source"), how)


def _content_of(source: str) -> str:
    found = __salt__["cp.get_file_str"](source, __opts__.get("saltenv") or "base")
    if not isinstance(found, str):
        raise DeclarationError("source", f"the file {source} does not exist")
    return found


def _compiled(program: str, text: str | list[str] | None, argument: str) -> Compiled:
    cache = native.cache_of(__opts__, writable=not __opts__["test"])
    return cluster_of_run(__opts__, __context__).compile(program, text, path=argument, cache=cache)


def _declare(name: str, document: str | None, compiled: Compiled, how: dict[str, Any]) -> dict[str, Any]:
    owner = require_document(name if document is None else document)
    cluster = cluster_of_run(__opts__, __context__)
    found = native.change_of(compiled, owner, how).as_state(cluster, name, __opts__)
    return {**found, "comment": "\n".join([found["comment"], *native.notes_of(compiled)])}
