"""Find mistakes that involve several keys."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from .catalog import name_of, region_of
from .errors import SiteError
from .model import PILLAR_KEY, Site, Vip


def contradictions(site: Site) -> Iterator[SiteError]:
    """Yield the contradictions between values that are valid on their own."""
    for name, vip in site.vips.items():
        yield from _vip(vip, f"{PILLAR_KEY}.vips.{name}")
    yield from _equal_vips(site)
    yield from _database(site)
    yield from _policy(site)
    yield from _backends(site)
    yield from _endpoints(site)


def _vip(vip: Vip, path: str) -> Iterator[SiteError]:
    if vip.resource is not None:
        for name in ("cidr_netmask", "nic"):
            if getattr(vip, name) is not None:
                problem = "is for an address that this formula creates, but resource names an existing one"
                yield SiteError(f"{path}.{name}", problem)
    if vip.ip is None or vip.cidr_netmask is None:
        return
    if vip.cidr_netmask > vip.ip.max_prefixlen:
        yield SiteError(
            f"{path}.cidr_netmask",
            f"is {vip.cidr_netmask}, but should be 1 to {vip.ip.max_prefixlen} for {vip.ip}",
        )
        return
    network = ipaddress.ip_network(f"{vip.ip}/{vip.cidr_netmask}", strict=False)
    # A network of one or two addresses has no network and broadcast address (RFC 3021, RFC 6164).
    if network.num_addresses <= 2:
        return
    if vip.ip == network.network_address:
        yield SiteError(f"{path}.ip", f"is {vip.ip}, the network address of {network}")
    elif vip.ip.version == 4 and vip.ip == network.broadcast_address:
        yield SiteError(f"{path}.ip", f"is {vip.ip}, the broadcast address of {network}")


def _equal_vips(site: Site) -> Iterator[SiteError]:
    internal, public = (site.vips.get(name, Vip()) for name in ("internal", "public"))
    if public.ip is not None and public.ip == internal.ip:
        problem = f"is {public.ip}, the address of the internal VIP; leave vips.public out or change it"
        yield SiteError(f"{PILLAR_KEY}.vips.public.ip", problem)
    if public.resource is not None and public.resource == internal.resource:
        problem = f"is {public.resource!r}, the resource of the internal VIP; leave one out"
        yield SiteError(f"{PILLAR_KEY}.vips.public.resource", problem)


def _database(site: Site) -> Iterator[SiteError]:
    if site.database.url is None:
        return
    for name in ("host", "password"):
        if getattr(site.database, name) is not None:
            problem = "is given in addition to url, which includes it; leave one of them out"
            yield SiteError(f"{PILLAR_KEY}.database.{name}", problem)


def _policy(site: Site) -> Iterator[SiteError]:
    policy = site.backup.policy
    if policy.incremental_every > policy.full_every:
        problem = "is longer than full_every, so no incremental backup would ever be made"
        yield SiteError(f"{PILLAR_KEY}.backup.policy.incremental_every", problem)


def _backends(site: Site) -> Iterator[SiteError]:
    # oslo.config ignores the case of section names, so these two would become one section.
    seen: dict[str, str] = {}
    for name in site.backends:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            yield SiteError(
                f"{PILLAR_KEY}.backends.{name}", f"is the same section as {other!r}; rename one of them"
            )


def _endpoints(site: Site) -> Iterator[SiteError]:
    declared: dict[tuple[str, ...], str] = {}
    for index, entry in enumerate(site.endpoints.services):
        if entry.type is None:
            continue  # the part that uses it reports the missing type
        path = f"{PILLAR_KEY}.endpoints.services[{index}]"
        place = (entry.type, name_of(entry), region_of(site, entry))
        interfaces = dict.fromkeys(entry.interfaces)
        owners = {interface: declared.setdefault((*place, interface), path) for interface in interfaces}
        for other in dict.fromkeys(owner for owner in owners.values() if owner != path):
            shared = ", ".join(interface for interface in interfaces if owners[interface] == other)
            yield SiteError(
                path,
                f"is {place[0]} {place[1]!r} in {place[2]} with {shared}, which {other} already declares; "
                "write one entry for each type, name, region and interface",
            )
