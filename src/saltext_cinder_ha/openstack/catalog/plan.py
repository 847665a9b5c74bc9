"""Plan the requests that apply the pillar to Keystone: create, change in place, remove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .model import OWNER, Catalog, Desired, DesiredService, Endpoint, EndpointRow, ServiceRow

CREATE, UPDATE, DELETE = "create", "update", "delete"
SERVICE, ENDPOINT = "service", "endpoint"


@dataclass(frozen=True)
class Step:
    """One request that changes the catalog.

    :param verb: :data:`CREATE`, :data:`UPDATE` or :data:`DELETE`
    :param kind: :data:`SERVICE` or :data:`ENDPOINT`
    :param label: the name of the row for users
    :param id: the id of the row; None for a new one
    :param service: label of the service that an endpoint belongs to
    :param service_id: id of that service; None if an earlier step creates it
    :param old: present values of the attributes that change or are removed
    :param new: future values of the attributes
    :param mark: who creates or changes it; None keeps that of the row
    """

    verb: str
    kind: str
    label: str
    id: str | None
    service: str
    service_id: str | None
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    mark: str | None

    def body(self, service_ids: Mapping[str, str]) -> dict[str, Any]:
        """Return the JSON object of the request.

        :param service_ids: services that earlier steps have created, by label
        """
        row = dict(self.new) if self.mark is None else {**self.new, OWNER: self.mark}
        if self.kind == ENDPOINT and (self.verb == CREATE or "service_id" in row):
            row["service_id"] = self.service_id or service_ids[self.service]
        return {self.kind: row}

    def __str__(self) -> str:
        words = {CREATE: "create", UPDATE: "change", DELETE: "remove"}[self.verb]
        return f"{words} {self.kind} {self.label}"


@dataclass(frozen=True)
class CatalogPlan:
    """The steps in order, and sentences about what is left unchanged."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)


