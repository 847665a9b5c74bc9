"""
Highly available OpenStack Block Storage on this cluster
========================================================

What the pillar ``cinder_ha`` says, and how the cluster compares to it. ``pillar.example`` shows every key.
"""

from __future__ import annotations

from typing import Any

from saltext_cinder_ha import adapter, formula, rollcall
from saltext_cinder_ha.pacemaker.declaration.fields import boolean
from saltext_cinder_ha.site import mistakes
from saltext_cinder_ha.topology import declaration_of

__virtualname__ = "cinder_ha"


def __virtual__():
    return __virtualname__


@adapter.raises_for_salt
def status() -> dict[str, Any]:
    """
    Return how the site's block storage is: services, addresses, nodes, and what differs from the pillar.

    CLI Example:

    .. code-block:: bash

        salt '*' cinder_ha.status

    Returns ``site``, ``healthy`` (boolean), ``problems`` (sentences, empty when healthy), ``services`` and
    ``vips`` (by name: the resource and the nodes where it is active), ``drift`` (what applying the pillar
    would change), ``nodes``, ``failures``, ``interventions`` (what an operator set for a while) and
    ``sandbox``.
    """
    return rollcall.read_status(
        adapter.read_site(__pillar__),
        adapter.open_cluster(__opts__),
        os_family=__grains__["os_family"],
        writer=__opts__["id"],
    )


@adapter.raises_for_salt
def declaration(show_secrets: bool = False) -> dict[str, Any]:
    """
    Return what the pillar becomes: the declaration that the cluster should follow.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.declaration

    show_secrets
        Show secret values instead of ``********``.
    """
    show_secrets = boolean(show_secrets, "show_secrets")
    site = adapter.read_site(__pillar__)
    found = declaration_of(site, os_family=__grains__["os_family"])
    return found if show_secrets else rollcall.masked_declaration(found)


@adapter.raises_for_salt
def validate_pillar() -> dict[str, Any]:
    """
    Check the pillar of this minion.

    CLI Example:

    .. code-block:: bash

        salt '*' cinder_ha.validate_pillar

    Returns ``valid`` (boolean) and ``mistakes``: one sentence for each, naming the key, what was found and
    what is allowed.
    """
    found = mistakes(adapter.pillar_of(__pillar__))
    if not found:
        found = rollcall.declaration_mistakes(
            adapter.read_site(__pillar__), os_family=__grains__["os_family"]
        )
    return {"valid": not found, "mistakes": found}


@adapter.raises_for_salt
def formula_path() -> str:
    """
    Return the folder that holds the formula, for ``file_roots``.

    CLI Example:

    .. code-block:: bash

        salt-call --local cinder_ha.formula_path
    """
    return str(formula.formula_path())
