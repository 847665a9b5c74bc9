"""Cinder's endpoints in a real Keystone: created, changed in place, healed, and nothing else touched."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.deploy.state_result import StateResult

from ..pillars import VIP, Pillar, entries
from ..services import Rest, Server

pytestmark = pytest.mark.one_salt

PUBLIC_VIP = "203.0.113.11"


def applied(pillar: Pillar, keystone: Server) -> StateResult:
    """Apply it, and check the promises of every application."""
    keystone.forget_requests()
    predicted = pillar.predict()
    assert keystone.writes() == [], "test=True writes"
    answer = pillar.apply()
    assert answer.result is True, answer.comment
    assert answer.changes == predicted.changes
    assert predicted.result is (None if answer.changes else True)
    keystone.forget_requests()
    again = pillar.apply()
    assert (again.result, again.changes) == (True, {})
    assert [method for method, _, _ in keystone.requests()] == ["POST", "GET", "GET"], "token, two lists"
    return answer


def ids(admin: Rest) -> set[str]:
    return {row["id"] for row in (*admin.services(), *admin.endpoints())}


def test_endpoints_lead_to_the_vip_and_a_second_run_writes_nothing(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    answer = applied(pillar, keystone)
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3")
    assert set(answer.changes["endpoints"]) == {
        f"block-storage cinder {interface} RegionOne" for interface in ("admin", "internal", "public")
    }


def test_public_endpoint_has_the_public_vip(pillar: Pillar, keystone: Server, admin: Rest) -> None:
    pillar.vips["public"] = {"ip": PUBLIC_VIP}
    applied(pillar, keystone)
    assert {row[2]: row[4] for row in admin.catalog()} == {
        "public": f"http://{PUBLIC_VIP}:8776/v3",
        "internal": f"http://{VIP}:8776/v3",
        "admin": f"http://{VIP}:8776/v3",
    }


@pytest.mark.parametrize(
    ("vip", "scheme", "url"),
    [
        ("10.0.0.99", "http", "http://10.0.0.99:8776/v3"),
        (VIP, "https", f"https://{VIP}:8776/v3"),
        ("2001:db8::11", "http", "http://[2001:db8::11]:8776/v3"),
    ],
)
def test_other_vip_or_scheme_changes_each_row_in_place(
    pillar: Pillar, keystone: Server, admin: Rest, vip: str, scheme: str, url: str
) -> None:
    applied(pillar, keystone)
    before = ids(admin)
    pillar.vips["internal"]["ip"] = vip
    pillar.services[0]["scheme"] = scheme
    answer = applied(pillar, keystone)
    assert admin.catalog() == entries(url)
    assert ids(admin) == before
    assert "services" not in answer.changes


def test_region_is_added_and_removed_again(pillar: Pillar, keystone: Server, admin: Rest) -> None:
    applied(pillar, keystone)
    before = ids(admin)
    pillar.services.append(
        {"type": "block-storage", "name": "cinder", "region": "Two", "url": "http://two/v3"}
    )
    applied(pillar, keystone)
    assert admin.catalog() == sorted([*entries(f"http://{VIP}:8776/v3"), *entries("http://two/v3", "Two")])
    assert before < ids(admin)
    pillar.services.pop()
    applied(pillar, keystone)
    assert ids(admin) == before


def test_renamed_service_keeps_its_ids(pillar: Pillar, keystone: Server, admin: Rest) -> None:
    applied(pillar, keystone)
    before = ids(admin)
    pillar.services[0]["name"] = "cinder-ha"
    applied(pillar, keystone)
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3", name="cinder-ha")
    assert ids(admin) == before


@pytest.mark.parametrize("kind", ["service", "endpoint"])
def test_row_that_was_disabled_by_hand_stays_so_and_is_named_until_the_pillar_says_enabled(
    pillar: Pillar, keystone: Server, admin: Rest, kind: str
) -> None:
    applied(pillar, keystone)
    row = {"service": admin.services, "endpoint": admin.endpoints}[kind]()[0]
    admin.update(kind, row["id"], enabled=False)
    assert "is disabled and stays so" in pillar.apply().comment
    pillar.services[0]["enabled"] = True
    applied(pillar, keystone)
    assert all(row["enabled"] for row in (*admin.services(), *admin.endpoints()))


def test_duplicates_are_removed_and_the_oldest_rows_kept(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    applied(pillar, keystone)
    before = ids(admin)
    url = f"http://{VIP}:8776/v3"
    first = admin.services()[0]["id"]
    again = admin.create("service", type="block-storage", name="cinder")
    doubles = [
        admin.create("endpoint", service_id=service, interface=interface, region_id="RegionOne", url=url)
        for service in (first, again)
        for interface in ("public", "internal")
    ]
    answer = applied(pillar, keystone)
    assert ids(admin) == before
    removed = {change["id"] for kind in answer.changes.values() for change in kind.values()}
    assert removed == {again, *doubles}


def test_endpoint_of_another_region_on_a_duplicate_of_the_service_survives(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    applied(pillar, keystone)
    first = admin.services()[0]["id"]
    again = admin.create("service", type="block-storage", name="cinder")
    admin.create("region", id="Elsewhere")
    foreign = {"interface": "public", "region_id": "Elsewhere", "url": "http://elsewhere/v3"}
    moved = admin.create("endpoint", service_id=again, **foreign)
    applied(pillar, keystone)
    assert [row["service_id"] for row in admin.endpoints() if row["id"] == moved] == [first]


def test_foreign_service_of_the_same_type_is_left_alone_and_named(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    foreign = admin.create("service", type="block-storage", name="other")
    url = {"interface": "public", "region_id": "RegionOne", "url": "http://other/v3"}
    endpoint = admin.create("endpoint", service_id=foreign, **url)
    answer = applied(pillar, keystone)
    assert {foreign, endpoint} < ids(admin)
    assert f"Left alone: service block-storage other ({foreign})" in answer.comment


def test_what_the_pillar_does_not_list_any_more_goes(pillar: Pillar, keystone: Server, admin: Rest) -> None:
    pillar.services.append({"type": "volumev3"})
    applied(pillar, keystone)
    assert len(admin.services()) == 2
    pillar.services.pop()
    pillar.services[0]["interfaces"] = ["public", "internal"]
    applied(pillar, keystone)
    assert [row[:3] for row in admin.catalog()] == [
        ("block-storage", "cinder", "internal"),
        ("block-storage", "cinder", "public"),
    ]
    assert len(admin.services()) == 1


def test_catalog_that_an_operator_made_as_the_pillar_says_needs_no_write(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    service = admin.create("service", type="block-storage", name="cinder")
    for interface in ("public", "internal", "admin"):
        row = {"interface": interface, "region_id": "RegionOne", "url": f"http://{VIP}:8776/v3"}
        admin.create("endpoint", service_id=service, **row)
    assert applied(pillar, keystone).changes == {}


@pytest.mark.parametrize(
    ("template", "stored"),
    [
        ("%(project_id)s", "%(project_id)s"),
        ("$(project_id)s", "$(project_id)s"),
        ("%(tenant_id)s", "%(tenant_id)s"),
        (r"%\(project_id\)s", "%(project_id)s"),
    ],
)
def test_templates_of_urls_reach_keystone_as_it_wants_them(
    pillar: Pillar, keystone: Server, admin: Rest, template: str, stored: str
) -> None:
    pillar.services = [{"type": "volumev2", "url": f"http://{VIP}:8776/v2/{template}"}]
    applied(pillar, keystone)
    assert admin.catalog() == entries(f"http://{VIP}:8776/v2/{stored}", kind="volumev2", name="cinderv2")


def test_row_of_the_guides_first_chapter_gives_the_same_catalog(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    inside, outside = "http://192.168.42.103:8776/v1/%(tenant_id)s", "http://PUBLIC_VIP:8776/v1/%(tenant_id)s"
    pillar.services = [{"type": "volume", "public": outside, "admin": inside, "internal": inside}]
    applied(pillar, keystone)
    assert {row[2]: row[4] for row in admin.catalog()} == {
        "public": outside,
        "internal": inside,
        "admin": inside,
    }


def test_type_that_the_release_does_not_serve_is_a_warning_that_names_it(
    pillar: Pillar, keystone: Server
) -> None:
    pillar.services = [{"type": "volumev2"}]
    pillar.rest = {"release": "2026.1"}
    assert "The release 2026.1 no longer serves volumev2 (xena removed it)." in pillar.apply().comment


def test_service_without_endpoints_from_a_broken_run_is_healed(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    admin.create("service", type="block-storage", name="cinder")
    applied(pillar, keystone)
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3")


def test_withdrawal_removes_what_the_site_made_and_nothing_else(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    foreign = admin.create("service", type="block-storage", name="other")
    pillar.apply()
    answer = pillar.withdraw()
    assert answer.result is True, answer.comment
    assert ids(admin) == {foreign}
