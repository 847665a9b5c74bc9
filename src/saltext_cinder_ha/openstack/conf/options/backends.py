"""The storage backends, and the host name that they keep when cinder-volume moves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from ....site import PILLAR_KEY, Backend, Site, SiteError, missing
from ..drivers import volume_driver
from .model import DEFAULT, PART, Options, Target, option, passed_through

NFS_SHARES = PurePosixPath("/etc/cinder/nfs_exports")
_SHARES_OPTION = "nfs_shares_config"


def backend_options(target: Target) -> Options:
    """Yield ``enabled_backends`` and a section for each backend.

    Since Ocata, ``volume_driver`` in ``[DEFAULT]`` is fatal (release note "cinder.volume.manager: remove
    support for non-multi-backend"); every release since Folsom has ``enabled_backends``.
    """
    site = target.site
    if not site.backends:
        raise missing("backends", PART)
    yield option(DEFAULT, "enabled_backends", ",".join(site.backends), "backends")
    if not target.since("kilo"):
        yield option(DEFAULT, "host", _volume_host(site), "volume_host")
    for name in site.backends:
        yield from _section(target, name)


def shares_files(site: Site) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return the NFS share files: path and shares by backend.

    >>> from saltext_cinder_ha.site import parse_site
    >>> nfs = {"driver": "nfs", "shares": ["10.0.0.20:/srv/cinder"]}
    >>> shares_files(parse_site({"cinder_ha": {"backends": {"nfs1": nfs}}}))
    {'nfs1': ('/etc/cinder/nfs_exports', ('10.0.0.20:/srv/cinder',))}
    """
    return {
        name: (shares_file(site, name), backend.shares)
        for name, backend in site.backends.items()
        if backend.shares
    }


def shares_file(site: Site, name: str) -> str:
    """Return the path of a backend's share file; the guide's path if no other backend has shares."""
    chosen = site.backends[name].options.get(_SHARES_OPTION)
    if chosen is not None:
        return str(chosen)
    others = [other for other, backend in site.backends.items() if backend.shares and other != name]
    return str(NFS_SHARES.with_name(f"{NFS_SHARES.name}_{name}") if others else NFS_SHARES)


def driver_of(target: Target, name: str) -> str:
    """Return the class of a backend's driver.

    :raises SiteError: the backend has no driver, or it is an NFS driver without shares
    """
    backend, path = target.site.backends[name], f"backends.{name}"
    if backend.driver is None:
        raise missing(f"{path}.driver", PART)
    driver = volume_driver(backend.driver, target.release, f"{PILLAR_KEY}.{path}.driver")
    _check_shares(backend, driver, path)
    return driver


def _section(target: Target, name: str) -> Options:
    backend, key = target.site.backends[name], f"backends.{name}"
    yield option(name, "volume_driver", driver_of(target, name), f"{key}.driver")
    yield option(name, "volume_backend_name", name, key)
    if target.since("kilo"):
        # For cinder-volume only; host in [DEFAULT] would also merge all schedulers into one service.
        yield option(name, "backend_host", _volume_host(target.site), "volume_host")
    if backend.shares:
        yield option(name, _SHARES_OPTION, shares_file(target.site, name), f"{key}.shares")
    yield from passed_through(name, backend.options, f"{key}.options")


def _check_shares(backend: Backend, driver: str, path: str) -> None:
    if driver.endswith(".NfsDriver") and not backend.shares and _SHARES_OPTION not in backend.options:
        raise missing(f"{path}.shares", PART)
    if backend.shares and "nfs" not in driver.lower():
        raise SiteError(f"{PILLAR_KEY}.{path}.shares", f"is for NFS, but the driver is {driver}")
    for index, share in enumerate(backend.shares):
        if any(character in share for character in "\r\n#"):
            raise SiteError(f"{PILLAR_KEY}.{path}.shares[{index}]", "should be one line: HOST:/PATH")


def _volume_host(site: Site) -> str:
    if site.volume_host is None:
        raise missing("volume_host", PART)
    return site.volume_host
