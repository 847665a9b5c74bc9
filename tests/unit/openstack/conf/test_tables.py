"""The tables say what each release takes; the facts are those of the releases' own sources."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.openstack.conf.tables import (
    BACKEND,
    driver_of,
    lack_of_driver,
    lifetime,
    nearest,
    options_of,
)
from saltext_cinder_ha.site import RELEASES

COVERED = RELEASES[RELEASES.index("havana") :]
NFS = "cinder.volume.drivers.nfs.NfsDriver"


@pytest.mark.parametrize("release", COVERED)
def test_every_release_has_the_options_that_no_release_dropped(release: str) -> None:
    table = options_of(release)
    for name in ("host", "osapi_volume_listen", "report_interval", "auth_strategy", "enabled_backends"):
        assert table.option("DEFAULT", name) is not None, name
    for name in ("nfs_shares_config", "volume_backend_name", "volume_driver"):
        assert table.option(BACKEND, name) is not None, name
    assert table.option("database", "connection") is not None
    assert table.has_section("keystone_authtoken")
    assert driver_of("volume", NFS, release) is not None


@pytest.mark.parametrize(
    ("section", "name", "first", "last"),
    [
        ("DEFAULT", "enable_v1_api", "havana", "pike"),
        ("DEFAULT", "enable_v2_api", "havana", "wallaby"),
        ("DEFAULT", "rabbit_host", "havana", "juno"),
        ("oslo_messaging_rabbit", "rabbit_hosts", "kilo", "rocky"),
        ("oslo_messaging_rabbit", "rabbit_quorum_queue", "yoga", "2026.2"),
        ("oslo_messaging_rabbit", "rabbit_transient_quorum_queue", "2024.1", "2026.2"),
        ("oslo_messaging_rabbit", "use_queue_manager", "2024.1", "2026.2"),
        ("oslo_messaging_rabbit", "heartbeat_in_pthread", "train", "2026.1"),
        (BACKEND, "backend_host", "kilo", "2026.2"),
        ("keystone_authtoken", "identity_uri", "juno", "2026.1"),
        ("keystone_authtoken", "admin_user", "havana", "2026.1"),
        ("keystone_authtoken", "service_token_roles_required", "ocata", "2026.2"),
        ("keystone_authtoken", "auth_plugin", "kilo", "liberty"),
        ("keystone_authtoken", "auth_type", "mitaka", "2026.2"),
        ("coordination", "backend_url", "mitaka", "2026.2"),
    ],
)
def test_option_lives_from_its_first_release_to_its_last(
    section: str, name: str, first: str, last: str
) -> None:
    lived = lifetime(section, name)
    assert lived is not None
    assert (lived.first, lived.last) == (first, last)


def test_option_that_never_was_has_no_lifetime() -> None:
    assert lifetime("DEFAULT", "notifier_strategy") is None


def test_former_name_leads_to_the_option() -> None:
    found = options_of("zed").option_once_called("DEFAULT", "sql_connection")
    assert found is not None
    assert (found.section, found.name, found.secret) == ("database", "connection", True)
    assert options_of("2026.1").option_once_called("DEFAULT", "sql_connection") is None


def test_section_is_found_in_any_case() -> None:
    assert options_of("zed").option("Keystone_AuthToken", "auth_url") is not None
    assert options_of("zed").option("default", "host") is None


def test_types_limits_and_choices_are_the_releases_own() -> None:
    table = options_of("2026.2")
    listen_port = table.option("DEFAULT", "osapi_volume_listen_port")
    strategy = table.option("DEFAULT", "auth_strategy")
    devices = table.option(BACKEND, "replication_device")
    assert listen_port is not None
    assert strategy is not None
    assert devices is not None
    assert listen_port.type == "port"
    assert strategy.choices == ("noauth", "noauth_include_project_id", "keystone")
    assert (devices.type, devices.multiple) == ("mapping", True)


@pytest.mark.parametrize("name", ["password", "memcache_secret_key"])
def test_secret_options_are_known(name: str) -> None:
    option = options_of("zed").option("keystone_authtoken", name)
    assert option is not None
    assert option.secret


@pytest.mark.parametrize(
    ("kind", "name", "release", "lack"),
    [
        ("volume", NFS, "zed", None),
        ("volume", "acme.Driver", "zed", None),
        (
            "volume",
            "cinder.volume.drivers.sheepdog.SheepdogDriver",
            "zed",
            "zed does not have (removed in ussuri)",
        ),
        ("volume", "cinder.volume.drivers.nfs.NFSDriver", "zed", f"zed does not have; perhaps {NFS}"),
        ("volume", "cinder.volume.drivers.san.SolarisISCSIDriver", "juno", None),
        (
            "backup",
            "cinder.backup.drivers.s3.S3BackupDriver",
            "train",
            "train does not have (added in wallaby)",
        ),
        ("backup", "cinder.backup.drivers.swift", "pike", None),
        ("backup", "cinder.backup.drivers.swift", "stein", "stein does not have (removed in stein)"),
        (
            "backup",
            "cinder.backup.drivers.swift.SwiftBackupDriver",
            "pike",
            "pike does not have (added in queens)",
        ),
    ],
)
def test_drivers_are_told_apart_by_release(kind: str, name: str, release: str, lack: str | None) -> None:
    assert lack_of_driver(kind, name, release) == (lack and f"which {lack}")


def test_active_active_is_what_the_driver_says_or_inherits() -> None:
    rbd = driver_of("volume", "cinder.volume.drivers.rbd.RBDDriver", "zed")
    nfs = driver_of("volume", NFS, "zed")
    netapp = driver_of(
        "volume", "cinder.volume.drivers.netapp.dataontap.nfs_cmode.NetAppCmodeNfsDriver", "2026.1"
    )
    assert [one and one.active_active for one in (rbd, nfs, netapp)] == [True, False, True]


def test_former_name_of_a_driver_is_taken() -> None:
    google = driver_of("backup", "cinder.backup.drivers.google.GoogleBackupDriver", "zed")
    assert google is not None
    assert google.now == "cinder.backup.drivers.gcs.GoogleBackupDriver"


def test_nothing_near_is_no_proposal() -> None:
    assert nearest("completely_different", ["host"]) is None
