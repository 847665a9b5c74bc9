"""Open a session with the pillar's ``endpoints.auth``: inline, from clouds.yaml or the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from ...common.secrets import Secret
from ...site import PILLAR_KEY, Site, SiteError, missing
from ...site.model import EndpointAuth
from .desired import PART
from .errors import CredentialsError, SdkMissingError

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

_AUTH = "endpoints.auth"
_INLINE = ("username", "password", "project_name")
_IN_AUTH = ("username", "password", "project_name", "user_domain_name", "project_domain_name")


def open_cloud(site: Site, environ: Mapping[str, str], *, timeout: float) -> CloudRegion:
    """Return the cloud for the pillar's credentials; no request is sent yet.

    The credentials are those of the cloud that the pillar names, else the pillar's own, else those in the
    variables ``OS_*``.

    :param environ: the environment of the process
    :param timeout: seconds for each request
    :raises SiteError: a key is missing, or names a file that does not exist
    :raises CredentialsError: openstacksdk reports an unknown cloud or incomplete credentials
    :raises SdkMissingError: openstacksdk is not installed
    """
    loader, exceptions = _sdk()
    from .transport import session_constructor

    auth = site.endpoints.auth
    _require_file(auth)
    try:
        config = loader.OpenStackConfig(
            load_yaml_config=not _is_inline(auth),
            load_envvars=not _is_inline(auth),
            session_constructor=session_constructor(),
            app_name="saltext-cinder-ha",
        )
        region = config.get_one(**_arguments(site, environ), api_timeout=timeout)
    except exceptions.ConfigException as error:
        raise CredentialsError(f"{PILLAR_KEY}.{_AUTH}: {_one_line(error)}") from error
    url = region.config.get("auth", {}).get("auth_url")
    if not url:
        raise CredentialsError(f"{PILLAR_KEY}.{_AUTH}: the cloud {region.name} has no auth_url")
    # The Keystone that accepts the credentials also manages the catalog: no lookup of its URL is needed.
    region.config["identity_endpoint_override"] = versioned(url)
    region.config["identity_api_version"] = "3"
    return region


def versioned(url: str) -> str:
    """Return Keystone's URL with the version of the Identity API.

    >>> versioned("http://10.0.0.11:5000/"), versioned("http://10.0.0.11/identity/v2.0")
    ('http://10.0.0.11:5000/v3', 'http://10.0.0.11/identity/v3')
    """
    parts = urlsplit(url)
    path = re.sub(r"/v[23](?:\.0)?$", "", parts.path.rstrip("/"))
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/v3", "", ""))


def auth_url_of(site: Site) -> str | None:
    """Return Keystone's URL, None if it is in clouds.yaml or the environment instead of the pillar."""
    auth = site.endpoints.auth
    return auth.auth_url or (site.identity.auth_url if _is_inline(auth) else None)


def _is_inline(auth: EndpointAuth) -> bool:
    return auth.cloud is None and any(getattr(auth, name) is not None for name in _INLINE)


def _arguments(site: Site, environ: Mapping[str, str]) -> dict[str, Any]:
    auth = site.endpoints.auth
    given = {name: _revealed(getattr(auth, name)) for name in _IN_AUTH if getattr(auth, name) is not None}
    found: dict[str, Any] = {}
    if auth.cacert is not None:
        found["cacert"] = auth.cacert
    if auth.insecure:
        found["verify"] = False
    if _is_inline(auth):
        for name in _INLINE:
            if name not in given:
                raise missing(f"{_AUTH}.{name}", PART)
        url = auth_url_of(site)
        if url is None:
            raise missing(f"{_AUTH}.auth_url", PART)
        domains = {"user_domain_name": "Default", "project_domain_name": "Default"}
        return {**found, "auth_type": "v3password", "auth": {**domains, **given, "auth_url": versioned(url)}}
    if auth.cloud is None and not ({"OS_CLOUD", "OS_AUTH_URL"} & set(environ)):
        raise SiteError(
            f"{PILLAR_KEY}.{_AUTH}",
            f"is missing, but the part {PART} needs it; set credentials or cloud, or OS_* in the environment",
        )
    if auth.auth_url is not None:
        given["auth_url"] = auth.auth_url
    return {**found, "cloud": auth.cloud or environ.get("OS_CLOUD") or None, "auth": given}


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _require_file(auth: EndpointAuth) -> None:
    if auth.cacert is not None and not Path(auth.cacert).exists():
        raise SiteError(f"{PILLAR_KEY}.{_AUTH}.cacert", f"is {auth.cacert!r}, but there is no such file")


def _sdk() -> tuple[Any, Any]:
    try:
        from openstack import exceptions
        from openstack.config import loader
    except ImportError as error:
        raise SdkMissingError(
            "openstacksdk is not installed in Salt's Python; "
            f"install saltext-cinder-ha[openstack] there ({_one_line(error)})"
        ) from error
    return loader, exceptions


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
