"""Keystone: how Cinder validates its clients' tokens and gets its own."""

from __future__ import annotations

from urllib.parse import urlsplit

from ....common.secrets import Secret
from ....site import missing
from ..addresses import in_url
from .model import DEFAULT, PART, Options, Target, option

AUTHTOKEN = "keystone_authtoken"


def identity_options(target: Target) -> Options:
    """Yield the options of ``[keystone_authtoken]`` (keystonemiddleware, "Configuration").

    Havana and Icehouse have one option for each part of Keystone's URL, Juno has ``identity_uri``, and Kilo
    added plugins.
    """
    yield option(DEFAULT, "auth_strategy", "keystone", "identity")
    yield from _clients(target)
    if target.since("kilo"):
        yield from _credentials(target, AUTHTOKEN)
    else:
        yield from _admin_credentials(target)
    yield from _common(target)
    if target.since("ocata"):
        # OSSA-2023-003: without it, any user's token is accepted as a service's.
        yield option(AUTHTOKEN, "service_token_roles_required", True, "identity")
    if target.since("queens"):
        yield option("service_user", "send_service_user_token", True, "identity")
        yield from _credentials(target, "service_user")


def _clients(target: Target) -> Options:
    found = target.site.identity.www_authenticate_uri
    if found is not None:
        # keystonemiddleware 4.18 (Queens), release note "deprecate-auth_uri".
        name = "www_authenticate_uri" if target.since("queens") else "auth_uri"
        yield option(AUTHTOKEN, name, found, "identity.www_authenticate_uri")


def _credentials(target: Target, section: str) -> Options:
    identity = target.site.identity
    # keystonemiddleware 4.0 (Mitaka) uses keystoneauth's name of the option.
    plugin = "auth_type" if target.since("mitaka") else "auth_plugin"
    yield option(section, plugin, "password", "identity")
    yield option(section, "auth_url", _auth_url(target), "identity.auth_url")
    yield option(section, "username", identity.username, "identity.username")
    yield option(section, "password", _password(target).reveal(), "identity.password")
    yield option(section, "project_name", identity.project_name, "identity.project_name")
    yield option(section, "user_domain_name", identity.user_domain_name, "identity.user_domain_name")
    yield option(section, "project_domain_name", identity.project_domain_name, "identity.project_domain_name")


def _admin_credentials(target: Target) -> Options:
    identity = target.site.identity
    if target.since("juno"):
        yield option(AUTHTOKEN, "identity_uri", _auth_url(target), "identity.auth_url")
    else:
        parts = urlsplit(_auth_url(target))
        port = parts.port or (443 if parts.scheme == "https" else 80)
        yield option(AUTHTOKEN, "auth_protocol", parts.scheme, "identity.auth_url")
        yield option(AUTHTOKEN, "auth_host", in_url(parts.hostname or ""), "identity.auth_url")
        yield option(AUTHTOKEN, "auth_port", port, "identity.auth_url")
    yield option(AUTHTOKEN, "admin_tenant_name", identity.project_name, "identity.project_name")
    yield option(AUTHTOKEN, "admin_user", identity.username, "identity.username")
    yield option(AUTHTOKEN, "admin_password", _password(target).reveal(), "identity.password")


def _common(target: Target) -> Options:
    identity = target.site.identity
    # Havana's keystoneclient 0.3 does not verify certificates.
    if identity.cafile is not None and target.since("icehouse"):
        yield option(AUTHTOKEN, "cafile", identity.cafile, "identity.cafile")
    if identity.memcached_servers:
        servers = ",".join(identity.memcached_servers)
        yield option(AUTHTOKEN, "memcached_servers", servers, "identity.memcached_servers")
    if identity.region_name is not None and target.since("liberty"):
        yield option(AUTHTOKEN, "region_name", identity.region_name, "identity.region_name")


def _auth_url(target: Target) -> str:
    if target.site.identity.auth_url is None:
        raise missing("identity.auth_url", PART)
    return target.site.identity.auth_url


def _password(target: Target) -> Secret:
    if target.site.identity.password is None:
        raise missing("identity.password", PART)
    return target.site.identity.password
