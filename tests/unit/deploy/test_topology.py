"""The HA guide's two topologies, object by object, and what a pillar may change about them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.site import SiteError, parse_site

EXAMPLE = Path(__file__).parents[3] / "pillar.example"
FAMILIES = {"Debian": "", "RedHat": "openstack-", "Suse": "openstack-"}
UNIT_MONITOR = [{"name": "monitor", "interval": "60s"}]
VIP_MONITOR_OF_CRM = {"name": "monitor", "interval": "30s", "id": "p_api-ip-monitor-30s"}
OCF_MONITOR = {"name": "monitor", "interval": "30s", "timeout": "30s"}
INTERNAL = {"internal": {"ip": "10.0.0.11", "cidr_netmask": 24}}
BOTH = {**INTERNAL, "public": {"ip": "203.0.113.11", "cidr_netmask": 24, "nic": "eth0"}}
GUIDE_PARAMS = {
    "config": "/etc/cinder/cinder.conf",
    "os_password": "secretsecret",
    "os_username": "admin",
    "os_tenant_name": "admin",
    "keystone_get_token_url": "http://10.0.0.11:5000/v2.0/tokens",
}
API, SCHEDULER = "openstack-cinder-api-clone", "openstack-cinder-scheduler-clone"
VOLUME, BACKUP = "openstack-cinder-volume", "openstack-cinder-backup"


def declared(pillar: dict[str, Any], os_family: str = "RedHat") -> dict[str, Any]:
    """The declaration of a pillar, which the engine's own parser accepts."""
    declaration = declaration_of(parse_site({"cinder_ha": pillar}), os_family=os_family)
    parse_declaration(declaration)
    return declaration


def order(first: str, then: str, **options: str) -> dict[str, Any]:
    actions = {"first_action": "start", "then_action": "start"}
    return {"order": {"first": first, "then": then, **actions, **options}}


def colocation(resource: str, other: str) -> dict[str, Any]:
    return {"colocation": {"resource": resource, "with": other, "score": "INFINITY"}}


def address(ip: str, **more: str) -> dict[str, Any]:
    return {
        "agent": "ocf:heartbeat:IPaddr2",
        "params": {"ip": ip, "cidr_netmask": "24", **more},
        "operations": [{"name": "monitor", "interval": "30s"}],
    }


def services(**settings: Any) -> dict[str, Any]:
    return {"cluster": {"services": settings}}


GUIDE_CHAIN = [
    order(API, SCHEDULER),
    colocation(SCHEDULER, API),
    order(SCHEDULER, VOLUME),
    colocation(VOLUME, SCHEDULER),
]


@pytest.mark.parametrize(("os_family", "prefix"), FAMILIES.items())
def test_mode_systemd_is_the_guides_pcs_text_on_every_os_family(os_family: str, prefix: str) -> None:
    clone = {"meta": {"interleave": True}}
    assert declared({}, os_family) == {
        "properties": {},
        "resource_defaults": {},
        "resources": {
            "openstack-cinder-api": {
                "agent": f"systemd:{prefix}cinder-api",
                "operations": UNIT_MONITOR,
                "clone": clone,
            },
            "openstack-cinder-scheduler": {
                "agent": f"systemd:{prefix}cinder-scheduler",
                "operations": UNIT_MONITOR,
                "clone": clone,
            },
            "openstack-cinder-volume": {
                "agent": f"systemd:{prefix}cinder-volume",
                "operations": UNIT_MONITOR,
            },
        },
        "constraints": GUIDE_CHAIN,
    }


@pytest.mark.parametrize("os_family", FAMILIES)
def test_mode_ocf_is_the_guides_crm_text_on_every_os_family(os_family: str) -> None:
    pillar = {"mode": "ocf", "vips": INTERNAL, **services(api={"params": GUIDE_PARAMS})}
    assert declared(pillar, os_family) == {
        "properties": {},
        "resource_defaults": {},
        "resources": {
            "p_api-ip": {**address("10.0.0.11"), "operations": [VIP_MONITOR_OF_CRM]},
            "p_cinder-api": {
                "agent": "ocf:openstack:cinder-api",
                "params": GUIDE_PARAMS,
                "operations": [{**OCF_MONITOR, "id": "p_cinder-api-monitor-30s"}],
                "secret": ["os_password"],
            },
            "g_services_api": {"group": ["p_api-ip", "p_cinder-api"]},
        },
        "constraints": [],
    }


