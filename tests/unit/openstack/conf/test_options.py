"""``form: modern``: what the pillar means, under the names of each release."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from saltext_cinder_ha.deploy.cinder_conf import options_of, rendered_configuration, sections_of
from saltext_cinder_ha.deploy.conf_check import lint_of_site
from saltext_cinder_ha.site import RELEASES, SiteError, parse_site

FROM_HAVANA = RELEASES[RELEASES.index("havana") :]
PILLAR: dict[str, Any] = {
    "volume_host": "cinder-cluster-1",
    "vips": {"internal": {"ip": "10.0.0.11"}},
    "database": {"host": "10.0.0.11", "password": "p@ss/w:rd"},
    "messaging": {"hosts": ["10.0.0.12", "rabbit2:5671", "2001:db8::2"], "password": "r@b,bit"},
    "identity": {
        "auth_url": "https://10.0.0.11:5000/v3",
        "www_authenticate_uri": "https://10.0.0.11:5000/",
        "password": "CINDER_PASS",
        "region_name": "RegionOne",
        "cafile": "/etc/ssl/ca.pem",
        "memcached_servers": ["10.0.0.12:11211", "10.0.0.13:11211"],
    },
    "backends": {
        "nfs1": {"driver": "nfs", "shares": ["10.0.0.20:/srv/cinder"]},
        "ceph": {
            "driver": "rbd",
            "options": {"rbd_pool": "volumes", "rbd_flatten_volume_from_snapshot": True},
        },
    },
}


def sections(release: str, **changes: Any) -> dict[str, dict[str, Any]]:
    site = parse_site({"cinder_ha": {**copy.deepcopy(PILLAR), **changes}})
    return sections_of(options_of(site, release), show_secrets=True)


def since(first: str) -> list[str]:
    return list(RELEASES[RELEASES.index(first) :])


def before(first: str) -> list[str]:
    return list(FROM_HAVANA[: FROM_HAVANA.index(first)])


@pytest.mark.parametrize("release", FROM_HAVANA)
def test_every_release_gets_its_backends_each_in_a_section_of_its_own(release: str) -> None:
    found = sections(release)
    assert found["DEFAULT"]["enabled_backends"] == "nfs1,ceph"
    assert found["nfs1"]["volume_driver"] == "cinder.volume.drivers.nfs.NfsDriver"
    assert found["nfs1"]["nfs_shares_config"] == "/etc/cinder/nfs_exports"
    assert found["ceph"]["rbd_flatten_volume_from_snapshot"] == "true"
    assert "volume_driver" not in found["DEFAULT"]


@pytest.mark.parametrize("release", FROM_HAVANA)
def test_database_is_named_with_its_credentials_and_waited_for(release: str) -> None:
    assert sections(release)["database"] == {
        "connection": "mysql+pymysql://cinder:p%40ss%2Fw%3Ard@10.0.0.11/cinder",
        "max_retries": "-1",
    }


@pytest.mark.parametrize("release", since("newton"))
def test_every_host_of_rabbitmq_stands_in_the_url_with_the_credentials(release: str) -> None:
    assert sections(release)["DEFAULT"]["transport_url"] == (
        "rabbit://cinder:r%40b%2Cbit@10.0.0.12:5672,cinder:r%40b%2Cbit@rabbit2:5671,"
        "cinder:r%40b%2Cbit@[2001:db8::2]:5672//"
    )


@pytest.mark.parametrize("release", before("newton"))
def test_every_host_of_rabbitmq_is_listed_where_no_url_takes_them(release: str) -> None:
    section = "DEFAULT" if release in before("kilo") else "oslo_messaging_rabbit"
    found = sections(release)
    assert found[section]["rabbit_hosts"] == "10.0.0.12:5672,rabbit2:5671,[2001:db8::2]:5672"
    assert found[section]["rabbit_password"] == "r@b,bit"
    assert "transport_url" not in found["DEFAULT"]


@pytest.mark.parametrize("release", FROM_HAVANA)
def test_queues_are_the_best_replicated_ones_of_the_release(release: str) -> None:
    found = sections(release)
    queues = {
        name: value
        for section in ("DEFAULT", "oslo_messaging_rabbit")
        for name, value in found.get(section, {}).items()
        if "queue" in name
    }
    if release in before("zed"):
        assert queues == {"rabbit_ha_queues": "true"}
    elif release in since("2024.1"):
        assert queues == {"rabbit_quorum_queue": "true", "rabbit_transient_quorum_queue": "true"}
    else:
        assert queues == {"rabbit_quorum_queue": "true"}


def test_quorum_queues_that_the_release_lacks_are_refused() -> None:
    messaging = {**PILLAR["messaging"], "queues": "quorum"}
    with pytest.raises(SiteError, match=r"^cinder_ha\.messaging\.queues: is 'quorum', which needs zed"):
        sections("yoga", messaging=messaging)


def test_classic_queues_need_no_option() -> None:
    messaging = {**PILLAR["messaging"], "queues": "classic"}
    assert "oslo_messaging_rabbit" not in sections("zed", messaging=messaging)


@pytest.mark.parametrize(
    ("releases", "plugin"), [(["kilo", "liberty"], "auth_plugin"), (since("mitaka"), "auth_type")]
)
def test_keystone_is_asked_through_the_password_plugin(releases: list[str], plugin: str) -> None:
    for release in releases:
        found = sections(release)["keystone_authtoken"]
        assert found[plugin] == "password"
        assert found["auth_url"] == "https://10.0.0.11:5000/v3"
        assert (found["username"], found["project_name"]) == ("cinder", "service")
        assert "admin_password" not in found


def test_keystone_before_plugins_gets_the_admin_options() -> None:
    juno = sections("juno")["keystone_authtoken"]
    assert juno["identity_uri"] == "https://10.0.0.11:5000/v3"
    havana = sections("havana")["keystone_authtoken"]
    assert (havana["auth_protocol"], havana["auth_host"], havana["auth_port"]) == (
        "https",
        "10.0.0.11",
        "5000",
    )
    for found in (juno, havana):
        assert found["admin_password"] == "CINDER_PASS"
        assert found["admin_tenant_name"] == "service"


@pytest.mark.parametrize("release", since("ocata"))
def test_tokens_of_users_do_not_pass_for_those_of_services(release: str) -> None:
    assert sections(release)["keystone_authtoken"]["service_token_roles_required"] == "true"


@pytest.mark.parametrize("release", since("queens"))
def test_cinder_sends_its_own_token_with_a_users(release: str) -> None:
    found = sections(release)
    assert found["service_user"]["send_service_user_token"] == "true"
    assert found["service_user"]["password"] == "CINDER_PASS"


@pytest.mark.parametrize("release", since("kilo"))
def test_shared_host_is_the_backends_alone(release: str) -> None:
    found = sections(release)
    assert found["nfs1"]["backend_host"] == "cinder-cluster-1"
    assert "host" not in found["DEFAULT"]


@pytest.mark.parametrize("release", before("kilo"))
def test_shared_host_is_everybodys_where_backends_have_none(release: str) -> None:
    found = sections(release)
    assert found["DEFAULT"]["host"] == "cinder-cluster-1"
    assert "backend_host" not in found["nfs1"]


@pytest.mark.parametrize(
    ("release", "section", "name", "value"),
    [
        ("havana", "DEFAULT", "notification_driver", "cinder.openstack.common.notifier.rpc_notifier"),
        ("liberty", "DEFAULT", "notification_driver", "messagingv2"),
        ("mitaka", "oslo_messaging_notifications", "driver", "messagingv2"),
        ("2026.2", "oslo_messaging_notifications", "driver", "messagingv2"),
    ],
)
def test_notifications_have_the_name_of_the_release_and_are_off_by_default(
    release: str, section: str, name: str, value: str
) -> None:
    telling = {**PILLAR["messaging"], "notifications": True}
    assert sections(release, messaging=telling)[section][name] == value
    assert name not in sections(release).get(section, {})


def test_locks_are_where_the_release_looks_for_them() -> None:
    assert sections("juno")["DEFAULT"]["lock_path"] == "/var/lib/cinder/tmp"
    assert sections("kilo")["oslo_concurrency"]["lock_path"] == "/var/lib/cinder/tmp"
    url = {"url": "etcd3+http://10.0.0.11:2379"}
    assert sections("zed", coordination=url)["coordination"] == {"backend_url": url["url"]}
    assert "coordination" not in sections("liberty", coordination=url)


def test_backup_driver_is_a_module_before_queens_and_a_class_since() -> None:
    backup = {"driver": "posix", "options": {"backup_posix_path": "/srv/backup"}}
    assert sections("pike", backup=backup)["DEFAULT"]["backup_driver"] == "cinder.backup.drivers.posix"
    found = sections("queens", backup=backup)["DEFAULT"]
    assert found["backup_driver"] == "cinder.backup.drivers.posix.PosixBackupDriver"
    assert found["backup_posix_path"] == "/srv/backup"


def test_lvm_names_the_class_that_works_in_the_release() -> None:
    backends = {"lvm1": {"driver": "lvm"}}
    found = {release: sections(release, backends=backends)["lvm1"] for release in ("juno", "kilo")}
    assert found["juno"]["volume_driver"] == "cinder.volume.drivers.lvm.LVMISCSIDriver"
    assert found["kilo"]["volume_driver"] == "cinder.volume.drivers.lvm.LVMVolumeDriver"


def test_api_listens_on_the_only_vip_and_else_everywhere() -> None:
    assert sections("zed")["DEFAULT"]["osapi_volume_listen"] == "10.0.0.11"
    two = {"internal": {"ip": "10.0.0.11"}, "public": {"ip": "203.0.113.11"}}
    assert "osapi_volume_listen" not in sections("zed", vips=two)["DEFAULT"]
    chosen = sections("zed", vips=two, api={"listen": "10.0.0.12", "port": 18776})["DEFAULT"]
    assert chosen["osapi_volume_listen"] == "10.0.0.12"
    assert chosen["osapi_volume_listen_port"] == "18776"


def test_two_nfs_backends_have_two_files() -> None:
    nfs = {"driver": "nfs", "shares": ["10.0.0.20:/srv/cinder"]}
    found = sections("zed", backends={"a": nfs, "b": nfs})
    assert found["a"]["nfs_shares_config"] == "/etc/cinder/nfs_exports_a"
    assert found["b"]["nfs_shares_config"] == "/etc/cinder/nfs_exports_b"


def test_what_is_passed_through_wins_in_its_place_and_adds_what_is_new() -> None:
    config = {"DEFAULT": {"auth_strategy": "noauth", "debug": True}, "nova": {"interface": ["a", "b"]}}
    found = sections("zed", config=config)
    assert next(iter(found["DEFAULT"].items())) == ("osapi_volume_listen", "10.0.0.11")
    assert found["DEFAULT"]["auth_strategy"] == "noauth"
    assert found["DEFAULT"]["debug"] == "true"
    assert found["nova"] == {"interface": ["a", "b"]}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"database": {"password": "x"}}, "database.host: is missing"),
        ({"database": {"host": "10.0.0.11"}}, "database.password: is missing"),
        ({"messaging": {"hosts": ["a"]}}, "messaging.password: is missing"),
        ({"messaging": {"password": "x"}}, "messaging.hosts: is missing"),
        ({"identity": {"auth_url": "http://a/"}}, "identity.password: is missing"),
        ({"identity": {"password": "x"}}, "identity.auth_url: is missing"),
        ({"backends": {}}, "backends: is missing"),
        ({"backends": {"nfs1": {}}}, "backends.nfs1.driver: is missing"),
        ({"backends": {"nfs1": {"driver": "nfs"}}}, "backends.nfs1.shares: is missing"),
        (
            {"backends": {"a": {"driver": "nsf"}}},
            "backends.a.driver: is 'nsf', which is not a known driver; allowed: ",
        ),
        ({"backends": {"a": {"driver": "rbd", "shares": ["n:/s"]}}}, "backends.a.shares: is for NFS"),
        ({"backends": {"a": {"driver": "nfs", "shares": ["n:/s\n[x]"]}}}, "backends.a.shares[0]: should be"),
        ({"backends": {"database": {"driver": "rbd"}}}, "backends.database: 'database' is a section"),
        (
            {"backends": {"a": {"driver": "cinder.volume.drivers.nfs.NFSDriver"}}},
            "backends.a.driver: is 'cinder.volume.drivers.nfs.NFSDriver', which zed does not have; perhaps ",
        ),
        (
            {"backup": {"driver": "cinder.backup.drivers.swift"}},
            "backup.driver: is 'cinder.backup.drivers.swift', which zed does not have (removed in stein)",
        ),
        ({"backup": {"driver": "tape"}}, "backup.driver: is 'tape', which is not a known driver; allowed: "),
        ({"volume_host": None}, "volume_host: is missing"),
        ({"haproxy": {"enabled": True}}, "haproxy.servers.NODE: is missing"),
    ],
)
def test_mistake_is_one_sentence_that_names_the_key(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(SiteError) as caught:
        sections("zed", **changes)
    assert str(caught.value).startswith(f"cinder_ha.{problem}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("release", ["auto", "folsom", "grizzly"])
def test_release_that_no_file_is_written_for_is_named(release: str) -> None:
    with pytest.raises(SiteError, match=r"^cinder_ha\.release: is '?" + release):
        sections(release)


def test_short_name_of_a_driver_that_the_release_lacks_is_the_pillars_own_word() -> None:
    with pytest.raises(SiteError) as caught:
        sections("train", backup={"driver": "s3"})
    problem = "cinder_ha.backup.driver: is 's3', which train does not have (added in wallaby)"
    assert str(caught.value) == problem


@pytest.mark.parametrize("name", ["acme.cinder.Driver", "storpool.Driver"])
def test_driver_of_somebody_else_passes_in_every_release(name: str) -> None:
    for release in FROM_HAVANA:
        found = sections(release, backends={"a": {"driver": name}}, backup={"driver": name})
        assert (found["a"]["volume_driver"], found["DEFAULT"]["backup_driver"]) == (name, name)


@pytest.mark.parametrize("queues", ["mirrored", "classic", None])
@pytest.mark.parametrize("release", FROM_HAVANA)
def test_release_knows_every_option_that_it_gets(release: str, queues: str | None) -> None:
    more = {
        "coordination": {"url": "etcd3+http://10.0.0.11:2379"},
        "backup": {"driver": "swift"},
        "messaging": {**PILLAR["messaging"], "queues": queues},
        "api": {"listen": "10.0.0.12", "port": 18776},
    }
    site = parse_site({"cinder_ha": {**copy.deepcopy(PILLAR), **more}})
    assert lint_of_site(site, rendered_configuration(site, release), release) == ()
