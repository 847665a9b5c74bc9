"""What a pillar may say: every key accepted and refused, and errors that name the key."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saltext_cinder_ha.common.secrets import Secret
from saltext_cinder_ha.site import RELEASES, SiteError, kinds, mistakes, parse_site, schema

NAMES = {"<vip>": "internal", "<service>": "api", "<backend>": "nfs1"}
PASSWORD = "p4ssw0rd-of-this-test"

TEXT_KEYS = (
    "cinder_ha.site",
    "cinder_ha.database.name",
    "cinder_ha.database.user",
    "cinder_ha.messaging.user",
    "cinder_ha.messaging.vhost",
    "cinder_ha.identity.username",
    "cinder_ha.identity.project_name",
    "cinder_ha.identity.user_domain_name",
    "cinder_ha.identity.project_domain_name",
    "cinder_ha.identity.region_name",
    "cinder_ha.identity.cafile",
    "cinder_ha.endpoints.region",
    "cinder_ha.endpoints.auth.cloud",
    "cinder_ha.endpoints.auth.username",
    "cinder_ha.endpoints.auth.project_name",
    "cinder_ha.endpoints.auth.user_domain_name",
    "cinder_ha.endpoints.auth.project_domain_name",
    "cinder_ha.endpoints.auth.cacert",
    "cinder_ha.endpoints.services[].name",
    "cinder_ha.endpoints.services[].description",
    "cinder_ha.endpoints.services[].region",
)
URL_KEYS = (
    "cinder_ha.identity.auth_url",
    "cinder_ha.identity.www_authenticate_uri",
    "cinder_ha.endpoints.auth.auth_url",
    "cinder_ha.endpoints.services[].url",
    "cinder_ha.endpoints.services[].public",
    "cinder_ha.endpoints.services[].internal",
    "cinder_ha.endpoints.services[].admin",
)
PASSWORD_KEYS = (
    "cinder_ha.database.password",
    "cinder_ha.messaging.password",
    "cinder_ha.identity.password",
    "cinder_ha.endpoints.auth.password",
    "cinder_ha.coordination.url",
)
SECTION_KEYS = (
    "cinder_ha.cluster",
    "cinder_ha.cluster.extra",
    "cinder_ha.packages",
    "cinder_ha.api",
    "cinder_ha.haproxy",
    "cinder_ha.coordination",
    "cinder_ha.database",
    "cinder_ha.messaging",
    "cinder_ha.identity",
    "cinder_ha.endpoints",
    "cinder_ha.endpoints.auth",
    "cinder_ha.backup",
    "cinder_ha.backup.policy",
)

ACCEPTED: list[tuple[str, Any, Any]] = [
    *((key, "east", "east") for key in TEXT_KEYS),
    *((key, "https://[2001:db8::1]:5000/v3", "https://[2001:db8::1]:5000/v3") for key in URL_KEYS),
    *((key, "012345", Secret("012345")) for key in PASSWORD_KEYS),
    ("cinder_ha.release", "Zed", "zed"),
    ("cinder_ha.release", 2026.1, "2026.1"),
    ("cinder_ha.release", "gazpacho", "2026.1"),
    ("cinder_ha.release", "auto", "auto"),
    ("cinder_ha.mode", "ocf", "ocf"),
    ("cinder_ha.form", "guide", "guide"),
    ("cinder_ha.config_errors", "warn", "warn"),
    ("cinder_ha.clean", "cluster", "cluster"),
    ("cinder_ha.vips.<vip>.ip", "10.0.0.11", ipaddress.ip_address("10.0.0.11")),
    ("cinder_ha.vips.<vip>.ip", "2001:DB8::b", ipaddress.ip_address("2001:db8::b")),
    ("cinder_ha.vips.<vip>.cidr_netmask", "24", 24),
    ("cinder_ha.vips.<vip>.cidr_netmask", 64, 64),
    ("cinder_ha.vips.<vip>.nic", "bond0.100", "bond0.100"),
    ("cinder_ha.vips.<vip>.id", "front", "front"),
    ("cinder_ha.vips.<vip>.resource", "vip", "vip"),
    ("cinder_ha.cluster.group", "storage", "storage"),
    ("cinder_ha.cluster.ordering", "relaxed", "relaxed"),
    (
        "cinder_ha.cluster.start_after",
        ["openstack-keystone-clone"],
        ("openstack-keystone-clone",),
    ),
    ("cinder_ha.cluster.services.<service>.enabled", False, False),
    ("cinder_ha.cluster.services.<service>.id", "api", "api"),
    ("cinder_ha.cluster.services.<service>.agent", "lsb:cinder-api", "lsb:cinder-api"),
    ("cinder_ha.cluster.services.<service>.params", {"url": None}, {"url": None}),
    ("cinder_ha.cluster.services.<service>.meta", {"priority": 5}, {"priority": 5}),
    (
        "cinder_ha.cluster.services.<service>.operations",
        [{"name": "monitor", "params": {"OCF_CHECK_LEVEL": 10}}],
        ({"name": "monitor", "params": {"OCF_CHECK_LEVEL": 10}},),
    ),
    ("cinder_ha.cluster.properties", {"stonith-enabled": True}, {"stonith-enabled": True}),
    ("cinder_ha.cluster.resource_defaults", {"priority": 1}, {"priority": 1}),
    ("cinder_ha.cluster.allow", ["start", "fence"], ("start", "fence")),
    ("cinder_ha.cluster.allow", [], ()),
    (
        "cinder_ha.cluster.extra.resources",
        {"fencing": {"agent": "stonith:fence_apc", "secret": ["passwd"]}},
        {"fencing": {"agent": "stonith:fence_apc", "secret": ["passwd"]}},
    ),
    ("cinder_ha.cluster.extra.constraints", [{"order": {}}], ({"order": {}},)),
    ("cinder_ha.cluster.extra.fencing_levels", [{"level": 1}], ({"level": 1},)),
    ("cinder_ha.cluster.extra.tags", {"storage": ["a", "b"]}, {"storage": ("a", "b")}),
    ("cinder_ha.database.url", "sqlite:////tmp/cinder", Secret("sqlite:////tmp/cinder")),
    ("cinder_ha.database.driver", "postgresql", "postgresql"),
    ("cinder_ha.database.host", "db.example.org:3306", "db.example.org:3306"),
    ("cinder_ha.messaging.hosts", ["[2001:db8::2]:5672"], ("[2001:db8::2]:5672",)),
    ("cinder_ha.messaging.hosts", ["2001:db8::2", "rabbit1"], ("2001:db8::2", "rabbit1")),
    ("cinder_ha.messaging.queues", "classic", "classic"),
    ("cinder_ha.messaging.notifications", True, True),
    ("cinder_ha.packages.enabled", True, True),
    ("cinder_ha.packages.names", ["cinder-volume"], ("cinder-volume",)),
    ("cinder_ha.api.server", "uwsgi", "uwsgi"),
    ("cinder_ha.api.listen", "10.0.0.12", ipaddress.ip_address("10.0.0.12")),
    ("cinder_ha.api.port", "18776", 18776),
    ("cinder_ha.haproxy.enabled", True, True),
    ("cinder_ha.haproxy.servers", {"ctl1": "2001:db8::c"}, {"ctl1": ipaddress.ip_address("2001:db8::c")}),
    ("cinder_ha.identity.memcached_servers", ["10.0.0.12:11211"], ("10.0.0.12:11211",)),
    ("cinder_ha.backends.<backend>.driver", "nfs", "nfs"),
    (
        "cinder_ha.backends.<backend>.driver",
        "cinder.volume.drivers.nfs.NfsDriver",
        "cinder.volume.drivers.nfs.NfsDriver",
    ),
    ("cinder_ha.backends.<backend>.shares", ["nas:/srv"], ("nas:/srv",)),
    ("cinder_ha.backends.<backend>.options", {"a": [1, "b"]}, {"a": [1, "b"]}),
    ("cinder_ha.volume_host", "cinder-cluster-1", "cinder-cluster-1"),
    ("cinder_ha.config", {"DEFAULT": {"debug": True}}, {"DEFAULT": {"debug": True}}),
    ("cinder_ha.endpoints.services[].type", "volumev3", "volumev3"),
    (
        "cinder_ha.endpoints.services[].url",
        "http://10.0.0.11:8776/v2/%(project_id)s",
        "http://10.0.0.11:8776/v2/%(project_id)s",
    ),
    (
        "cinder_ha.endpoints.services[].url",
        r"http://10.0.0.11:8776/v2/%\(project_id\)s",
        "http://10.0.0.11:8776/v2/%(project_id)s",
    ),
    ("cinder_ha.endpoints.services[].enabled", False, False),
    ("cinder_ha.endpoints.services[].interfaces", ["public"], ("public",)),
    ("cinder_ha.endpoints.services[].scheme", "https", "https"),
    ("cinder_ha.endpoints.auth.insecure", True, True),
    ("cinder_ha.backup.driver", "posix", "posix"),
    ("cinder_ha.backup.options", {"backup_share": "nas:/b"}, {"backup_share": "nas:/b"}),
    ("cinder_ha.backup.policy.full_every", "2w", timedelta(weeks=2)),
    ("cinder_ha.backup.policy.incremental_every", "12h", timedelta(hours=12)),
    ("cinder_ha.backup.policy.keep", 1, 1),
]

REFUSED: list[tuple[str, Any, str]] = [
    *((key, 5, "is 5, but should be text: quote it") for key in TEXT_KEYS),
    *((key, "10.0.0.11:5000", "should be a URL such as") for key in URL_KEYS),
    *((key, 12345, "is a number, but a secret should be text: quote it") for key in PASSWORD_KEYS),
    *((key, True, "is a boolean, but a secret should be text") for key in PASSWORD_KEYS),
    *((key, "**********", "is masked by Salt") for key in PASSWORD_KEYS),
    *((key, "text", "is text, but should be a mapping") for key in SECTION_KEYS),
    ("cinder_ha.site", " ", "is empty"),
    ("cinder_ha.release", "zet", "is 'zet', which is not an OpenStack release; allowed: auto, "),
    ("cinder_ha.release", 2026.3, "is '2026.3', which is not an OpenStack release"),
    ("cinder_ha.mode", "pcs", "is 'pcs', but should be ocf or systemd"),
    ("cinder_ha.form", "new", "should be guide or modern"),
    ("cinder_ha.config_errors", "ignore", "should be refuse or warn"),
    ("cinder_ha.clean", True, "should be cluster or node"),
    ("cinder_ha.vips", ["10.0.0.11"], "is a list, but should be a mapping"),
    ("cinder_ha.vips.<vip>.ip", "10.0.0.300", "is '10.0.0.300', but should be an IPv4 or IPv6"),
    ("cinder_ha.vips.<vip>.ip", 167772171, "should be an IPv4 or IPv6 address"),
    ("cinder_ha.vips.<vip>.ip", "10.0.0.11/24", "the prefix belongs in cidr_netmask"),
    ("cinder_ha.vips.<vip>.ip", "0.0.0.0", "which cannot belong to a host"),
    ("cinder_ha.vips.<vip>.cidr_netmask", "255.255.255.0", "should be a prefix length"),
    ("cinder_ha.vips.<vip>.cidr_netmask", 129, "should be a prefix length"),
    ("cinder_ha.vips.<vip>.cidr_netmask", True, "should be a prefix length"),
    ("cinder_ha.vips.<vip>.nic", "an interface", "an interface's name has up to 15 characters"),
    ("cinder_ha.vips.<vip>.id", "1vip", "cannot be an id"),
    ("cinder_ha.vips.<vip>.resource", "1vip", "cannot be an id"),
    ("cinder_ha.cluster.group", "a b", "cannot be an id"),
    ("cinder_ha.cluster.ordering", "strict", "should be guide or relaxed"),
    ("cinder_ha.cluster.start_after", "keystone", "is text, but should be a list"),
    ("cinder_ha.cluster.services", "api", "is text, but should be a mapping"),
    ("cinder_ha.cluster.services.<service>.enabled", "maybe", "is not a boolean"),
    ("cinder_ha.cluster.services.<service>.id", "a b", "cannot be an id"),
    ("cinder_ha.cluster.services.<service>.agent", "cinder-api", "CLASS:TYPE"),
    ("cinder_ha.cluster.services.<service>.params", "url=x", "should be a mapping"),
    ("cinder_ha.cluster.services.<service>.meta", 1, "is a number, but should be a mapping"),
    ("cinder_ha.cluster.services.<service>.operations", {}, "is a mapping, but should be a list"),
    ("cinder_ha.cluster.properties", [], "is a list, but should be a mapping"),
    ("cinder_ha.cluster.resource_defaults", [], "is a list, but should be a mapping"),
    ("cinder_ha.cluster.allow", "start", "is text, but should be a list"),
    ("cinder_ha.cluster.extra.resources", [], "is a list, but should be a mapping"),
    ("cinder_ha.cluster.extra.constraints", {}, "is a mapping, but should be a list"),
    ("cinder_ha.cluster.extra.fencing_levels", {}, "is a mapping, but should be a list"),
    ("cinder_ha.cluster.extra.tags", [], "is a list, but should be a mapping"),
    ("cinder_ha.database.url", "10.0.0.11/cinder", "is not a database URL"),
    ("cinder_ha.database.driver", "MySQL!", "a dialect and its driver"),
    ("cinder_ha.database.host", "10.0.0.11:x", "should be HOST or HOST:PORT"),
    ("cinder_ha.database.host", "a..b", "should be HOST or HOST:PORT"),
    ("cinder_ha.messaging.hosts", "10.0.0.12", "is text, but should be a list"),
    ("cinder_ha.messaging.queues", "ha", "should be classic, mirrored or quorum"),
    ("cinder_ha.messaging.notifications", "perhaps", "is not a boolean"),
    ("cinder_ha.packages.enabled", "perhaps", "is not a boolean"),
    ("cinder_ha.packages.names", "cinder-volume", "is text, but should be a list"),
    ("cinder_ha.api.server", "gunicorn", "should be eventlet, mod_wsgi or uwsgi"),
    ("cinder_ha.api.listen", "ctl1", "should be an IPv4 or IPv6 address"),
    ("cinder_ha.api.port", 65536, "is 65536, but should be a port: 1 to 65535"),
    ("cinder_ha.haproxy.enabled", "perhaps", "is not a boolean"),
    ("cinder_ha.haproxy.servers", ["10.0.0.12"], "is a list, but should be a mapping"),
    ("cinder_ha.identity.auth_url", "http://a:b", "should be a URL"),
    ("cinder_ha.identity.memcached_servers", 1, "should be a list"),
    ("cinder_ha.backends", ["nfs"], "is a list, but should be a mapping"),
    ("cinder_ha.backends.<backend>.driver", "nfs driver", "a short name such as nfs"),
    ("cinder_ha.backends.<backend>.shares", "nas:/srv", "is text, but should be a list"),
    ("cinder_ha.backends.<backend>.options", "a=b", "is text, but should be a mapping"),
    ("cinder_ha.volume_host", "cinder@nfs1", "should not contain a space, '@' or '#'"),
    ("cinder_ha.config", "debug", "is text, but should be a mapping"),
    ("cinder_ha.endpoints.services", {}, "is a mapping, but should be a list"),
    ("cinder_ha.endpoints.services[].type", "volumev1", "should be block-storage, volume"),
    (
        "cinder_ha.endpoints.services[].url",
        "http://10.0.0.11:8776/v2/%(project)s",
        "the only placeholders that Keystone fills in are %(project_id)s, %(tenant_id)s, %(user_id)s",
    ),
    ("cinder_ha.endpoints.services[].enabled", "perhaps", "is not a boolean"),
    ("cinder_ha.endpoints.services[].interfaces", "public", "is text, but should be a list"),
    ("cinder_ha.endpoints.services[].scheme", "ftp", "should be http or https"),
    ("cinder_ha.endpoints.auth.insecure", "perhaps", "is not a boolean"),
    ("cinder_ha.backup.driver", "a-b", "a short name"),
    ("cinder_ha.backup.options", [], "is a list, but should be a mapping"),
    ("cinder_ha.backup.policy.full_every", 7, "a unit (s, m, h, d or w) such as 7d"),
    ("cinder_ha.backup.policy.full_every", "9999999999w", "too long for any backup"),
    ("cinder_ha.backup.policy.incremental_every", "0d", "should be a positive whole number"),
    ("cinder_ha.backup.policy.keep", 0, "is 0, but should be a positive whole number"),
]

INSIDE: list[tuple[dict[str, Any], str]] = [
    ({"vips": {"intern": {}}}, "vips.intern: is not a known key; did you mean 'internal'? "),
    ({"cluster": {"services": {"voluem": {}}}}, "cluster.services.voluem: is not a known key; did"),
    ({"cluster": {"allow": ["start", "stopp"]}}, "cluster.allow[1]: is 'stopp', but should be"),
    ({"cluster": {"start_after": ["a b"]}}, "cluster.start_after[0]: 'a b' cannot be an id"),
    ({"cluster": {"properties": {"x": []}}}, "cluster.properties.x: is a list, but should be"),
    ({"cluster": {"properties": {5: "x"}}}, "cluster.properties: has the key 5, but keys should"),
    (
        {"cluster": {"services": {"api": {"operations": ["monitor"]}}}},
        "cluster.services.api.operations[0]: is text, but should be a mapping",
    ),
    (
        {"cluster": {"services": {"api": {"params": {"os_password": 12345}}}}},
        "cluster.services.api.params.os_password: is a number, but a secret should be text",
    ),
    (
        {"cluster": {"extra": {"resources": {"f": {"params": {"passwd": 0o777}}}}}},
        "cluster.extra.resources.f.params.passwd: is a number, but a secret should be text",
    ),
    ({"cluster": {"extra": {"resources": {"a b": {}}}}}, "cluster.extra.resources.a b: 'a b' can"),
    ({"cluster": {"extra": {"tags": {"a b": ["a"]}}}}, "cluster.extra.tags.a b: 'a b' can"),
    ({"cluster": {"extra": {"tags": {"t": "a"}}}}, "cluster.extra.tags.t: is text, but should be a list"),
    ({"cluster": {"extra": {"tags": {"t": ["a b"]}}}}, "cluster.extra.tags.t[0]: 'a b' can"),
    (
        {"cluster": {"extra": {"absent": ["a"]}}},
        "cluster.extra.absent: is not a known key; allowed: constraints, fencing_levels, resources, tags",
    ),
    ({"backends": {"DEFAULT": {}}}, "backends.DEFAULT: 'DEFAULT' is a section with another purpose"),
    ({"backends": {"a]": {}}}, "backends.a]: is 'a]', but should be the name of a section"),
    (
        {"backends": {"san": {"options": {"san_password": False}}}},
        "backends.san.options.san_password: is a boolean, but a secret should be text",
    ),
    ({"config": {"DEFAULT": {"a": [{}]}}}, "config.DEFAULT.a[0]: is a mapping, but should be"),
    ({"config": {"DEFAULT": {"a=b": 1}}}, "config.DEFAULT.a=b: is 'a=b', but should be the name"),
    ({"messaging": {"hosts": ["a", "b c"]}}, "messaging.hosts[1]: is 'b c', but should be HOST"),
    ({"endpoints": {"services": ["cinder"]}}, "endpoints.services[0]: is text, but should be"),
]

# The name and the region are the defaults.
SAME_SERVICE = {"type": "volumev3", "name": "cinderv3", "region": "RegionOne", "url": "http://b"}

CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    (
        {"vips": {"internal": {"ip": "10.0.0.11"}, "public": {"ip": "10.0.0.11"}}},
        "vips.public.ip: is 10.0.0.11, the address of the internal VIP",
    ),
    (
        {"vips": {"internal": {"resource": "vip"}, "public": {"resource": "vip"}}},
        "vips.public.resource: is 'vip', the resource of the internal VIP",
    ),
    (
        {"vips": {"internal": {"ip": "10.0.0.0", "cidr_netmask": 24}}},
        "vips.internal.ip: is 10.0.0.0, the network address of 10.0.0.0/24",
    ),
    (
        {"vips": {"internal": {"ip": "10.0.0.255", "cidr_netmask": 24}}},
        "vips.internal.ip: is 10.0.0.255, the broadcast address of 10.0.0.0/24",
    ),
    (
        {"vips": {"internal": {"ip": "10.0.0.11", "cidr_netmask": 64}}},
        "vips.internal.cidr_netmask: is 64, but should be 1 to 32 for 10.0.0.11",
    ),
    (
        {"vips": {"internal": {"resource": "vip", "nic": "eth1"}}},
        "vips.internal.nic: is for an address that this formula creates",
    ),
    (
        {"database": {"url": "sqlite:///x", "host": "10.0.0.11"}},
        "database.host: is given in addition to url",
    ),
    (
        {"backends": {"nfs1": {}, "NFS1": {}}},
        "backends.NFS1: is the same section as 'nfs1'",
    ),
    (
        {"backup": {"policy": {"full_every": "1d", "incremental_every": "2d"}}},
        "backup.policy.incremental_every: is longer than full_every",
    ),
    (
        {"endpoints": {"services": [{"type": "volumev3", "url": "http://a"}, SAME_SERVICE]}},
        "endpoints.services[1]: is volumev3 'cinderv3' in RegionOne with public, internal, admin, which "
        "cinder_ha.endpoints.services[0] already declares; write one entry for each type, name, region",
    ),
    (
        {"endpoints": {"services": [{}, {**SAME_SERVICE, "interfaces": ["admin"]}, SAME_SERVICE]}},
        "endpoints.services[2]: is volumev3 'cinderv3' in RegionOne with admin, which "
        "cinder_ha.endpoints.services[1] already declares",
    ),
]


def steps(path: str) -> list[str | int]:
    """The keys and indexes that lead to a path of the schema, names filled in."""
    for placeholder, name in NAMES.items():
        path = path.replace(placeholder, name)
    found = re.findall(r"[^.\[\]]+|\[\]", path)
    return [0 if step == "[]" else step for step in found]


def concrete(path: str) -> str:
    """The path as an error names it."""
    first, *rest = steps(path)
    return str(first) + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in rest)


def pillar_with(path: str, value: Any) -> dict[str, Any]:
    """A pillar that gives one key."""
    return reduce(lambda inner, step: [inner] if step == 0 else {step: inner}, reversed(steps(path)), value)


def looked_up(pillar: dict[str, Any], path: str) -> Any:
    """What the parsed site says at a path of the schema."""
    found: Any = parse_site(pillar)
    for step in steps(path)[1:]:
        by_key = isinstance(found, (Mapping, tuple))
        found = found[step] if by_key else getattr(found, str(step))
    return found


@pytest.mark.parametrize(("path", "value", "expected"), ACCEPTED)
def test_a_good_value_is_read(path: str, value: Any, expected: Any) -> None:
    assert mistakes(pillar_with(path, value)) == []
    assert looked_up(pillar_with(path, value), path) == expected


@pytest.mark.parametrize(("path", "value", "problem"), REFUSED)
def test_a_bad_value_is_refused_by_its_full_path(path: str, value: Any, problem: str) -> None:
    (found,) = mistakes(pillar_with(path, value))
    assert found.startswith(f"{concrete(path)}: ")
    assert problem in found


@pytest.mark.parametrize(("pillar", "problem"), [*INSIDE, *CONTRADICTIONS])
def test_a_mistake_inside_or_between_keys_is_named(pillar: dict[str, Any], problem: str) -> None:
    (found,) = mistakes({"cinder_ha": pillar})
    assert found.startswith(f"cinder_ha.{problem}")


@pytest.mark.parametrize(
    "other",
    [
        {"type": "block-storage"},
        {"type": "volumev3", "name": "cinder-ha"},
        {"type": "volumev3", "region": "RegionTwo"},
        {"type": "volumev3", "interfaces": ["public"]},
        {},
    ],
)
def test_entries_that_share_no_endpoint_stand_side_by_side(other: dict[str, Any]) -> None:
    first = {"type": "volumev3", "interfaces": ["internal", "admin"]}
    assert mistakes({"cinder_ha": {"endpoints": {"services": [first, other, {}]}}}) == []


def test_the_tables_above_leave_no_key_out() -> None:
    keys = {info.path for info in schema()}
    tested = {path for path, _value, _expected in (*ACCEPTED, *REFUSED)}
    refused = {path for path, _value, _problem in REFUSED}
    sections = {key for key in keys if any(other.startswith((f"{key}.", f"{key}[")) for other in keys)}
    assert tested == keys
    assert refused == keys
    assert keys - sections == {path for path, _value, _expected in ACCEPTED}


def test_every_key_says_what_it_means_and_allows() -> None:
    assert all(info.meaning and info.allowed for info in schema())
    assert len({info.path for info in schema()}) == len(schema())


@pytest.mark.parametrize("path", [info.path for info in schema()])
def test_a_key_without_a_value_is_as_if_it_were_left_out(path: str) -> None:
    assert mistakes(pillar_with(path, None)) == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_release_is_accepted_by_its_own_name(release: str) -> None:
    assert parse_site({"cinder_ha": {"release": release}}).release == release


@pytest.mark.parametrize(
    "vip",
    [
        {"ip": "10.0.0.0", "cidr_netmask": 31},
        {"ip": "10.0.0.0", "cidr_netmask": 32},
        {"ip": "2001:db8::ffff:ffff:ffff:ffff", "cidr_netmask": 64},
        {"ip": "10.0.0.11", "resource": "vip"},
    ],
)
def test_an_unusual_but_sound_vip_is_accepted(vip: dict[str, Any]) -> None:
    assert mistakes({"cinder_ha": {"vips": {"internal": vip}}}) == []


@pytest.mark.parametrize("pillar", [{}, {"cinder_ha": None}, {"cinder": {}}, None])
def test_a_missing_pillar_is_one_sentence(pillar: Any) -> None:
    with pytest.raises(SiteError, match=r"^cinder_ha: is missing in this minion's pillar"):
        parse_site(pillar)


def test_all_mistakes_are_found_and_the_first_is_raised() -> None:
    pillar = {"cinder_ha": {"mode": "pcs", "form": "new", "vips": {"public": {"ip": "x"}}}}
    found = mistakes(pillar)
    assert [sentence.partition(":")[0] for sentence in found] == [
        "cinder_ha.mode",
        "cinder_ha.form",
        "cinder_ha.vips.public.ip",
    ]
    with pytest.raises(SiteError) as caught:
        parse_site(pillar)
    assert str(caught.value) == found[0]
    assert caught.value.path == "cinder_ha.mode"


def test_a_vip_that_a_part_needs_and_lacks_is_named_with_the_part() -> None:
    site = parse_site({"cinder_ha": {"vips": {"internal": {"cidr_netmask": 24}}}})
    expected = r"^cinder_ha\.vips\.internal\.ip: is missing, but the part resources needs it$"
    with pytest.raises(SiteError, match=expected):
        site.require_vip("internal", "resources")


SECTIONS = sorted({info.path.rpartition(".")[0] for info in schema()})


@given(st.sampled_from(SECTIONS), st.from_regex(r"[a-z_]{1,12}", fullmatch=True))
def test_an_unknown_key_anywhere_is_named_with_its_full_path(section: str, key: str) -> None:
    path = f"{section}.{key}"
    assume(path not in {info.path for info in schema()})
    (found,) = mistakes(pillar_with(path, "value"))
    assert found.startswith(f"{concrete(path)}: is not a known key; ")


WORDS = sorted({word for info in schema() for word in re.findall(r"\w+", info.path)})
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([i.path.split(".")[1] for i in schema()]), JUNK))
def test_whatever_a_pillar_holds_every_mistake_is_a_sentence_with_a_path(pillar: Any) -> None:
    assert all(re.match(r"cinder_ha[.\[:]", found) for found in mistakes({"cinder_ha": pillar}))


def test_no_repr_shows_a_secret() -> None:
    secrets = {
        "database": {"url": f"mysql://cinder:{PASSWORD}@10.0.0.11/cinder"},
        "messaging": {"password": PASSWORD},
        "identity": {"password": PASSWORD},
        "endpoints": {"auth": {"password": PASSWORD}},
        "backends": {"san": {"options": {"san_password": PASSWORD}}},
        "backup": {"options": {"backup_swift_key": PASSWORD}},
        "config": {"DEFAULT": {"transport_url": f"rabbit://cinder:{PASSWORD}@10.0.0.12/"}},
        "cluster": {
            "services": {"api": {"params": {"os_password": PASSWORD}}},
            "extra": {"resources": {"fencing": {"params": {"password": PASSWORD}}}},
        },
    }
    site = parse_site({"cinder_ha": secrets})
    assert PASSWORD not in f"{site!r} {site} {site.identity.password}"
    assert site.identity.password == Secret(PASSWORD)
    assert hash(site.identity.password) == hash(Secret(PASSWORD))
    assert "nfs" not in repr(site.backends["san"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cinder_ha.identity", f"password={PASSWORD}"),
        ("cinder_ha.cluster.services.<service>.params", f"os_password={PASSWORD}"),
        ("cinder_ha.database.url", f"cinder:{PASSWORD}@10.0.0.11"),
        ("cinder_ha.database.host", f"cinder:{PASSWORD}@10.0.0.11"),
        ("cinder_ha.messaging.hosts", [f"cinder:{PASSWORD}@10.0.0.11"]),
        ("cinder_ha.identity.auth_url", f"admin:{PASSWORD}@10.0.0.11"),
        ("cinder_ha.identity.password", [PASSWORD]),
        ("cinder_ha.config", {"DEFAULT": f"transport_url={PASSWORD}"}),
        ("cinder_ha.backup.options", {"a": {"password": PASSWORD}}),
    ],
)
def test_no_error_shows_a_secret(path: str, value: Any) -> None:
    (found,) = mistakes(pillar_with(path, value))
    assert PASSWORD not in found


def test_key_is_found_by_its_former_name_with_a_note(caplog: pytest.LogCaptureFixture) -> None:
    kinds._warn_of_former_name.cache_clear()
    for _state_of_a_run in range(2):
        assert parse_site({"cinder_ha": {"identity": {"project": "admin"}}}).identity.project_name == "admin"
    (note,) = caplog.messages
    assert note == "The pillar's key cinder_ha.identity.project is deprecated; write project_name instead."


@pytest.mark.parametrize("names", [("project_name", "project"), ("project", "project_name")])
def test_key_with_its_former_name_beside_it_is_a_mistake(names: tuple[str, str]) -> None:
    (mistake,) = mistakes({"cinder_ha": {"identity": dict.fromkeys(names, "service")}})
    sentence = "is given by its former name, too; leave that one out"
    assert mistake == f"cinder_ha.identity.project_name: {sentence}"
