"""What of a site concerns one node beside cinder.conf: files, units and kernel settings."""

from __future__ import annotations

from typing import Any

from .openstack.addresses import in_url, listen_address, listens_on_vip
from .openstack.options.backends import shares_files
from .pacemaker.settings import Settings
from .site import Site
from .site.releases import AUTO, is_since
from .topology import unit_names


def layout_of(site: Site, *, os_family: str, node: str, settings: Settings) -> dict[str, Any]:
    """Return what the formula's SLS ask about a node.

    :param site: what the pillar says
    :param os_family: Salt's grain of the node
    :param node: the id of its minion, as in ``haproxy.servers``
    :param settings: how the minion reaches the cluster; in a sandbox every file is below its root
    :return: ``sandbox`` (boolean), ``root`` (empty on a cluster), ``units``, ``sysctl``, ``shares`` (lines by
        path), ``api``, ``haproxy``, ``packages``; ``mistake`` is None
    :raises SiteError: the address of the node is needed and missing
    """
    sandbox = settings.cib_file is not None
    return {
        "mistake": None,
        "sandbox": sandbox,
        "root": settings.sandbox_root if sandbox else "",
        "clean": site.clean,
        "units": list(unit_names(site, os_family=os_family).values()),
        "sysctl": _kernel_settings(site, node),
        "shares": {path: list(shares) for path, shares in shares_files(site).values()},
        "api": _api(site, node),
        "haproxy": _haproxy(site),
        "packages": {"enabled": site.packages.enabled, "names": list(site.packages.names)},
    }


def _api(site: Site, node: str) -> dict[str, Any]:
    address = listen_address(site, node)
    return {
        "server": site.api.server,
        "listen": f"{in_url(address or '')}:{site.api.port}",
        "port": site.api.port,
        # cinder-wsgi is a script until 2025.2; the module is there since 2025.1 (release notes of 26.0.0).
        "module": site.release != AUTO and is_since(site.release, "2025.1"),
    }


def _haproxy(site: Site) -> dict[str, Any]:
    addresses = [str(vip.ip) for vip in site.vips.values() if vip.ip]
    return {
        "enabled": site.haproxy.enabled,
        "binds": [f"{in_url(address)}:{site.api.port}" for address in addresses],
        "servers": {
            name: f"{in_url(str(address))}:{site.api.port}" for name, address in site.haproxy.servers.items()
        },
    }


def _kernel_settings(site: Site, node: str) -> list[str]:
    """What lets a server listen on an address that another node has (ip-sysctl, ip_nonlocal_bind)."""
    if not listens_on_vip(site, node):
        return []
    families = {vip.ip.version for vip in site.vips.values() if vip.ip is not None}
    return [f"net.ipv{version}.ip_nonlocal_bind" for version in sorted(families)]
