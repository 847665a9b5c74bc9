"""Lay out a site on one node: the files that the formula writes, the units and the kernel settings.

The one list here says what is written, what is restarted for it, and what ``cinder_ha.clean`` removes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..common import fields
from ..common.fields import Fields
from ..common.files import rooted
from ..formula import FORMULA
from ..openstack.conf.addresses import in_url, listen_address, listens_on_vip
from ..openstack.conf.options.backends import shares_files
from ..pacemaker.settings import Settings
from ..site import API, SERVICES, VOLUME, Site
from ..site.releases import AUTO, is_since
from .fingerprints import FOLDER
from .topology import CONFIG_FILE, unit_names

HAPROXY = "/etc/haproxy/haproxy.cfg"
SYSCTL = "/etc/sysctl.d/60-cinder-ha.conf"

_HEADER = "# Written by Salt (cinder_ha)."


@dataclass(frozen=True)
class File:
    """A file of a node.

    :param path: its path on a node of a cluster
    :param services: the services that read it when they start
    :param source: URLs of its template; the first one that exists is used
    :param context: the template's variables
    :param contents: its lines; None: those of the template, or unknown
    """

    path: str
    services: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    contents: tuple[str, ...] | None = field(default=None, repr=False)
    mode: str = "0644"
    group: str = "root"

    @classmethod
    def parse(cls, path: str, given: object) -> File:
        """Parse a state's entry for one of the user's own files: its services, or a mapping.

        :raises DeclarationError: the entry is invalid
        """
        place = fields.joined("files", path)
        body = given if isinstance(given, Mapping) else {"services": given}
        found = Fields(body, place, ("services", "contents", "source", "context"))
        where = place if body is not given else found.at("services")
        services = fields.sequence(found.required("services"), where)
        contents = found.optional("contents", fields.sequence)
        return cls(
            path,
            tuple(fields.choice(service, where, SERVICES) for service in services),
            tuple(map(str, found.optional("source", fields.sequence) or ())),
            found.optional("context", fields.mapping) or {},
            None if contents is None else tuple(map(str, contents)),
        )


@dataclass(frozen=True)
class Minion:
    """What the files of a node depend on besides its site.

    :param id: the minion's id, as in ``haproxy.servers``
    :param os_family: Salt's grain
    :param settings: how it reaches the cluster; in a sandbox, every file is below its root
    :param names: the OS family's names of the API server's files (``map.jinja``); None omits these files
    """

    id: str
    os_family: str
    settings: Settings
    names: Fields | None = None

    def sources(self, template: str) -> tuple[str, ...]:
        """Return the URLs of a template of the formula: for the minion, for the OS family, the default."""
        return tuple(
            f"salt://{FORMULA}/files/{place}/{template}" for place in (self.id, self.os_family, "default")
        )


def layout_of(site: Site, minion: Minion) -> dict[str, Any]:
    """Return what the formula's SLS files need to know about a node.

    :param site: what the pillar says
    :return: ``sandbox`` (boolean), ``root`` (empty on a cluster), ``units`` (drop-ins by unit), ``sysctl``,
        ``sysctl_file``, ``shares`` (paths), ``files`` (by path on a cluster: the ``path`` on this machine
        and the fields of :class:`File`), ``written`` (all paths on this machine), ``haproxy``, ``packages``;
        ``mistake`` is None
    :raises SiteError: the address of the node is required and missing
    """
    root = minion.settings.root
    units = {unit: _drop_in_path(unit) for unit in unit_names(site, os_family=minion.os_family).values()}
    files = [*_files(site, minion), *map(_drop_in, units)]
    written = (*(file.path for file in files), SYSCTL, FOLDER)
    return {
        "mistake": None,
        "sandbox": minion.settings.cib_file is not None,
        "root": root or "",
        "clean": site.clean,
        "units": units,
        "sysctl": _kernel_settings(site, minion.id),
        "sysctl_file": SYSCTL,
        "shares": list(dict(shares_files(site).values())),
        "files": {file.path: _as_data(file, root) for file in files},
        "written": [str(rooted(path, root)) for path in written],
        "haproxy": site.haproxy.enabled,
        "packages": {"enabled": site.packages.enabled, "names": list(site.packages.names)},
    }


def service_files(site: Site, minion: Minion, further: object = None) -> dict[Path, File]:
    """Return the files besides cinder.conf that services read when they start, by path on this machine.

    :param further: a state's entries for further files, by path
    :raises DeclarationError: one of these is invalid
    """
    found = {
        rooted(file.path, minion.settings.root): file
        for file in _files(site, minion)
        if file.services and file.path != CONFIG_FILE
    }
    given = fields.mapping(further, "files")
    found |= {Path(path): File.parse(path, body) for path, body in given.items()}
    # The fingerprints depend on the order.
    return dict(sorted(found.items()))


def _as_data(file: File, root: str | None) -> dict[str, Any]:
    return {
        "path": str(rooted(file.path, root)),
        "services": list(file.services),
        "source": list(file.source),
        "context": dict(file.context),
        "contents": list(file.contents or ()),
        "mode": file.mode,
        "group": file.group,
    }


def _files(site: Site, minion: Minion) -> Iterator[File]:
    yield File(CONFIG_FILE, SERVICES, minion.sources("cinder.conf.jinja"), mode="0640", group="cinder")
    for path, shares in dict(shares_files(site).values()).items():
        yield File(path, (VOLUME,), contents=shares, mode="0640", group="cinder")
    if minion.names is not None:
        yield from _api_files(site, minion, minion.names)
    if site.haproxy.enabled:
        yield File(HAPROXY, source=minion.sources("haproxy.cfg.jinja"), context=_haproxy(site))


def _api_files(site: Site, minion: Minion, names: Fields) -> Iterator[File]:
    server = site.api.server or names.required("server")
    if server == "uwsgi":
        yield from _uwsgi(site, minion, names)
    elif server == "mod_wsgi":
        yield _mod_wsgi(site, minion, names)


def _uwsgi(site: Site, minion: Minion, names: Fields) -> Iterator[File]:
    context = {"listen": _listen(site, minion.id), "module": _has_module(site)}
    path, source = names.required("uwsgi"), minion.sources("cinder-api-uwsgi.ini.jinja")
    yield File(path, (API,), source, context, mode="0640", group="cinder")
    arguments = names.required("uwsgi_arguments")
    if arguments:
        # Debian's init script sets its own arguments first, including an address, and then reads this file.
        yield File(arguments, (API,), contents=(_HEADER, f'DAEMON_ARGS="--ini {path}"'))


def _mod_wsgi(site: Site, minion: Minion, names: Fields) -> File:
    script = f"{names.required('python')}/cinder/wsgi/api.py" if _has_module(site) else "/usr/bin/cinder-wsgi"
    context = {"listen": _listen(site, minion.id), "logs": names.required("apache_log"), "script": script}
    return File(names.required("mod_wsgi"), source=minion.sources("cinder-wsgi.conf.jinja"), context=context)


def _listen(site: Site, node: str) -> str:
    return f"{in_url(listen_address(site, node) or '')}:{site.api.port}"


def _has_module(site: Site) -> bool:
    # cinder-wsgi is a script until 2025.2; the module exists since 2025.1 (release notes of 26.0.0).
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
    # Pacemaker creates this file before it starts a unit (lib/services/systemd.c, systemd_create_override).
    started = f"/run/systemd/system/{unit}.service.d/50-pacemaker.conf"
    lines = (f"{_HEADER[:-1]}: the cluster runs this unit.", "[Unit]", f"ConditionPathExists={started}")
    return File(_drop_in_path(unit), contents=lines)


def _kernel_settings(site: Site, node: str) -> list[str]:
    """Return the sysctls that let a server listen on another node's address (ip-sysctl, ip_nonlocal_bind)."""
    if not listens_on_vip(site, node):
        return []
    families = {vip.ip.version for vip in site.vips.values() if vip.ip is not None}
    return [f"net.ipv{version}.ip_nonlocal_bind" for version in sorted(families)]