def test_no_clone_waits_for_a_vip() -> None:
    found = declared({"vips": BOTH})
    assert found["resources"]["p_api-ip"] == address("10.0.0.11")
    assert found["resources"]["p_api-ip-public"] == address("203.0.113.11", nic="eth0")
    assert found["constraints"] == GUIDE_CHAIN


def test_an_ipv6_vip_keeps_its_own_prefix() -> None:
    vips = {"internal": {"ip": "2001:DB8::B", "cidr_netmask": 64}}
    params = declared({"vips": vips})["resources"]["p_api-ip"]["params"]
    assert params == {"ip": "2001:db8::b", "cidr_netmask": "64"}


def test_a_vip_that_exists_already_is_not_made() -> None:
    vips = {"internal": {"resource": "vip"}, "public": BOTH["public"]}
    found = declared({"vips": vips})
    assert "p_api-ip" not in found["resources"]
    assert "p_api-ip-public" in found["resources"]
    assert found["constraints"] == GUIDE_CHAIN


@pytest.mark.parametrize("mode", ["systemd", "ocf"])
def test_a_vip_without_an_address_is_named(mode: str) -> None:
    pillar = {"mode": mode, "vips": {"internal": {"nic": "eth1"}}}
    with pytest.raises(SiteError, match=r"^cinder_ha\.vips\.internal\.ip: is missing, but"):
        declared(pillar)


def test_mode_ocf_without_a_vip_names_the_missing_address() -> None:
    with pytest.raises(SiteError, match=r"^cinder_ha\.vips\.internal\.ip: is missing, but"):
        declared({"mode": "ocf"})


def test_in_mode_ocf_both_addresses_come_before_the_api() -> None:
    found = declared({"mode": "ocf", "vips": BOTH})
    members = ["p_api-ip", "p_api-ip-public", "p_cinder-api"]
    assert found["resources"]["g_services_api"] == {"group": members}
    assert found["constraints"] == []


def test_in_mode_ocf_the_group_follows_an_address_that_exists_already() -> None:
    found = declared({"mode": "ocf", "vips": {"internal": {"resource": "vip"}}})
    assert found["resources"]["g_services_api"] == {"group": ["p_cinder-api"]}
    assert found["constraints"] == [
        order("vip", "g_services_api"),
        colocation("g_services_api", "vip"),
    ]


def test_in_mode_ocf_without_the_api_the_addresses_stand_alone() -> None:
    found = declared({"mode": "ocf", "vips": BOTH, **services(api={"enabled": False})})
    assert list(found["resources"]) == ["p_api-ip", "p_api-ip-public"]


def test_in_mode_ocf_scheduler_volume_and_backup_run_when_they_are_asked_for() -> None:
    asked = {name: {"enabled": True} for name in ("scheduler", "volume", "backup")}
    found = declared({"mode": "ocf", "vips": INTERNAL, **services(**asked)}, "Debian")
    assert found["resources"]["p_cinder-scheduler"] == {
        "agent": "ocf:openstack:cinder-schedule",
        "params": {"config": "/etc/cinder/cinder.conf"},
        "operations": [{**OCF_MONITOR, "id": "p_cinder-scheduler-monitor-30s"}],
    }
    assert found["resources"]["p_cinder-volume"] == {
        "agent": "ocf:openstack:cinder-volume",
        "params": {"config": "/etc/cinder/cinder.conf", "multibackend": "true"},
        "operations": [{**OCF_MONITOR, "id": "p_cinder-volume-monitor-30s"}],
    }
    assert found["resources"]["p_cinder-backup"] == {
        "agent": "systemd:cinder-backup",
        "operations": [{**UNIT_MONITOR[0], "id": "p_cinder-backup-monitor-60s"}],
    }
    assert found["constraints"] == [
        order("g_services_api", "p_cinder-scheduler"),
        colocation("p_cinder-scheduler", "g_services_api"),
        order("p_cinder-scheduler", "p_cinder-volume"),
        colocation("p_cinder-volume", "p_cinder-scheduler"),
        order("p_cinder-scheduler", "p_cinder-backup", kind="Optional"),
    ]


