"""Make the declaration of a site's cluster: the HA guide's two topologies.

OpenStack High Availability Guide, "Highly available Block Storage API": ``mode: systemd`` follows its pcs
text (clones of the API and the scheduler, a single cinder-volume), ``mode: ocf`` its crm text (an OCF agent
in a group with the VIP).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from ..site import API, BACKUP, PILLAR_KEY, SCHEDULER, SERVICES, VOLUME, Service, Site, SiteError, Vip

PART = "resources"
VIP_IDS = {"internal": "p_api-ip", "public": "p_api-ip-public"}
CONFIG_FILE = "/etc/cinder/cinder.conf"

_UNIT_PREFIXES = {"Debian": "", "RedHat": "openstack-", "Suse": "openstack-"}
CHAIN = (API, SCHEDULER, VOLUME)
"""The guide's chain: each service starts after the one before it, on the same node."""

_CLONED = (API, SCHEDULER)
# The agents of openstack-resource-agents; it has none for cinder-backup.
_OCF_AGENTS = {
    API: "ocf:openstack:cinder-api",
    SCHEDULER: "ocf:openstack:cinder-schedule",
    VOLUME: "ocf:openstack:cinder-volume",
}
# The operation that pcs adds for a unit that is not installed on its node.
_UNIT_MONITOR = {"name": "monitor", "interval": "60s"}
_OCF_MONITOR = {"name": "monitor", "interval": "30s", "timeout": "30s"}
_VIP_MONITOR = {"name": "monitor", "interval": "30s"}

Mapped = dict[str, Any]


@dataclass
class _Document:
    """The declaration under construction."""

    resources: Mapped = field(default_factory=dict)
    constraints: list[Mapped] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, resource: Mapped, path: str) -> None:
        """Add the resource that comes from the pillar's key ``path``."""
        clone = resource.get("clone")
        for taken in (name, *([_clone_id(name, clone)] if clone else [])):
            if taken in self.ids:
                raise SiteError(path, f"the id {taken!r} is already used by {self.ids[taken]}")
            self.ids[taken] = path
        self.resources[name] = resource


def declaration_of(site: Site, *, os_family: str) -> Mapped:
    """Return the declaration that the cluster of ``site`` should have.

    >>> from saltext_cinder_ha.site import parse_site
    >>> site = parse_site({"cinder_ha": {"mode": "systemd"}})
    >>> declaration_of(site, os_family="Debian")["resources"]["openstack-cinder-volume"]["agent"]
    'systemd:cinder-volume'

    :param site: what the pillar says
    :param os_family: Salt's grain of the cluster's nodes, which determines the names of the units
    :return: a mapping for :func:`~.pacemaker.declaration.parse_declaration`
    :raises SiteError: a required key is missing in the pillar, or two resources have the same id
    """
    document = _Document()
    if site.mode == "systemd":
        _add_systemd(document, site, os_family)
    else:
        _add_ocf(document, site, os_family)
        _name_operations_like_crm(document.resources)
    _add_extra(document, site)
    return {
        "properties": dict(site.cluster.properties),
        "resource_defaults": dict(site.cluster.resource_defaults),
        "resources": document.resources,
        "constraints": document.constraints,
        **_further_sections(site),
    }


def service_ids(site: Site) -> dict[str, str]:
    """Return the resource of each service that the cluster runs.

    >>> from saltext_cinder_ha.site import parse_site
    >>> service_ids(parse_site({"cinder_ha": {"mode": "ocf"}}))
    {'api': 'p_cinder-api'}
    """
    by_default = CHAIN if site.mode == "systemd" else (API,)
    return {name: _service_id(site, name) for name in _enabled(site, by_default=by_default)}


def unit_names(site: Site, *, os_family: str) -> dict[str, str]:
    """Return the systemd unit of each service that the cluster runs, whatever its agent.

    >>> from saltext_cinder_ha.site import parse_site
    >>> unit_names(parse_site({"cinder_ha": {"mode": "ocf"}}), os_family="Debian")
    {'api': 'cinder-api'}
    """
    agents = {name: site.service(name).agent or "" for name in service_ids(site)}
    return {
        name: (agent if agent.startswith("systemd:") else _unit_agent(name, os_family)).partition(":")[2]
        for name, agent in agents.items()
    }


