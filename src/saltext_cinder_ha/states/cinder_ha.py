"""
Keep OpenStack Block Storage highly available
=============================================

The states behind the formula ``cinder_ha``. They read the pillar's key ``cinder_ha``; ``pillar.example``
shows what it may hold.
"""

from __future__ import annotations

from typing import Any

from saltext_cinder_ha import adapter
from saltext_cinder_ha.origins import naming_keys_of_the_pillar
from saltext_cinder_ha.rollcall import DOCUMENT
from saltext_cinder_ha.topology import declaration_of

__virtualname__ = "cinder_ha"


def __virtual__():
    return __virtualname__


@adapter.returns_state
def resources_present(
    name: str, allow: list[str] | None = None, rollback: bool = False, settle: bool = True
) -> dict[str, Any]:
    """
    Make the cluster have the resources and constraints that the pillar describes, in one transaction.

    Any number of minions may apply it at the same moment: one writes, the others report no change.

    name
        A label.

    allow
        What the change may cause; default: the pillar's ``cluster:allow``.

    rollback
        Take the change back when the cluster does not settle as foretold.

    settle
        Wait for the cluster, at most ``pacemaker:timeout`` seconds, and verify.

    .. code-block:: yaml

        Cinder's resources:
          cinder_ha.resources_present:
            - rollback: true
    """
    site = adapter.read_site(__pillar__)
    declaration = declaration_of(site, os_family=__grains__["os_family"])
    with naming_keys_of_the_pillar(site, declaration):
        return adapter.declare(
            adapter.cluster_of_run(__opts__, __context__),
            name,
            declaration,
            document=DOCUMENT,
            writer=__opts__["id"],
            test=__opts__["test"],
            allow=site.cluster.allow if allow is None else allow,
            rollback=rollback,
            settle=settle,
        )