IDENTITY = {
    "auth_url": "http://10.0.0.11:5000/v3/",
    "username": "admin",
    "password": "secretsecret",
    "project_name": "admin",
}


@pytest.mark.parametrize(
    ("identity", "params", "expected"),
    [
        (IDENTITY, {}, GUIDE_PARAMS),
        (IDENTITY, {"os_username": "ha"}, {**GUIDE_PARAMS, "os_username": "ha"}),
        ({"password": "secretsecret"}, {}, {"config": "/etc/cinder/cinder.conf"}),
        ({"auth_url": "http://10.0.0.11:5000"}, {}, {"config": "/etc/cinder/cinder.conf"}),
        (IDENTITY, dict.fromkeys(GUIDE_PARAMS) | {"binary": "x"}, {"binary": "x"}),
    ],
)
def test_the_ocf_agents_credentials_come_from_identity_unless_given(
    identity: dict[str, Any], params: dict[str, Any], expected: dict[str, Any]
) -> None:
    pillar = {"mode": "ocf", "vips": INTERNAL, "identity": identity}
    found = declared({**pillar, **services(api={"params": params})})
    api = found["resources"]["p_cinder-api"]
    assert api["params"] == expected
    assert api.get("secret") == (["os_password"] if "os_password" in expected else None)


def test_relaxed_ordering_lets_no_failing_api_restart_cinder_volume() -> None:
    relaxed = {"ordering": "relaxed", "start_after": ["openstack-keystone-clone"]}
    assert declared({"cluster": relaxed})["constraints"] == [
        order("openstack-keystone-clone", API, kind="Optional"),
        order(API, SCHEDULER, kind="Optional"),
        colocation(SCHEDULER, API),
        order(SCHEDULER, VOLUME, kind="Optional"),
    ]


def test_start_after_orders_existing_resources_before_the_api() -> None:
    existing = ["openstack-keystone-clone", "galera-clone"]
    found = declared({"cluster": {"start_after": existing}})
    assert found["constraints"] == [*(order(name, API) for name in existing), *GUIDE_CHAIN]
    ocf = declared({"mode": "ocf", "vips": INTERNAL, "cluster": {"start_after": existing}})
    assert ocf["constraints"] == [order(name, "g_services_api") for name in existing]


@pytest.mark.parametrize("ordering", ["guide", "relaxed"])
def test_nothing_forces_cinder_backup_to_restart(ordering: str) -> None:
    cluster = {"ordering": ordering, "services": {"backup": {"enabled": True}}}
    found = declared({"cluster": cluster})
    assert found["resources"][BACKUP] == {
        "agent": "systemd:openstack-cinder-backup",
        "operations": UNIT_MONITOR,
    }
    about_backup = [c for c in found["constraints"] if BACKUP in str(c)]
    assert about_backup == [order(SCHEDULER, BACKUP, kind="Optional")]


def test_the_chain_closes_over_a_service_that_is_not_run() -> None:
    found = declared(services(scheduler={"enabled": False}))
    assert list(found["resources"]) == ["openstack-cinder-api", VOLUME]
    assert found["constraints"] == [order(API, VOLUME), colocation(VOLUME, API)]


def test_a_site_that_runs_nothing_declares_nothing() -> None:
    off = {name: {"enabled": False} for name in ("api", "scheduler", "volume")}
    cluster = {"services": off, "start_after": ["openstack-keystone-clone"]}
    assert declared({"cluster": cluster}) == {
        "properties": {},
        "resource_defaults": {},
        "resources": {},
        "constraints": [],
    }


