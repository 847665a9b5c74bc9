"""
Highly available OpenStack Block Storage on this cluster
========================================================

Show what the pillar ``cinder_ha`` describes, and how this node, the cluster and Keystone compare with it.
``pillar.example`` shows every key.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from saltext_cinder_ha import formula
from saltext_cinder_ha.adapters import context
from saltext_cinder_ha.adapters.errors import raises_for_salt
from saltext_cinder_ha.common.errors import SaltextError
from saltext_cinder_ha.common.fields import boolean
from saltext_cinder_ha.common.secrets import masked_data
from saltext_cinder_ha.deploy import adoption, conf_check, node_layout
from saltext_cinder_ha.deploy import endpoints as site_endpoints
from saltext_cinder_ha.deploy.cinder_conf import options_of, sections_of
from saltext_cinder_ha.deploy.pillar_paths import declaration_mistakes
from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.operate import status as site_status
from saltext_cinder_ha.site import PILLAR_KEY, mistakes

if TYPE_CHECKING:
    from saltext_cinder_ha.adapters.dunders import __grains__, __opts__, __pillar__, __salt__

__virtualname__ = "cinder_ha"


def __virtual__() -> str:
    return __virtualname__


@raises_for_salt
def status() -> dict[str, Any]:
    """
    Return the state of the site's block storage: services, addresses, nodes, and differences from the pillar.

    CLI Example:

    .. code-block:: bash

        salt '*' cinder_ha.status

    Returns ``site``, ``healthy`` (boolean), ``problems`` (sentences, empty when healthy), ``services`` and
    ``vips`` (by name: the resource and the nodes where it is active), ``drift`` (what applying the pillar
    would change), ``nodes``, ``failures``, ``interventions`` (what an operator has set temporarily) and
    ``sandbox``.
    """
    return site_status.read_status(
        context.read_site(__pillar__),
        context.open_cluster(__opts__),
        os_family=__grains__["os_family"],
        writer=__opts__["id"],
    )


@raises_for_salt
def declaration(show_secrets: bool = False) -> dict[str, Any]:
    """
    Return the declaration that the pillar describes for the cluster.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.declaration

    show_secrets
        Show secret values instead of ``********``.
    """
    show_secrets = boolean(show_secrets, "show_secrets")
    site = context.read_site(__pillar__)
    found = declaration_of(site, os_family=__grains__["os_family"])
    return found if show_secrets else masked_data(found)


@raises_for_salt
def config(show_secrets: bool = False) -> dict[str, dict[str, Any]]:
    """
    Return the options of the cinder.conf that the pillar describes for its release, by section.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.config

    show_secrets
        Show secret values instead of ``********``.

    The values are as written in the file; a list is an option that is given more than once.
    """
    show_secrets = boolean(show_secrets, "show_secrets")
    site = context.read_site(__pillar__)
    options = options_of(site, site.release, node=__opts__["id"])
    return sections_of(options, show_secrets=show_secrets)


def layout(names: dict[str, str] | None = None) -> dict[str, Any]:
    """
    Return what the formula manages on this node: files, units, kernel settings.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.layout

    names
        The OS family's names of the API server's files, as in the formula's ``map.jinja``; without it, these
        files are omitted.

    A mistake in the pillar is returned as ``mistake`` instead of raised, so that the SLS can fail with it.
    """
    try:
        minion = context.minion_of(__opts__, __grains__, names, argument="names")
        return node_layout.layout_of(context.read_site(__pillar__), minion)
    except SaltextError as error:
        return {"mistake": str(error)}


@raises_for_salt
def endpoints() -> dict[str, Any]:
    """
    Return the Block Storage services in Keystone's catalog, and what applying the pillar would change.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.endpoints

    Returns ``keystone`` (its URL), ``asked`` (false in a sandbox whose Keystone is elsewhere), ``services``
    (each with its ``endpoints``), ``changes`` (by label, empty if the catalog is as declared), ``warnings``
    and ``sandbox``.
    """
    site = context.read_site_for_keystone(__pillar__, __salt__)
    return site_endpoints.read_endpoints(site, context.open_cluster(__opts__), environ=os.environ)


@raises_for_salt
def adopt(show_secrets: bool = False) -> dict[str, Any]:
    """
    Return the pillar that describes a cluster built by hand; change nothing.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.adopt

    show_secrets
        Show secret values instead of ``********``.

    Cinder's services are recognised by their agents, whatever the names of the resources; addresses by the
    guide's names, or by what binds them to the API. Returns ``pillar`` (with the key ``cinder_ha``),
    ``differences`` (what applying it would change, empty if nothing), ``refusal`` (why it cannot be applied,
    None if it can), ``notes`` (sentences about what is not recognised) and ``sandbox``.
    """
    show_secrets = boolean(show_secrets, "show_secrets")
    cluster = context.open_cluster(__opts__)
    found = adoption.adopt(cluster, os_family=__grains__["os_family"], writer=__opts__["id"])
    return {
        "pillar": {PILLAR_KEY: found.pillar if show_secrets else found.masked_pillar},
        "differences": found.differences,
        "refusal": found.refusal,
        "notes": list(found.notes),
        "sandbox": cluster.is_sandbox,
    }


@raises_for_salt
def lint(path: str | None = None) -> dict[str, Any]:
    """
    Check a cinder.conf on this node against the options of the pillar's release.

    CLI Example:

    .. code-block:: bash

        salt '*' cinder_ha.lint
        salt ctl1 cinder_ha.lint path=/etc/cinder/cinder.conf

    path
        Path of the file, in the sandbox below its root; default: ``/etc/cinder/cinder.conf``.

    Returns ``valid`` (boolean: no error), ``findings`` (each with ``severity`` error or warning, ``section``,
    ``option``, ``line``, ``why``, ``instead``), ``path``, ``release`` and ``sandbox``. Values that may be
    secret are masked.
    """
    site = context.read_site(__pillar__)
    settings = context.settings_of(__opts__)
    return conf_check.lint_of_file(site, path, settings)


@raises_for_salt
def in_use() -> list[str]:
    """
    Return the resources of this site's services that the cluster runs on this node.

    CLI Example:

    .. code-block:: bash

        salt ctl1 cinder_ha.in_use

    While there are any, ``cinder_ha.clean`` does not touch this node's files.
    """
    return context.services_here(context.read_site(__pillar__), context.open_cluster(__opts__), __opts__)


@raises_for_salt
def validate_pillar() -> dict[str, Any]:
    """
    Check the pillar of this minion.

    CLI Example:

    .. code-block:: bash

        salt '*' cinder_ha.validate_pillar

    Returns ``valid`` (boolean) and ``mistakes``: one sentence for each, naming the key, what was found and
    what is allowed.
    """
    found = mistakes(context.pillar_of(__pillar__))
    if not found:
        found = declaration_mistakes(context.read_site(__pillar__), os_family=__grains__["os_family"])
    return {"valid": not found, "mistakes": found}


@raises_for_salt
def formula_path() -> str:
    """
    Return the directory that contains the formula, for ``file_roots``.

    CLI Example:

    .. code-block:: bash

        salt-call --local cinder_ha.formula_path
    """
    return str(formula.formula_path())
