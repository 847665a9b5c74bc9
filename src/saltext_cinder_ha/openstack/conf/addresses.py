"""Format hosts and ports for URLs and options, and find the address that the API listens on."""

from __future__ import annotations

import ipaddress

from ...site import PILLAR_KEY, Site, SiteError

API_PORT = 8776


def with_port(host: str, port: int) -> str:
    """Return ``HOST:PORT``, with the given port if the text has none.

    >>> with_port("10.0.0.12", 5672), with_port("rabbit1:5671", 5672), with_port("2001:db8::2", 5672)
    ('10.0.0.12:5672', 'rabbit1:5671', '[2001:db8::2]:5672')
    """
    bracketed = in_url(host)
    return bracketed if bracketed.rpartition("]")[2].count(":") else f"{bracketed}:{port}"


def in_url(host: str) -> str:
    """Return a host as it is written in a URL.

    >>> in_url("2001:db8::2"), in_url("[2001:db8::2]:3306"), in_url("10.0.0.11:3306")
    ('[2001:db8::2]', '[2001:db8::2]:3306', '10.0.0.11:3306')
    """
    try:
        return f"[{ipaddress.IPv6Address(host)}]"
    except ValueError:
        return host


def listen_address(site: Site, node: str | None = None) -> str | None:
    """Return the address that the API listens on, None for every address of the node.

    It is ``api.listen``, or the node's own address behind HAProxy, or the only VIP, as in the HA guide
    ("Configure Block Storage API service").

    :param node: the name of the node, as in ``haproxy.servers``
    :raises SiteError: the API is behind HAProxy, and the pillar has no address of the node
    """
    if site.api.listen is not None:
        return str(site.api.listen)
    if site.haproxy.enabled:
        return _own_address(site, node)
    vips = list(site.vips.values())
    return str(vips[0].ip) if len(vips) == 1 and vips[0].ip else None


def listens_on_vip(site: Site, node: str | None = None) -> bool:
    """Return whether a server has to listen on a VIP that its node may not have.

    In mode ocf, the API runs on the node of its address.
    """
    vips = {str(vip.ip) for vip in site.vips.values() if vip.ip}
    if site.haproxy.enabled:
        return bool(vips)
    return site.mode == "systemd" and listen_address(site, node) in vips


def _own_address(site: Site, node: str | None) -> str:
    found = site.haproxy.servers.get(node or "")
    if found is None:
        path = f"{PILLAR_KEY}.haproxy.servers.{node or 'NODE'}"
        raise SiteError(path, "is missing, but behind HAProxy the API listens on the node's own address")
    return str(found)