def test_a_services_settings_replace_the_defaults_and_constraints_follow_its_id() -> None:
    settings = {
        "id": "volume",
        "agent": "lsb:cinder-volume",
        "params": {"a": 1},
        "meta": {"priority": 5},
        "operations": [{"name": "monitor", "interval": "10s"}],
    }
    found = declared(services(volume=settings))
    assert found["resources"]["volume"] == {k: v for k, v in settings.items() if k != "id"}
    assert found["constraints"][2:] == [order(SCHEDULER, "volume"), colocation("volume", SCHEDULER)]


def test_an_unknown_os_family_asks_for_the_agents() -> None:
    with pytest.raises(SiteError, match=r"services\.api\.agent: is missing, .* not 'Arch'$"):
        declared({}, "Arch")
    agents = {name: {"agent": f"systemd:{name}"} for name in ("api", "scheduler", "volume")}
    assert declared(services(**agents), "Arch")["resources"][VOLUME]["agent"] == "systemd:volume"


def test_extra_objects_and_properties_come_along() -> None:
    device = {"agent": "stonith:fence_apc", "params": {"password": "x"}, "secret": ["password"]}
    nearby = {"location": {"resource": VOLUME, "node": "ctl1", "score": 50}}
    extra = {
        "resources": {"fencing": device},
        "constraints": [nearby],
        "fencing_levels": [{"target": "ctl1", "level": 1, "devices": ["fencing"]}],
        "tags": {"storage": [VOLUME]},
    }
    options = {
        "properties": {"stonith-enabled": True},
        "resource_defaults": {"resource-stickiness": 100},
    }
    found = declared({"cluster": {"extra": extra, **options}})
    assert {name: found[name] for name in options} == options
    assert found["resources"]["fencing"] == device
    assert found["constraints"] == [*GUIDE_CHAIN, nearby]
    assert (found["fencing_levels"], found["tags"]) == (extra["fencing_levels"], extra["tags"])


@pytest.mark.parametrize(
    ("pillar", "path", "taken"),
    [
        ({"cluster": {"extra": {"resources": {VOLUME: {}}}}}, f"extra.resources.{VOLUME}", VOLUME),
        ({"cluster": {"extra": {"resources": {API: {}}}}}, f"extra.resources.{API}", API),
        (
            {"cluster": {"extra": {"resources": {"x": {"clone": {"id": API}}}}}},
            "extra.resources.x",
            API,
        ),
        (services(volume={"id": "a"}, api={"id": "a"}), "services.volume", "a"),
    ],
)
def test_an_id_that_is_taken_is_refused(pillar: dict[str, Any], path: str, taken: str) -> None:
    site = parse_site({"cinder_ha": pillar})
    with pytest.raises(SiteError) as caught:
        declaration_of(site, os_family="RedHat")
    assert str(caught.value).startswith(f"cinder_ha.cluster.{path}: the id {taken!r} is already used by ")


@pytest.mark.parametrize("os_family", FAMILIES)
def test_the_example_becomes_a_declaration_that_the_engine_accepts(os_family: str) -> None:
    pillar = yaml.safe_load(EXAMPLE.read_text())["cinder_ha"]
    assert set(declared(pillar, os_family)["resources"]) == {
        "p_api-ip",
        "p_api-ip-public",
        "openstack-cinder-api",
        "openstack-cinder-scheduler",
        VOLUME,
        BACKUP,
        "fencing",
    }


def test_a_declaration_shares_nothing_with_the_site_or_another_declaration() -> None:
    pillar = {"cinder_ha": yaml.safe_load(EXAMPLE.read_text())["cinder_ha"]}
    site = parse_site(pillar)
    untouched = copy.deepcopy(declaration_of(site, os_family="Debian"))
    found = declaration_of(site, os_family="Debian")
    for resource in found["resources"].values():
        resource["operations"][0]["interval"] = "changed"
        resource.setdefault("params", {})["ip"] = "changed"
    found["constraints"][-1]["location"]["node"] = "changed"
    assert declaration_of(site, os_family="Debian") == untouched
