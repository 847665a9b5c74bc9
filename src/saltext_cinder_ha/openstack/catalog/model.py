"""Services and endpoints, as the pillar wants them and as Keystone has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPES = ("block-storage", "volumev3", "volumev2", "volume")
"""The service types of Block Storage (OpenStack service-types authority)."""

OWNER = "managed_by"
"""The attribute of a row that says who created or changed it; Keystone stores unknown attributes."""

_OWNER_PREFIX = "saltext-cinder-ha "


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as it should be."""

    interface: str
    region: str
    url: str


@dataclass(frozen=True)
class DesiredService:
    """A service as it should be, with its endpoints.

    :param description: None: unchanged
    :param enabled: of the service and its endpoints; None: unchanged
    """

    type: str
    name: str
    description: str | None
    enabled: bool | None
    endpoints: tuple[Endpoint, ...]

    @property
    def label(self) -> str:
        return f"{self.type} {self.name}"


@dataclass(frozen=True)
class Desired:
    """The catalog that the pillar describes.

    :param owner: the name that marks the rows of the site
    :param warnings: sentences about what is unusual but possible
    """

    owner: str
    services: tuple[DesiredService, ...]
    warnings: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Return the value of :data:`OWNER` in the rows of this site."""
        return f"{_OWNER_PREFIX}{self.owner}"


@dataclass(frozen=True)
class ServiceRow:
    """A service in Keystone."""

    id: str
    type: str
    name: str
    description: str
    enabled: bool
    mark: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> ServiceRow:
        """Parse the JSON object of the Identity API v3."""
        return cls(
            id=body["id"],
            type=body["type"],
            name=body.get("name") or "",
            description=body.get("description") or "",
            enabled=body.get("enabled", True),
            mark=body.get(OWNER),
        )

    @property
    def label(self) -> str:
        return f"{self.type} {self.name}"


@dataclass(frozen=True)
class EndpointRow:
    """An endpoint in Keystone."""

    id: str
    service_id: str
    interface: str
    region: str
    url: str
    enabled: bool
    mark: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> EndpointRow:
        """Parse the JSON object of the Identity API v3."""
        return cls(
            id=body["id"],
            service_id=body["service_id"],
            interface=body["interface"],
            region=body.get("region_id") or "",
            url=body["url"],
            enabled=body.get("enabled", True),
            mark=body.get(OWNER),
        )

    @property
    def place(self) -> tuple[str, str]:
        """Return interface and region, for which a service should have one endpoint."""
        return self.interface, self.region


@dataclass(frozen=True)
class Catalog:
    """The live catalog in Keystone's order, in which clients also look up endpoints.

    Keystone's SQL driver does not sort: rows come in the database's order (``catalog/backends/sql.py``).
    """

    services: tuple[ServiceRow, ...]
    endpoints: tuple[EndpointRow, ...]

    def endpoints_of(self, service: ServiceRow) -> tuple[EndpointRow, ...]:
        return tuple(endpoint for endpoint in self.endpoints if endpoint.service_id == service.id)

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the services of Block Storage with their endpoints, as plain data."""
        return [
            {
                "id": service.id,
                "type": service.type,
                "name": service.name,
                "enabled": service.enabled,
                "endpoints": [
                    {
                        "id": endpoint.id,
                        "interface": endpoint.interface,
                        "region": endpoint.region,
                        "url": endpoint.url,
                        "enabled": endpoint.enabled,
                    }
                    for endpoint in self.endpoints_of(service)
                ],
            }
            for service in self.services
            if service.type in TYPES
        ]
