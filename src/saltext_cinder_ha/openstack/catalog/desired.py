"""Make the services and endpoints that Keystone should have out of the pillar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...site import Site, missing
from ...site.catalog import name_of, region_of
from ...site.model import CatalogService
from ...site.releases import AUTO, is_since
from .model import Desired, DesiredService, Endpoint

PART = "endpoints"
# Cinder's installation guide.
_PATHS = {
    "block-storage": "/v3/%(project_id)s",
    "volumev3": "/v3/%(project_id)s",
    "volumev2": "/v2/%(project_id)s",
    "volume": "/v1/%(tenant_id)s",
}
# Cinder's API reference, microversion 3.67: from then on the path needs no project.
_FIRST_RELEASE_WITHOUT_PROJECT = "yoga"
# Cinder's release notes: 8.0.0 brought v3, 12.0.0 removed v1, 19.0.0 removed v2.
_FIRST_RELEASE = {"block-storage": "mitaka", "volumev3": "mitaka"}
_FIRST_RELEASE_WITHOUT = {"volume": "queens", "volumev2": "xena"}


def desired_catalog(site: Site) -> Desired:
    """Return the catalog that the pillar's ``endpoints`` and ``vips`` describe.

    :raises SiteError: a key that an endpoint needs is missing

    >>> from ...site import parse_site
    >>> services = {"services": [{"type": "volumev3"}]}
    >>> pillar = {"vips": {"internal": {"ip": "10.0.0.11"}}, "endpoints": services}
    >>> desired_catalog(parse_site({"cinder_ha": pillar})).services[0].endpoints[0].url
    'http://10.0.0.11:8776/v3/%(project_id)s'
    """
    found: dict[tuple[str, str], DesiredService] = {}
    for index, entry in enumerate(site.endpoints.services):
        service = _service(site, entry, f"endpoints.services[{index}]")
        before = found.get((service.type, service.name))
        found[service.type, service.name] = _joined(before, service) if before else service
    return Desired(
        owner=owner_of(site),
        services=tuple(found.values()),
        warnings=tuple(_warnings(site.release, found.values())),
    )


def owner_of(site: Site) -> str:
    """Return the name that marks the rows of a site."""
    return site.site or site.endpoints.region


def _service(site: Site, entry: CatalogService, path: str) -> DesiredService:
    if entry.type is None:
        raise missing(f"{path}.type", PART)
    region = region_of(site, entry)
    endpoints = (Endpoint(interface, region, _url(site, entry, interface)) for interface in entry.interfaces)
    return DesiredService(
        type=entry.type,
        name=name_of(entry),
        description=entry.description,
        enabled=entry.enabled,
        endpoints=tuple(endpoints),
    )


def _joined(one: DesiredService, other: DesiredService) -> DesiredService:
    """Return the service of two entries with different regions."""
    return DesiredService(
        type=one.type,
        name=one.name,
        description=one.description if other.description is None else other.description,
        enabled=one.enabled if other.enabled is None else other.enabled,
        endpoints=(*one.endpoints, *other.endpoints),
    )


def _url(site: Site, entry: CatalogService, interface: str) -> str:
    return getattr(entry, interface) or entry.url or _url_of_vip(site, entry, interface)


def _url_of_vip(site: Site, entry: CatalogService, interface: str) -> str:
    name = "public" if interface == "public" and "public" in site.vips else "internal"
    address = site.vips[name].ip if name in site.vips else None
    if address is None:
        raise missing(f"vips.{name}.ip", PART)
    host = f"[{address}]" if address.version == 6 else str(address)
    return f"{entry.scheme}://{host}:{site.api.port}{_path(str(entry.type), site.release)}"


def _path(kind: str, release: str) -> str:
    if kind == "block-storage" and (release == AUTO or is_since(release, _FIRST_RELEASE_WITHOUT_PROJECT)):
        return "/v3"
    return _PATHS[kind]


def _warnings(release: str, services: Iterable[DesiredService]) -> Iterator[str]:
    if release == AUTO:
        return
    for kind in dict.fromkeys(service.type for service in services):
        if kind in _FIRST_RELEASE_WITHOUT and is_since(release, _FIRST_RELEASE_WITHOUT[kind]):
            since = _FIRST_RELEASE_WITHOUT[kind]
            yield f"the release {release} no longer serves {kind} ({since} removed it)"
        if kind in _FIRST_RELEASE and not is_since(release, _FIRST_RELEASE[kind]):
            yield f"the release {release} does not serve {kind} yet ({_FIRST_RELEASE[kind]} added it)"
