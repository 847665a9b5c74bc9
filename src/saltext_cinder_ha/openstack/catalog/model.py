"""Services and endpoints, as the pillar wants them and as Keystone has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPES = ("block-storage", "volumev3", "volumev2", "volume")
"""The service types of Block Storage (OpenStack service-types authority)."""

OWNER = "managed_by"
"""The attribute by which a row of the catalog says who made or changed it; Keystone keeps unknown ones."""

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

    :param description: None: as it is
    :param enabled: of the service and its endpoints; None: as each of them is
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
    """All that the pillar says about the catalog.

    :param owner: the site, by which its rows are told from those of others
    :param warnings: sentences about what is odd, but can be done
    """

    owner: str
    services: tuple[DesiredService, ...]
    warnings: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """Return what :data:`OWNER` says in the rows of this site."""
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
        """Read the JSON object of the Identity API v3."""
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
        """Read the JSON object of the Identity API v3."""
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
        """Interface and region: a service should have one endpoint there."""
        return self.interface, self.region


@dataclass(frozen=True)
class Catalog:
    """What Keystone has, in Keystone's order, in which clients look an endpoint up too.

    Keystone's SQL driver sorts neither: rows come as the database keeps them (``catalog/backends/sql.py``).
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
