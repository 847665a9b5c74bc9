"""Read Keystone's catalog in two requests, and change it by one request for each step."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .answers import error_of, shown
from .errors import CredentialsError, GoneError, RefusedError
from .model import Catalog, EndpointRow, ServiceRow
from .plan import CREATE, DELETE, Step

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion


class Keystone:
    """One Keystone, with one token and one connection pool.

    :param cloud: see :func:`~.credentials.open_cloud`
    """

    def __init__(self, cloud: CloudRegion):
        self._cloud = cloud
        self.url = str(cloud.config["identity_endpoint_override"])
        self._timeout = float(cloud.config["api_timeout"])
        from keystoneauth1.adapter import Adapter

        # Not the SDK's own proxy, which queries Keystone's version each time.
        self._client = Adapter(
            cloud.get_session(), service_type="identity", endpoint_override=self.url, connect_retries=0
        )
        self._is_region_checked = False

    def __str__(self) -> str:
        return f"Keystone at {shown(self.url)}"

    def read(self) -> Catalog:
        """Return the live catalog.

        :raises CatalogError: Keystone did not return it
        """
        with self._errors():
            self._check_region()
            services = self._list("services")
            endpoints = self._list("endpoints")
            try:
                return Catalog(
                    services=tuple(ServiceRow.of(row) for row in services),
                    endpoints=tuple(EndpointRow.of(row) for row in endpoints),
                )
            except (KeyError, TypeError) as error:
                raise RefusedError(f"{self} answers with rows that lack {error}") from error

    def carry_out(self, step: Step, service_ids: dict[str, str]) -> bool:
        """Carry out one step.

        :param service_ids: services that earlier steps have created, by label; a new one is added
        :return: false if someone else has just removed what the step removes
        :raises CatalogError: it was not carried out, or the result is unknown
        """
        path = f"/{step.kind}s"
        with self._errors():
            if step.verb == CREATE:
                answer = self._client.post(path, json=step.body(service_ids))
                if step.service_id is None and step.label == step.service:
                    service_ids[step.label] = answer.json()[step.kind]["id"]
            elif step.verb == DELETE:
                try:
                    self._client.delete(f"{path}/{step.id}")
                except GoneError:
                    return False
            else:
                self._client.patch(f"{path}/{step.id}", json=step.body(service_ids))
        return True

    def _list(self, kind: str) -> list[Any]:
        answer = self._client.get(f"/{kind}").json()
        rows = answer.get(kind)
        if not isinstance(rows, list):
            raise RefusedError(f"{self} answers without {kind}; check auth_url")
        if answer.get("truncated"):
            # Keystone: [catalog] list_limit. Rows that are not returned would be created again.
            raise RefusedError(f"{self} returns only some of its {kind}; raise list_limit in keystone.conf")
        return rows

    def _check_region(self) -> None:
        region = self._cloud.config.get("region_name")
        if not region or self._is_region_checked:
            return
        catalog = self._cloud.get_service_catalog()
        services = catalog.catalog if catalog else []
        known = sorted({e["region"] for s in services for e in s["endpoints"] if e.get("region")})
        if known and region not in known:
            raise CredentialsError(f"{self} has no region {region!r}; it has {', '.join(known)}")
        self._is_region_checked = True

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        from keystoneauth1.exceptions import ClientException
        from openstack.exceptions import SDKException

        try:
            yield
        except (ClientException, SDKException) as error:
            raise error_of(error, self.url, self._timeout) from error