def vip_ids(site: Site) -> dict[str, str]:
    """Return the resource of each VIP that the pillar names."""
    return {name: _vip_id(name, site.vips[name]) for name in VIP_IDS if name in site.vips}


def _vip_id(name: str, vip: Vip) -> str:
    return vip.resource or vip.id or VIP_IDS[name]


def _service_id(site: Site, name: str) -> str:
    prefix = "openstack-cinder-" if site.mode == "systemd" else "p_cinder-"
    return site.service(name).id or f"{prefix}{name}"


def _add_systemd(document: _Document, site: Site, os_family: str) -> None:
    for name in site.vips:
        _add_vip(document, site, name)
    handles = {}
    for name in _enabled(site, by_default=CHAIN):
        resource = _unit(site, name, os_family)
        if name in _CLONED:
            resource["clone"] = {"meta": {"interleave": True}}
        handles[name] = _add_service(document, site, name, resource)
    # Clones are not ordered after a VIP: a mandatory order would restart every instance when the VIP moves.
    document.constraints += _chain(site, handles)


def _add_ocf(document: _Document, site: Site, os_family: str) -> None:
    handles = {}
    for name in _enabled(site, by_default=(API,)):
        if name == API:
            handles[name] = _add_api_group(document, site)
            continue
        resource = _ocf(site, name) if name in _OCF_AGENTS else _unit(site, name, os_family)
        handles[name] = _add_service(document, site, name, resource)
    if API not in handles:
        for name in site.vips:
            _add_vip(document, site, name)
    document.constraints += _chain(site, handles)


def _add_api_group(document: _Document, site: Site) -> str:
    """Add the guide's group: the addresses first, then the API that listens on them."""
    site.require_vip("internal", PART)
    addresses = [_add_vip(document, site, name) for name in VIP_IDS if name in site.vips]
    made = [address for address in addresses if address in document.resources]
    api = _add_service(document, site, API, _ocf(site, API))
    group = site.cluster.group
    document.add(group, {"group": [*made, api]}, f"{PILLAR_KEY}.cluster.group")
    for address in addresses:
        # An address of others stays out of our group; the API follows it.
        if address not in made:
            document.constraints += [_order(site, address, group), _colocation(group, address)]
    return group


def _add_service(document: _Document, site: Site, name: str, resource: Mapped) -> str:
    """Add a service's resource and return the id that constraints refer to."""
    chosen = _service_id(site, name)
    document.add(chosen, resource, f"{PILLAR_KEY}.cluster.services.{name}")
    return _clone_id(chosen, resource["clone"]) if "clone" in resource else chosen


def _add_vip(document: _Document, site: Site, name: str) -> str:
    """Add a VIP unless it exists already, and return its id."""
    vip = site.require_vip(name, PART)
    chosen = _vip_id(name, vip)
    if vip.resource is None:
        document.add(chosen, _address(vip), f"{PILLAR_KEY}.vips.{name}")
    return chosen


def _address(vip: Vip) -> Mapped:
    given = {"ip": vip.ip, "cidr_netmask": vip.cidr_netmask, "nic": vip.nic}
    params = {name: str(value) for name, value in given.items() if value is not None}
    return {
        "agent": "ocf:heartbeat:IPaddr2",
        "params": params,
        "operations": [dict(_VIP_MONITOR)],
    }


def _unit(site: Site, name: str, os_family: str) -> Mapped:
    service = site.service(name)
    agent = service.agent or _unit_agent(name, os_family)
    return _resource(service, agent, {}, _UNIT_MONITOR)


def _unit_agent(name: str, os_family: str) -> str:
    if os_family not in _UNIT_PREFIXES:
        known = ", ".join(_UNIT_PREFIXES)
        raise SiteError(
            f"{PILLAR_KEY}.cluster.services.{name}.agent",
            f"is missing, and only the OS families {known} have a default, not {os_family!r}",
        )
    return f"systemd:{_UNIT_PREFIXES[os_family]}cinder-{name}"


def _ocf(site: Site, name: str) -> Mapped:
    service = site.service(name)
    defaults: dict[str, str] = {"config": CONFIG_FILE}
    if name == API:
        defaults |= _credentials(site)
    if name == VOLUME:
        # Since Ocata, every backend has its own process, and only these connect to RabbitMQ.
        defaults["multibackend"] = "true"
    return _resource(service, service.agent or _OCF_AGENTS[name], defaults, _OCF_MONITOR)


