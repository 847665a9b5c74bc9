"""Compare site and cluster: where Cinder's services and addresses are active, and what has drifted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..deploy.pillar_paths import naming_keys_of_the_pillar
from ..deploy.topology import declaration_of, service_ids, vip_ids
from ..pacemaker.cluster import Cluster
from ..pacemaker.status import ClusterStatus
from ..site import PILLAR_KEY, Site

_WITHOUT_FENCING = (
    "fencing is off (stonith-enabled: false): a node that hangs can go on writing to the volumes while "
    "another one already runs cinder-volume"
)


def read_status(site: Site, cluster: Cluster, *, os_family: str, writer: str) -> dict[str, Any]:
    """Return the state of a site's block storage, as plain data.

    :return: ``site``, ``healthy`` (boolean), ``problems`` (sentences), ``services`` and ``vips`` (by name:
        the resource, the nodes where it is active), ``drift`` (what applying the pillar would change),
        ``nodes`` (by name), ``failures``, ``interventions``, ``sandbox``
    """
    status = cluster.status()
    declaration = declaration_of(site, os_family=os_family)
    with naming_keys_of_the_pillar(site, declaration):
        drift = cluster.plan(declaration, document=PILLAR_KEY, writer=writer).to_dict()
    services = _active_nodes(status, service_ids(site))
    vips = _active_nodes(status, vip_ids(site))
    problems = [*status.problems, *_missing(services), *_missing(vips)]
    if not status.stonith_enabled:
        problems.append(_WITHOUT_FENCING)
    if drift:
        problems.append("the configuration differs from the pillar: apply cinder_ha.resources")
    found = status.to_dict()
    return {
        "site": site.site,
        "healthy": not problems,
        "problems": problems,
        "services": services,
        "vips": vips,
        "drift": drift,
        "nodes": found["nodes"],
        "failures": found["failures"],
        "interventions": list(cluster.interventions()),
        "sandbox": cluster.is_sandbox,
    }


def _active_nodes(status: ClusterStatus, ids: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    by_id = {resource.id: resource for resource in status.resources}
    return {
        name: {
            "resource": resource_id,
            "configured": resource_id in by_id,
            "nodes": list(by_id[resource_id].nodes) if resource_id in by_id else [],
        }
        for name, resource_id in ids.items()
    }


def _missing(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    return [
        f"{entry['resource']} ({name}) is not in the cluster"
        for name, entry in found.items()
        if not entry["configured"]
    ]
