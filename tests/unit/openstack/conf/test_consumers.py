"""Each option restarts the services that read it."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.openstack.conf.consumers import (
    SERVICES,
    consumers_of,
    enabled_backends,
    options_read_by,
)
from saltext_cinder_ha.openstack.conf.file import parse

ALL = "api scheduler volume backup"
FILE = parse(
    "[DEFAULT]\nenabled_backends = old\nenabled_backends = nfs1, Ceph\nosapi_volume_workers = 2\n"
    "[nfs1]\nvolume_driver = x\n[ceph]\nrbd_pool = y\n[database]\nconnection = z\n"
)


@pytest.mark.parametrize(
    ("section", "option", "services"),
    [
        ("DEFAULT", "report_interval", "scheduler volume backup"),
        ("DEFAULT", "service_down_time", ALL),
        ("DEFAULT", "osapi_volume_listen", "api"),
        ("DEFAULT", "scheduler_default_filters", "scheduler"),
        ("DEFAULT", "backup_driver", "backup"),
        ("DEFAULT", "backup_use_same_host", ALL),
        ("DEFAULT", "enabled_backends", "volume"),
        ("DEFAULT", "host", "scheduler volume backup"),
        ("DEFAULT", "transport_url", ALL),
        ("DEFAULT", "an_option_of_next_year", ALL),
        ("database", "connection", ALL),
        ("oslo_messaging_rabbit", "rabbit_quorum_queue", ALL),
        ("Keystone_AuthToken", "auth_url", "api"),
        ("Ceph", "rbd_pool", "volume"),
        ("a_section_of_next_year", "option", ALL),
    ],
)
def test_option_belongs_to_the_services_that_read_it(section: str, option: str, services: str) -> None:
    found = consumers_of(section, option, backends=enabled_backends(FILE))
    assert found == set(services.split())


def test_last_value_names_the_backends_as_oslo_config_has_it() -> None:
    assert enabled_backends(FILE) == {"nfs1", "Ceph"}
    assert enabled_backends(parse("[DEFAULT]\n")) == frozenset()


def test_every_option_of_a_file_is_read_by_a_service() -> None:
    read = {service: options_read_by(FILE, service) for service in SERVICES}
    assert ("ceph", "rbd_pool", ("y",)) in read["volume"]
    assert ("ceph", "rbd_pool", ("y",)) not in read["api"]
    every = {(section, option) for options in read.values() for section, option, _ in options}
    assert every == {(entry.section, entry.option) for entry in FILE.entries}
