"""The lint finds real mistakes, says what to write instead, and finds none where none is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from saltext_cinder_ha.openstack.conf.lint import ERROR, GUIDE, MODERN, WARNING, Finding, Surroundings, lint

from .guide_files import UNITS_FILE

HIGHLY_AVAILABLE = Surroundings(cloned_scheduler=True, active_passive=True)
BACKEND = "[DEFAULT]\nenabled_backends = nfs1\n[nfs1]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n"

GUIDE_TEXT = "".join(line for line in UNITS_FILE.splitlines(keepends=True) if line.strip())
MODERN_TEXT = """\
[DEFAULT]
enabled_backends = nfs1
transport_url = rabbit://cinder:RABBIT_PASS@10.0.0.12:5672,cinder:RABBIT_PASS@10.0.0.13:5672/
osapi_volume_listen = 10.0.0.11
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs1
backend_host = cinder-cluster-1
nfs_shares_config = /etc/cinder/nfs_exports
nfs_mount_options = vers=4.1
[database]
connection = mysql+pymysql://cinder:CINDER_DBPASS@10.0.0.11/cinder
[keystone_authtoken]
auth_type = password
auth_url = http://10.0.0.11:5000/
www_authenticate_uri = http://10.0.0.11:5000/
username = cinder
password = CINDER_PASS
project_name = service
user_domain_name = Default
project_domain_name = Default
service_token_roles_required = true
[oslo_messaging_rabbit]
rabbit_quorum_queue = true
heartbeat_rate = 3
"""


@dataclass(frozen=True)
class Mistake:
    """A mistake that somebody made, and what the finding about it has to say."""

    text: str
    option: str
    instead: str
    release: str = "zed"
    severity: str = ERROR

    def __str__(self) -> str:
        return f"{self.option}-{self.release}"


CORPUS = [
    Mistake("[DEFAULT]\nvolume_driver = a.B\n", "volume_driver", "enabled_backends"),
    Mistake("[DEFAULT]\nvolume_driver = a.B\n", "volume_driver", "enabled_backends", "2026.2"),
    Mistake("[DEFAULT]\nvolume_driver = a.B\n", "volume_driver", "enabled_backends", "ocata"),
    Mistake("[DEFAULT]\nnfs_shares_config = /x\n", "nfs_shares_config", "the backend's section"),
    Mistake("[oslo_messaging_rabbit]\nrabbit_hosts = a,b\n", "rabbit_hosts", "transport_url"),
    Mistake("[oslo_messaging_rabbit]\nrabbit_host = a\n", "rabbit_host", "transport_url", "stein"),
    Mistake("[DEFAULT]\nrabbit_host = a\n", "rabbit_host", "transport_url"),
    Mistake("[DEFAULT]\nnotifier_strategy = rabbit\n", "notifier_strategy", "oslo_messaging_notifications"),
    Mistake("[DEFAULT]\nsql_connection = x\n", "sql_connection", "connection in [database]", "2026.1"),
    Mistake("[DEFAULT]\nenable_v1_api = true\n", "enable_v1_api", "remove it", "queens"),
    Mistake("[DEFAULT]\nenable_v2_api = true\n", "enable_v2_api", "remove it", "xena"),
    Mistake("[keystone_authtoken]\nidentity_uri = http://a/\n", "identity_uri", "auth_url", "2026.2"),
    Mistake("[keystone_authtoken]\nidentity_uri = http://a/\n", "identity_uri", "auth_url"),
    Mistake("[keystone_authtoken]\nadmin_user = a\n", "admin_user", "username", "2026.2"),
    Mistake("[keystone_authtoken]\nadmin_tenant_name = a\n", "admin_tenant_name", "project_name", "2026.2"),
    Mistake("[keystone_authtoken]\nauth_uri = http://a/\n", "auth_uri", "www_authenticate_uri", "2026.2"),
    Mistake(
        "[keystone_authtoken]\nauth_uri = http://a/\n",
        "auth_uri",
        "www_authenticate_uri",
        "2026.1",
        WARNING,
    ),
    Mistake(
        "[oslo_messaging_rabbit]\nheartbeat_in_pthread = true\n",
        "heartbeat_in_pthread",
        "remove it",
        "2026.2",
    ),
    Mistake(
        "[oslo_messaging_rabbit]\nrabbit_quorum_queues = true\n",
        "rabbit_quorum_queues",
        "rabbit_quorum_queue",
    ),
    Mistake("[DEFAULT]\napi_paste_confg = x\n", "api_paste_confg", "api_paste_config"),
    Mistake("[databse]\nconnection = x\n", "", "[database]"),
    Mistake("[default]\ndebug = true\n", "", "[DEFAULT]"),
    Mistake(f"{BACKEND}nfs_mount_options = v3\n", "nfs_mount_options", "vers=3", severity=WARNING),
    Mistake(f"{BACKEND}nfs_share_config = /x\n", "nfs_share_config", "nfs_shares_config"),
    Mistake("[DEFAULT]\nhost = shared\n", "host", "backend_host"),
    Mistake("[database]\nconnection = mysql://a@b/c\n", "connection", "mysql+pymysql", severity=WARNING),
    Mistake("[database]\nconnection = x\nconnection = y\n", "connection", "keep one"),
    Mistake(
        "[keystone_authtoken]\nauth_url = http://localhost:5000/\n",
        "auth_url",
        "all nodes share",
        severity=WARNING,
    ),
    Mistake(
        "[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\nrabbit_ha_queues = true\n",
        "rabbit_ha_queues",
        "remove rabbit_ha_queues",
    ),
    Mistake(
        f"{BACKEND}[DEFAULT]\ncluster = a\n[coordination]\nbackend_url = file:///x\n",
        "backend_url",
        "etcd3",
    ),
    Mistake(
        BACKEND.replace("nfs.NfsDriver", "lvm.LVMVolumeDriver"), "volume_driver", "shared storage", "2026.2"
    ),
    Mistake("[DEFAULT]\nenabled_backends = nfs1\n", "enabled_backends", "add [nfs1]"),
    Mistake(
        "[keystone_authtoken]\nauth_type = password\n",
        "service_token_roles_required",
        "service_token_roles_required = true",
        severity=WARNING,
    ),
]


def found(text: str, release: str = "zed", form: str = MODERN) -> tuple[Finding, ...]:
    return lint(text, release, form=form, surroundings=HIGHLY_AVAILABLE)


def errors(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.option for finding in findings if finding.severity == ERROR]


@pytest.mark.parametrize("mistake", CORPUS, ids=str)
def test_real_mistake_is_found_and_its_replacement_named(mistake: Mistake) -> None:
    about = [finding for finding in found(mistake.text, mistake.release) if finding.option == mistake.option]
    assert [f for f in about if mistake.instead in f.instead and f.severity == mistake.severity], about


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("[oslo_messaging_rabbit]\nheartbeat_rate = banana\n", "a whole number"),
        ("[DEFAULT]\nosapi_volume_listen_port = 99999\n", "a port from 0 to 65535"),
        ("[DEFAULT]\ndebug = perhaps\n", "true or false"),
        ("[DEFAULT]\nauth_strategy = kerberos\n", "one of noauth, noauth_include_project_id, keystone"),
        ("[DEFAULT]\nmy_ip = here there\n", "a host name or an IP address"),
        (f"{BACKEND}nas_secure_file_permissions = banana\nnfs_mount_attempts = x\n", "a whole number"),
    ],
)
def test_value_that_the_type_refuses_is_an_error_in_any_form(text: str, allowed: str) -> None:
    for form in (MODERN, GUIDE):
        assert [f for f in found(text, form=form) if f.severity == ERROR and allowed in f.why]


def test_gone_option_says_since_when() -> None:
    (finding,) = [f for f in found("[DEFAULT]\nenable_v1_api = 1\n", "zed") if f.option == "enable_v1_api"]
    assert finding.why == "was removed in queens and is ignored"


def test_option_of_a_later_release_says_since_when_it_is_there() -> None:
    findings = found("[oslo_messaging_rabbit]\nuse_queue_manager = true\n")
    assert [f.why for f in findings if f.option == "use_queue_manager"] == [
        "was added in 2024.1, and zed ignores it"
    ]


@pytest.mark.parametrize("release", ["zed", "2025.1", "2026.1", "2026.2"])
def test_modern_file_has_no_finding(release: str) -> None:
    assert found(MODERN_TEXT, release) == ()


@pytest.mark.parametrize("release", ["zed", "2026.1", "2026.2"])
def test_in_guide_form_only_what_is_fatal_is_an_error(release: str) -> None:
    assert errors(found(GUIDE_TEXT, release, GUIDE)) == ["volume_driver"]
    assert {"host", "rabbit_hosts", "identity_uri"} < set(errors(found(GUIDE_TEXT, release)))


def test_option_without_a_section_is_one_error_that_names_the_line() -> None:
    (finding,) = found("connection = x\n")
    assert (finding.severity, finding.line) == (ERROR, 1)
    assert "is before any section" in finding.why


def test_options_of_somebody_elses_driver_are_warnings() -> None:
    findings = found(f"{BACKEND.replace('cinder.volume.drivers.nfs.NfsDriver', 'acme.Driver')}acme_x = 1\n")
    assert [f.severity for f in findings if f.option == "acme_x"] == [WARNING]


def test_driver_that_is_gone_is_an_error() -> None:
    text = BACKEND.replace("nfs.NfsDriver", "sheepdog.SheepdogDriver")
    (finding,) = [f for f in found(text) if f.option == "volume_driver"]
    assert (finding.severity, "removed in" in finding.why) == (ERROR, True)


def test_section_of_a_backend_that_is_not_enabled_is_a_warning() -> None:
    findings = found(f"{BACKEND}[nfs2]\nvolume_driver = cinder.volume.drivers.nfs.NfsDriver\n")
    assert [(f.severity, f.section, f.line) for f in findings] == [(WARNING, "nfs2", 5)]


def test_no_finding_shows_a_secret() -> None:
    text = (
        "[DEFAULT]\ntransport_url = rabbit://u:HIDE_ME@h\ntransport_url = rabbit://u:HIDE_ME@h\n"
        "[database]\nconnection = mysql://u:HIDE_ME@localhost/x\nmax_retries = u:HIDE_ME@h\n"
        "[keystone_authtoken]\npassword = HIDE_ME\nadmin_password = HIDE_ME\n"
    )
    findings = found(text)
    assert len(findings) > 4
    assert "HIDE_ME" not in repr(findings) + "".join(str(finding) for finding in findings)


@pytest.mark.parametrize("maker", ["fc", "cisco_fc"])
def test_fabric_takes_the_options_of_its_maker(maker: str) -> None:
    zones = "[fc-zone-manager]\nfc_fabric_names = fabric_a\n"
    text = f"{BACKEND}{zones}[fabric_a]\n{maker}_fabric_address = 10.0.0.30\n{maker}_fabric_addres = x\n"
    assert errors(found(text)) == [f"{maker}_fabric_addres"]


def test_value_that_refers_to_another_option_is_left_to_oslo_config() -> None:
    assert errors(found(f"{BACKEND}nfs_mount_attempts = $osapi_volume_workers\n")) == []


def test_address_that_python_cannot_take_apart_is_a_finding() -> None:
    (finding,) = [f for f in found("[DEFAULT]\nbackup_swift_url = http://[::1\n") if f.severity == ERROR]
    assert finding.why == "is 'http://[::1', but should be a URL"
