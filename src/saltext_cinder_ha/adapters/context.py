"""Make settings, cluster, site and node out of Salt's dunders, for the packages that do not know Salt."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..common.errors import ToolMissingError
from ..common.fields import Fields, boolean, mapping
from ..deploy.node_layout import Minion
from ..deploy.topology import service_ids
from ..openstack.cinder_manage import installed_release
from ..pacemaker.cib.history import active_nodes
from ..pacemaker.cluster import Cluster
from ..pacemaker.errors import ClusterNotRunningError
from ..pacemaker.programs.crm_node import local_node
from ..pacemaker.settings import Settings, parse_settings, parse_timeout
from ..site import PILLAR_KEY, Site, SiteError, parse_site
from ..site.readers import secret
from ..site.releases import AUTO

try:
    from salt.utils.secret import expose
except ImportError:  # Salt 3006 masks nothing

    def expose(value: Any) -> Any:
        return value


_CONTEXT_KEY = "saltext_cinder_ha.cluster"
_LONGEST_KEPT_SECONDS = 30.0


def open_cluster(opts: Mapping[str, Any], *, timeout: Any = None) -> Cluster:
    """Return the cluster that the key ``pacemaker`` of the minion configuration names.

    :param timeout: seconds, instead of those in the configuration
    """
    settings = settings_of(opts)
    if timeout is not None:
        settings = replace(settings, timeout=parse_timeout(timeout, "timeout"))
    return Cluster(settings)


def cluster_of_run(opts: Mapping[str, Any], context: dict[str, Any]) -> Cluster:
    """Return the cluster for one state run: its CIB is read once for all states.

    :param context: Salt's ``__context__`` in a state module, which is new for each run
    """
    opened, cluster = context.get(_CONTEXT_KEY, (0.0, None))
    # States of other modules may take minutes in between, and change the CIB too.
    if cluster is None or time.monotonic() - opened > _LONGEST_KEPT_SECONDS:
        cluster = open_cluster(opts)
        context[_CONTEXT_KEY] = (time.monotonic(), cluster)
    return cluster


def pillar_of(pillar: Mapping[str, Any]) -> dict[str, Any]:
    """Return our key of the pillar with plain values; Salt 3008 passes masked ones."""
    return {PILLAR_KEY: expose(pillar[PILLAR_KEY])} if PILLAR_KEY in pillar else {}


def read_site(pillar: Mapping[str, Any]) -> Site:
    """Return the site that the pillar describes; see :func:`~.site.parse_site` for the errors.

    With ``release: auto``, its release is that of the installed Cinder, if there is one.
    """
    site = parse_site(pillar_of(pillar))
    if site.release != AUTO:
        return site
    try:
        return replace(site, release=installed_release())
    except ToolMissingError:
        return site  # what needs the release reports this


def read_site_for_keystone(pillar: Mapping[str, Any], functions: Mapping[str, Any]) -> Site:
    """Return the site, with an ``sdb://`` URI of the password for Keystone's catalog resolved.

    :param functions: Salt's ``__salt__``
    """
    site = read_site(pillar)
    password = site.endpoints.auth.password
    if password is None or not password.reveal().startswith("sdb://"):
        return site
    path = f"{PILLAR_KEY}.endpoints.auth.password"
    auth = replace(site.endpoints.auth, password=secret(functions["sdb.get"](password.reveal()), path))
    if auth.password == password:
        raise SiteError(path, "is an sdb:// URI, but the minion configuration has no such sdb profile")
    return replace(site, endpoints=replace(site.endpoints, auth=auth))


def settings_of(opts: Mapping[str, Any]) -> Settings:
    """Return the settings below the key ``pacemaker`` of the minion configuration."""
    return parse_settings(opts.get("pacemaker"), os.environ)


def minion_of(opts: Mapping[str, Any], grains: Mapping[str, Any], names: object, *, argument: str) -> Minion:
    """Return what the files of this node depend on besides its site.

    :param names: the OS family's names of the API server's files, as in ``map.jinja``, or None
    :param argument: the name of the user's argument for them
    """
    found = Fields(names, argument, mapping(names, argument)) if names else None
    return Minion(str(opts["id"]), grains["os_family"], settings_of(opts), found)


def is_test(opts: Mapping[str, Any], test: object) -> bool:
    """Return whether a function should only predict.

    :param test: the caller's argument; None: as in the minion configuration or on the command line
    """
    return boolean(opts.get("test", False) if test is None else test, "test")


def node_of(cluster: Cluster, opts: Mapping[str, Any]) -> str:
    """Return the cluster's name of this minion's node; in a sandbox, the node with the minion's name.

    In a sandbox, the minion may be none of the nodes; then nothing runs on its node.
    """
    if not cluster.is_sandbox:
        return local_node(timeout=cluster.settings.timeout)
    minion = str(opts["id"])
    host = minion.partition(".")[0]
    return host if host in cluster.snapshot.node_names() else minion


def services_here(site: Site, cluster: Cluster, opts: Mapping[str, Any]) -> list[str]:
    """Return the resources of a site's services that the cluster runs on this minion's node."""
    try:
        here = node_of(cluster, opts)
    except (ClusterNotRunningError, ToolMissingError):
        return []
    running = active_nodes(cluster.snapshot)
    return [resource for resource in service_ids(site).values() if here in running.get(resource, ())]