def _credentials(site: Site) -> dict[str, str]:
    """Return the parameters with which the API's agent requests a token, none if one of them is unknown."""
    identity = site.identity
    if identity.auth_url is None or identity.password is None:
        return {}
    return {
        "os_password": identity.password.reveal(),
        "os_username": identity.username,
        "os_tenant_name": identity.project_name,
        "keystone_get_token_url": _token_url(identity.auth_url),
    }


def _token_url(auth_url: str) -> str:
    """Return the URL for tokens in the version of Keystone's API that the guide's agent uses.

    >>> _token_url("http://10.0.0.11:5000/v3")
    'http://10.0.0.11:5000/v2.0/tokens'
    """
    parts = urlsplit(auth_url)
    base = parts.path.rstrip("/").removesuffix("/v3").removesuffix("/v2.0")
    return parts._replace(path=f"{base}/v2.0/tokens", query="", fragment="").geturl()


def _resource(service: Service, agent: str, default_params: Mapping[str, str], monitor: Mapped) -> Mapped:
    given = {**default_params, **service.params}
    params = {name: value for name, value in given.items() if value is not None}
    resource: Mapped = {"agent": agent}
    if params:
        resource["params"] = params
    if service.meta:
        resource["meta"] = dict(service.meta)
    operations = service.operations or (monitor,)
    resource["operations"] = [copy.deepcopy(dict(operation)) for operation in operations]
    if "os_password" in params:
        resource["secret"] = ["os_password"]
    return resource


def _name_operations_like_crm(resources: Mapping[str, Mapped]) -> None:
    """Give operations the ids that crm would generate: the guide's text for this mode is for crm."""
    for name, resource in resources.items():
        for operation in resource.get("operations", ()):
            interval = operation.get("interval", "0")
            operation.setdefault("id", f"{name}-{operation['name']}-{interval}")


def _chain(site: Site, handles: Mapping[str, str]) -> list[Mapped]:
    """Return the constraints between the services.

    :param handles: the ids that constraints refer to, by service
    """
    links = [handles[name] for name in CHAIN if name in handles]
    constraints = [_order(site, existing, links[0]) for existing in site.cluster.start_after if links]
    for first, then in pairwise(links):
        constraints.append(_order(site, first, then))
        if not (site.cluster.ordering == "relaxed" and then == handles.get(VOLUME)):
            constraints.append(_colocation(then, first))
    if BACKUP in handles and SCHEDULER in handles:
        # A restart of cinder-backup fails its running backups, so no constraint may force one.
        constraints.append(_optional_order(handles[SCHEDULER], handles[BACKUP]))
    return constraints


def _order(site: Site, first: str, then: str) -> Mapped:
    if site.cluster.ordering == "relaxed":
        return _optional_order(first, then)
    return {"order": _start_order(first, then)}


def _optional_order(first: str, then: str) -> Mapped:
    return {"order": {**_start_order(first, then), "kind": "Optional"}}


def _start_order(first: str, then: str) -> Mapped:
    return {"first": first, "then": then, "first_action": "start", "then_action": "start"}


def _colocation(resource: str, other: str) -> Mapped:
    return {"colocation": {"resource": resource, "with": other, "score": "INFINITY"}}


def _add_extra(document: _Document, site: Site) -> None:
    extra = site.cluster.extra
    for name, resource in extra.resources.items():
        path = f"{PILLAR_KEY}.cluster.extra.resources.{name}"
        document.add(name, copy.deepcopy(dict(resource)), path)
    document.constraints += [copy.deepcopy(dict(constraint)) for constraint in extra.constraints]


def _further_sections(site: Site) -> Mapped:
    """Return the sections that only contain the site's own objects; empty ones are omitted."""
    extra = site.cluster.extra
    sections = {
        "fencing_levels": [copy.deepcopy(dict(level)) for level in extra.fencing_levels],
        "tags": {name: list(resources) for name, resources in extra.tags.items()},
    }
    return {key: value for key, value in sections.items() if value}


def _enabled(site: Site, *, by_default: tuple[str, ...]) -> Iterator[str]:
    for name in SERVICES:
        enabled = site.service(name).enabled
        if enabled or (enabled is None and name in by_default):
            yield name


def _clone_id(name: str, clone: object) -> str:
    chosen = clone.get("id") if isinstance(clone, Mapping) else None
    return str(chosen or f"{name}-clone")
