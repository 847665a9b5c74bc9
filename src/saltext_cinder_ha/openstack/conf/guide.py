"""The HA guide's own three files, option by option: ``form: guide``.

OpenStack High Availability Guide, "Highly available Block Storage API": the first edition's chapter for
Havana, and the two variants of the current text. For options that still work, see :mod:`.options`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...site import PILLAR_KEY, Site, SiteError, missing
from .options.backends import driver_of, shares_file
from .options.database import connection
from .options.model import DEFAULT, PART, Option, Options, Target, option, passed_through

_FIRST_EDITION = "havana"


def guide_options(target: Target) -> Iterator[Option]:
    """Yield the options of the guide's file for the release and the mode.

    :raises SiteError: a key that the file needs is missing
    """
    if target.release == _FIRST_EDITION:
        yield option(DEFAULT, "sql_connection", connection(target.site), "database")
        yield from _single_host(target.site)
    elif target.site.mode == "ocf":
        yield from _single_host(target.site)
        yield option("database", "connection", connection(target.site), "database")
    else:
        yield from _units(target)


def _single_host(site: Site) -> Options:
    """Yield the options of the short file, with one RabbitMQ host, which should be a virtual IP."""
    yield option(DEFAULT, "osapi_volume_listen", _vip(site), "vips.internal.ip")
    yield option(DEFAULT, "notifier_strategy", "rabbit", "form")
    yield option(DEFAULT, "rabbit_host", _rabbit_hosts(site)[0], "messaging.hosts")


def _units(target: Target) -> Options:
    site = target.site
    if site.volume_host is None:
        raise missing("volume_host", PART)
    yield option(DEFAULT, "host", site.volume_host, "volume_host")
    yield option(DEFAULT, "osapi_volume_listen", _vip(site), "vips.internal.ip")
    yield option(DEFAULT, "auth_strategy", "keystone", "form")
    yield option(DEFAULT, "control_exchange", "cinder", "form")
    yield from _backend(target)
    yield option("database", "connection", connection(site), "database")
    yield option("database", "max_retries", -1, "form")
    yield from _keystone(site)
    yield option("oslo_messaging_rabbit", "rabbit_hosts", ",".join(_rabbit_hosts(site)), "messaging.hosts")
    yield option("oslo_messaging_rabbit", "rabbit_ha_queues", "True", "form")
    yield option("oslo_messaging_rabbit", "heartbeat_timeout_threshold", 60, "form")
    yield option("oslo_messaging_rabbit", "heartbeat_rate", 2, "form")


def _backend(target: Target) -> Options:
    site = target.site
    if len(site.backends) != 1:
        problem = (
            f"should be exactly one with form: guide, whose file has only one; found: {len(site.backends)}"
        )
        raise SiteError(f"{PILLAR_KEY}.backends", problem)
    (name,) = site.backends
    key = f"backends.{name}"
    yield option(DEFAULT, "volume_driver", driver_of(target, name), f"{key}.driver")
    if site.backends[name].shares:
        yield option(DEFAULT, "nfs_shares_config", shares_file(site, name), f"{key}.shares")
        yield option(DEFAULT, "nfs_sparsed_volumes", True, "form")
        yield option(DEFAULT, "nfs_mount_options", "v3", "form")
    yield from passed_through(DEFAULT, site.backends[name].options, f"{key}.options")


def _keystone(site: Site) -> Options:
    identity, section = site.identity, "keystone_authtoken"
    for name in ("auth_url", "www_authenticate_uri", "password"):
        if getattr(identity, name) is None:
            raise missing(f"identity.{name}", PART)
    password = identity.password.reveal() if identity.password else ""
    yield option(section, "identity_uri", identity.auth_url or "", "identity.auth_url")
    yield option(
        section, "www_authenticate_uri", identity.www_authenticate_uri or "", "identity.www_authenticate_uri"
    )
    yield option(section, "admin_tenant_name", identity.project_name, "identity.project_name")
    yield option(section, "admin_user", identity.username, "identity.username")
    yield option(section, "admin_password", password, "identity.password")


def _vip(site: Site) -> str:
    if site.require_vip("internal", PART).ip is None:
        raise missing("vips.internal.ip", PART)
    return str(site.vips["internal"].ip)


def _rabbit_hosts(site: Site) -> tuple[str, ...]:
    if not site.messaging.hosts:
        raise missing("messaging.hosts", PART)
    return site.messaging.hosts
