"""Whatever Keystone has, one plan makes it the desired catalog and touches nobody else's rows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from saltext_cinder_ha.openstack.catalog.model import (
    OWNER,
    Catalog,
    Desired,
    DesiredService,
    Endpoint,
    EndpointRow,
    ServiceRow,
)
from saltext_cinder_ha.openstack.catalog.plan import CREATE, DELETE, SERVICE, CatalogPlan, make_plan

OWNED, FOREIGN = Desired("east", ()).mark, Desired("west", ()).mark
types = st.sampled_from(["block-storage", "volumev3"])
names = st.sampled_from(["cinder", "other"])
interfaces = st.sampled_from(["public", "internal"])
regions = st.sampled_from(["One", "Two", "Three"])
urls = st.sampled_from(["http://a/v3", "http://b/v3"])
marks = st.sampled_from([OWNED, FOREIGN, None])


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Any rows, duplicates and strangers among them, in any order."""
    services = [
        ServiceRow(f"s{n}", draw(types), draw(names), "", draw(st.booleans()), draw(marks))
        for n in range(draw(st.integers(0, 4)))
    ]
    count = draw(st.integers(0, 8)) if services else 0
    endpoints = [
        EndpointRow(
            f"e{n}",
            draw(st.sampled_from(services)).id,
            draw(interfaces),
            draw(regions),
            draw(urls),
            draw(st.booleans()),
            draw(marks),
        )
        for n in range(count)
    ]
    return Catalog(tuple(services), tuple(endpoints))


@st.composite
def desired_catalogs(draw: st.DrawFn) -> Desired:
    keys = draw(st.lists(st.tuples(types, names), unique=True, max_size=3))
    services = []
    for kind, name in keys:
        places = draw(st.lists(st.tuples(interfaces, st.sampled_from(["One", "Two"])), unique=True))
        endpoints = tuple(Endpoint(interface, region, draw(urls)) for interface, region in places)
        enabled = draw(st.sampled_from([None, True, False]))
        services.append(DesiredService(kind, name, draw(st.sampled_from([None, "text"])), enabled, endpoints))
    return Desired("east", tuple(services))


def carried_out(plan: CatalogPlan, live: Catalog) -> Catalog:
    """What Keystone has afterwards."""
    services = {row.id: row for row in live.services}
    endpoints = {row.id: row for row in live.endpoints}
    made: dict[str, str] = {}
    for number, step in enumerate(plan.steps):
        rows = services if step.kind == SERVICE else endpoints
        if step.verb == DELETE:
            del rows[step.id]
            if step.kind == SERVICE:
                endpoints = {id: row for id, row in endpoints.items() if row.service_id != step.id}
            continue
        body = dict(step.body(made)[step.kind])
        mark = {"mark": body.pop(OWNER)} if OWNER in body else {}
        if step.verb == CREATE and step.kind == SERVICE:
            made[step.label] = f"new{number}"
            rows[f"new{number}"] = ServiceRow(
                f"new{number}",
                body["type"],
                body["name"],
                body.get("description", ""),
                body["enabled"],
                **mark,
            )
        elif step.verb == CREATE:
            rows[f"new{number}"] = EndpointRow(id=f"new{number}", **body, **mark)
        else:
            rows[step.id] = replace(rows[step.id], **body, **mark)
    return Catalog(tuple(services.values()), tuple(endpoints.values()))


@given(desired_catalogs(), catalogs())
def test_one_plan_suffices(desired: Desired, live: Catalog) -> None:
    after = carried_out(make_plan(desired, live), live)
    assert make_plan(desired, after).steps == ()


@given(desired_catalogs(), catalogs())
def test_each_place_that_the_pillar_lists_has_one_row_with_its_url(desired: Desired, live: Catalog) -> None:
    after = carried_out(make_plan(desired, live), live)
    for service in desired.services:
        (row,) = [r for r in after.services if (r.type, r.name) == (service.type, service.name)]
        for endpoint in service.endpoints:
            place = (endpoint.interface, endpoint.region)
            (found,) = [r for r in after.endpoints_of(row) if r.place == place]
            assert found.url == endpoint.url
            assert service.enabled in (None, found.enabled)


@given(desired_catalogs(), catalogs())
def test_rows_of_others_in_places_that_the_pillar_does_not_list_stay_as_they_are(
    desired: Desired, live: Catalog
) -> None:
    after = {row.id: row for row in carried_out(make_plan(desired, live), live).endpoints}
    keys = {(service.type, service.name): service for service in desired.services}
    of_service = {row.id: keys.get((row.type, row.name)) for row in live.services}
    for row in live.endpoints:
        service = of_service[row.service_id]
        places = {(e.interface, e.region) for e in service.endpoints} if service else set()
        if row.mark != OWNED and row.place not in places and not _is_renamed(row, live, desired):
            assert replace(after[row.id], service_id=row.service_id) == row


def _is_renamed(row: EndpointRow, live: Catalog, desired: Desired) -> bool:
    """Whether it belongs to a service of the site, which the pillar may call otherwise now."""
    (service,) = [service for service in live.services if service.id == row.service_id]
    return service.mark == OWNED


@given(desired_catalogs(), catalogs())
def test_rows_that_are_kept_are_the_first_ones(desired: Desired, live: Catalog) -> None:
    after = {row.id for row in carried_out(make_plan(desired, live), live).services}
    for service in desired.services:
        same = [row.id for row in live.services if (row.type, row.name) == (service.type, service.name)]
        assert [id for id in same if id in after] == same[:1]