def changes_of(steps: Iterable[Step]) -> dict[str, dict[str, Any]]:
    """Return steps as Salt's changes: ``services`` and ``endpoints`` by label, each with old and new."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        label = f"{step.label} ({step.id})" if step.verb == DELETE else step.label
        change: dict[str, Any] = {"old": dict(step.old) or None, "new": dict(step.new) or None}
        if step.id is not None:
            change["id"] = step.id
        found.setdefault(f"{step.kind}s", {})[label] = change
    return found


def make_plan(desired: Desired, live: Catalog) -> CatalogPlan:
    """Compare the desired catalog with the live one, and plan the steps from one to the other.

    A row belongs to the site if it carries the site's mark, which the site sets on every row that it creates
    or changes. A service is identified by its type and name; a service of the site whose name is no longer in
    the pillar is renamed. Of duplicate rows, the first is kept, since clients use it.
    """
    steps: list[Step] = []
    notes: list[str] = []
    taken: set[str] = set()
    for service in desired.services:
        rows = _rows_of(service, desired, live, taken)
        taken.update(row.id for row in rows)
        comparison = _Comparison(desired, live, service, rows)
        steps.extend(comparison.steps())
        notes.extend(comparison.notes())
    rest = [row for row in live.services if row.id not in taken]
    for row in rest:
        steps.extend(_removal(row, desired, live))
    notes.extend(_left_alone(rest, steps, desired))
    # Create what clients need before anything is removed; remove an endpoint before its service.
    steps.sort(key=lambda step: (step.verb == DELETE, step.verb == DELETE and step.kind == SERVICE))
    return CatalogPlan(tuple(steps), tuple(notes))


def _rows_of(service: DesiredService, desired: Desired, live: Catalog, taken: set[str]) -> list[ServiceRow]:
    """Return the rows of a desired service: the one to keep, then its duplicates; none if it is new."""
    same_type = [row for row in live.services if row.type == service.type and row.id not in taken]
    named = [row for row in same_type if row.name == service.name]
    if named:
        return named
    names = {other.name for other in desired.services if other.type == service.type}
    renamed = (row for row in same_type if row.mark == desired.mark and row.name not in names)
    return [row for row in [next(renamed, None)] if row]


@dataclass(frozen=True)
class _Comparison:
    """One desired service and its rows in Keystone."""

    desired: Desired
    live: Catalog
    service: DesiredService
    rows: Sequence[ServiceRow]

    @property
    def kept(self) -> ServiceRow | None:
        return self.rows[0] if self.rows else None

    def steps(self) -> Iterator[Step]:
        yield from self._service()
        wanted = {(endpoint.interface, endpoint.region): endpoint for endpoint in self.service.endpoints}
        kept, rest = self._sorted_out(wanted)
        spare = [row for row in rest if row.mark == self.desired.mark and row.place not in wanted]
        for place, endpoint in wanted.items():
            row = kept.get(place) or _taken_from(spare, endpoint.interface)
            yield from self._endpoint(endpoint, row)
        for row in rest:
            if row.place in wanted or row in spare:
                yield _deleted_endpoint(row, self._label(row.interface, row.region), self.desired)
            elif row.mark != self.desired.mark:
                yield from self._moved(row)
        for duplicate in self.rows[1:]:
            yield _deleted_service(duplicate, self.desired)

    def notes(self) -> Iterator[str]:
        if self.service.enabled is None:
            yield from self._disabled()
        wanted = {(endpoint.interface, endpoint.region) for endpoint in self.service.endpoints}
        regions = {endpoint.region for endpoint in self.service.endpoints}
        for row in self._endpoint_rows():
            if row.mark != self.desired.mark and row.place not in wanted and row.region in regions:
                yield (
                    f"left alone: endpoint {self._label(row.interface, row.region)} ({row.id}), "
                    "which is not in the pillar and was not created by this site"
                )

    def _disabled(self) -> Iterator[str]:
        if self.kept and not self.kept.enabled:
            yield f"service {self.service.label} is disabled and stays so: the pillar does not set enabled"
        wanted = {(endpoint.interface, endpoint.region): endpoint for endpoint in self.service.endpoints}
        for row in self._sorted_out(wanted)[0].values():
            if not row.enabled:
                yield (
                    f"endpoint {self._label(row.interface, row.region)} is disabled and stays so: "
                    "the pillar does not set enabled"
                )

    def _endpoint_rows(self) -> list[EndpointRow]:
        return [row for service in self.rows for row in self.live.endpoints_of(service)]

    def _sorted_out(
        self, wanted: Mapping[tuple[str, str], Endpoint]
    ) -> tuple[dict[tuple[str, str], EndpointRow], list[EndpointRow]]:
        """Return the first row of each desired place, and all others."""
        kept: dict[tuple[str, str], EndpointRow] = {}
        rest = []
        for row in self._endpoint_rows():
            if row.place in wanted and row.place not in kept:
                kept[row.place] = row
            else:
                rest.append(row)
        return kept, rest

    def _service(self) -> Iterator[Step]:
        wanted: dict[str, Any] = {"name": self.service.name}
        if self.service.description is not None:
            wanted["description"] = self.service.description
        if self.service.enabled is not None:
            wanted["enabled"] = self.service.enabled
        if self.kept is None:
            new = {"type": self.service.type, "enabled": True, **wanted}
            yield self._step(CREATE, SERVICE, self.service.label, None, {}, new)
            return
        old, new = _difference(self.kept, wanted)
        if new:
            yield self._step(UPDATE, SERVICE, self.service.label, self.kept.id, old, new)

    def _endpoint(self, endpoint: Endpoint, row: EndpointRow | None) -> Iterator[Step]:
        label = self._label(endpoint.interface, endpoint.region)
        wanted: dict[str, Any] = {"url": endpoint.url, "region": endpoint.region}
        if self.service.enabled is not None:
            wanted["enabled"] = self.service.enabled
        if row is None:
            # With `region` instead of `region_id`, Keystone creates an unknown region.
            new = {"interface": endpoint.interface, "enabled": True, **wanted}
            yield self._step(CREATE, ENDPOINT, label, None, {}, new)
            return
        if self.kept:
            wanted["service_id"] = self.kept.id
        old, new = _difference(row, wanted)
        if new:
            yield self._step(UPDATE, ENDPOINT, label, row.id, old, new)

    def _moved(self, row: EndpointRow) -> Iterator[Step]:
        """Yield the step that keeps an endpoint of others: from a duplicate to the kept service."""
        if self.kept and row.service_id != self.kept.id:
            old, new = _difference(row, {"service_id": self.kept.id})
            step = self._step(UPDATE, ENDPOINT, self._label(row.interface, row.region), row.id, old, new)
            yield replace(step, mark=None)

    def _label(self, interface: str, region: str) -> str:
        return f"{self.service.label} {interface} {region}"

    def _step(
        self, verb: str, kind: str, label: str, id: str | None, old: dict[str, Any], new: dict[str, Any]
    ) -> Step:
        service_id = self.kept.id if self.kept else None
        return Step(verb, kind, label, id, self.service.label, service_id, old, new, self.desired.mark)


def _difference(row: ServiceRow | EndpointRow, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the old and the new values of the attributes that differ."""
    old = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
    return old, {name: wanted[name] for name in old}


def _taken_from(rows: list[EndpointRow], interface: str) -> EndpointRow | None:
    """Take a row of the interface from the list, for reuse as an endpoint of another region."""
    found = next((row for row in rows if row.interface == interface), None)
    if found:
        rows.remove(found)
    return found


def _removal(row: ServiceRow, desired: Desired, live: Catalog) -> Iterator[Step]:
    """Yield the steps that remove what the site created of a service that is no longer in the pillar."""
    endpoints = live.endpoints_of(row)
    own = [endpoint for endpoint in endpoints if endpoint.mark == desired.mark]
    for endpoint in own:
        yield _deleted_endpoint(endpoint, f"{row.label} {endpoint.interface} {endpoint.region}", desired)
    if row.mark == desired.mark and len(own) == len(endpoints):
        yield _deleted_service(row, desired)


def _deleted_service(row: ServiceRow, desired: Desired) -> Step:
    old = {"type": row.type, "name": row.name}
    return Step(DELETE, SERVICE, row.label, row.id, row.label, row.id, old, {}, desired.mark)


def _deleted_endpoint(row: EndpointRow, label: str, desired: Desired) -> Step:
    old = {"url": row.url, "region": row.region, "interface": row.interface}
    return Step(DELETE, ENDPOINT, label, row.id, label, row.service_id, old, {}, desired.mark)


def _left_alone(rows: Iterable[ServiceRow], steps: Sequence[Step], desired: Desired) -> Iterator[str]:
    types = {service.type for service in desired.services}
    removed = {step.id for step in steps if step.verb == DELETE}
    for row in rows:
        if row.type in types and row.id not in removed:
            yield f"left alone: service {row.label} ({row.id}), which was not created by this site"
