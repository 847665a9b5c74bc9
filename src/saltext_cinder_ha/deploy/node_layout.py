"""What of a site concerns one node: the files that the formula writes there, units and kernel settings.

What is written, what is restarted for it and what ``cinder_ha.clean`` removes come from the one list here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..openstack.conf.addresses import in_url, listen_address, listens_on_vip
from ..openstack.conf.consumers import API, SERVICES, VOLUME
from ..openstack.conf.options.backends import shares_files
from ..pacemaker.settings import Settings
from ..site import Site
from ..site.releases import AUTO, is_since
from .fingerprints import FOLDER
from .topology import CONFIG_FILE, unit_names

HAPROXY = "/etc/haproxy/haproxy.cfg"
SYSCTL = "/etc/sysctl.d/60-cinder-ha.conf"

_HEADER = "# Written by Salt (cinder_ha)."


@dataclass(frozen=True)
class File:
    """A file that the formula writes.

    :param path: where it is on a node of a cluster
    :param services: which services read it when they start
    :param template: its name in the formula's folder of templates; None: ``contents`` are all of it
    :param context: what the template is told
    :param contents: lines
    """

    path: str
    services: tuple[str, ...] = ()
    template: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    contents: tuple[str, ...] = ()
    mode: str = "0644"
    group: str = "root"


def layout_of(
    site: Site, *, os_family: str, node: str, settings: Settings, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the formula's SLS ask about a node.

    :param site: what the pillar says
    :param os_family: Salt's grain of the node
    :param node: the id of its minion, as in ``haproxy.servers``
    :param settings: how the minion reaches the cluster; in a sandbox every file is below its root
    :param names: what the OS family calls the files of the API's server (``map.jinja``)
    :return: ``sandbox`` (boolean), ``root`` (empty on a cluster), ``units`` (their drop-ins by unit),
        ``sysctl``, ``sysctl_file``, ``shares`` (paths), ``files`` (by path on a cluster: its ``path`` here
        and what :class:`File` says), ``written`` (all paths here), ``haproxy``, ``packages``; ``mistake`` is
        None
    :raises SiteError: the address of the node is needed and missing
    """
    sandbox = settings.cib_file is not None
    root = (settings.sandbox_root or "") if sandbox else ""
    units = {unit: _drop_in_path(unit) for unit in unit_names(site, os_family=os_family).values()}
    files = [*_files(site, node, names), *map(_drop_in, units)]
    return {
        "mistake": None,
        "sandbox": sandbox,
        "root": root,
        "clean": site.clean,
        "units": units,
        "sysctl": _kernel_settings(site, node),
        "sysctl_file": SYSCTL,
        "shares": list(dict(shares_files(site).values())),
        "files": {file.path: _as_data(file, root) for file in files},
        "written": [root + path for path in (*(file.path for file in files), SYSCTL, FOLDER)],
        "haproxy": site.haproxy.enabled,
        "packages": {"enabled": site.packages.enabled, "names": list(site.packages.names)},
    }


def _as_data(file: File, root: str) -> dict[str, Any]:
    return {
        "path": root + file.path,
        "services": list(file.services),
        "template": file.template,
        "context": dict(file.context),
        "contents": list(file.contents),
        "mode": file.mode,
        "group": file.group,
    }


def _files(site: Site, node: str, names: Mapping[str, str]) -> Iterator[File]:
    yield File(CONFIG_FILE, SERVICES, "cinder.conf.jinja", mode="0640", group="cinder")
    for path, shares in dict(shares_files(site).values()).items():
        yield File(path, (VOLUME,), contents=shares, mode="0640", group="cinder")
    server = site.api.server or names.get("server")
    if server == "uwsgi" and names:
        yield from _uwsgi(site, node, names)
    elif server == "mod_wsgi" and names:
        yield _mod_wsgi(site, node, names)
    if site.haproxy.enabled:
        yield File(HAPROXY, template="haproxy.cfg.jinja", context=_haproxy(site))


def _uwsgi(site: Site, node: str, names: Mapping[str, str]) -> Iterator[File]:
    context = {"listen": _listen(site, node), "module": _has_module(site)}
    path = names["uwsgi"]
    yield File(path, (API,), "cinder-api-uwsgi.ini.jinja", context, mode="0640", group="cinder")
    if names["uwsgi_arguments"]:
        # Debian's init script reads it after it made up arguments of its own, an address among them.
        yield File(names["uwsgi_arguments"], (API,), contents=(_HEADER, f'DAEMON_ARGS="--ini {path}"'))


def _mod_wsgi(site: Site, node: str, names: Mapping[str, str]) -> File:
    script = f"{names['python']}/cinder/wsgi/api.py" if _has_module(site) else "/usr/bin/cinder-wsgi"
    context = {"listen": _listen(site, node), "logs": names["apache_log"], "script": script}
    return File(names["mod_wsgi"], template="cinder-wsgi.conf.jinja", context=context)


def _listen(site: Site, node: str) -> str:
    return f"{in_url(listen_address(site, node) or '')}:{site.api.port}"


def _has_module(site: Site) -> bool:
    # cinder-wsgi is a script until 2025.2; the module is there since 2025.1 (release notes of 26.0.0).
    return site.release != AUTO and is_since(site.release, "2025.1")


def _haproxy(site: Site) -> dict[str, Any]:
    addresses = [str(vip.ip) for vip in site.vips.values() if vip.ip]
    return {
        "binds": [f"{in_url(address)}:{site.api.port}" for address in addresses],
        "servers": {
            name: f"{in_url(str(address))}:{site.api.port}" for name, address in site.haproxy.servers.items()
        },
    }


def _drop_in_path(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.service.d/10-cinder-ha.conf"


def _drop_in(unit: str) -> File:
    # Pacemaker makes this file before it starts a unit (lib/services/systemd.c, systemd_create_override).
    started = f"/run/systemd/system/{unit}.service.d/50-pacemaker.conf"
    lines = (f"{_HEADER[:-1]}: the cluster runs this unit.", "[Unit]", f"ConditionPathExists={started}")
    return File(_drop_in_path(unit), contents=lines)


def _kernel_settings(site: Site, node: str) -> list[str]:
    """What lets a server listen on an address that another node has (ip-sysctl, ip_nonlocal_bind)."""
    if not listens_on_vip(site, node):
        return []
    families = {vip.ip.version for vip in site.vips.values() if vip.ip is not None}
    return [f"net.ipv{version}.ip_nonlocal_bind" for version in sorted(families)]
