"""The address of the API."""

from __future__ import annotations

from ..addresses import API_PORT, listen_address
from .model import DEFAULT, Options, Target, option


def api_options(target: Target) -> Options:
    """Yield the address and the port of the API.

    Only Cinder's own server uses them; uWSGI and mod_wsgi have their own configuration.
    """
    address = listen_address(target.site, target.node)
    if address is not None:
        yield option(DEFAULT, "osapi_volume_listen", address, "api.listen")
    if target.site.api.port != API_PORT:
        yield option(DEFAULT, "osapi_volume_listen_port", target.site.api.port, "api.port")
    if target.site.haproxy.enabled and target.since("newton"):
        yield option("oslo_middleware", "enable_proxy_headers_parsing", True, "haproxy.enabled")
