"""``form: guide``: the HA guide's three files, option for option."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from saltext_cinder_ha.deploy.cinder_conf import options_of, rendered_configuration
from saltext_cinder_ha.site import SiteError, parse_site

from .guide_files import AGENT_FILE, FIRST_EDITION_FILE, UNITS_FILE

FIRST_EDITION = {
    "release": "havana",
    "form": "guide",
    "vips": {"internal": {"ip": "192.168.42.103"}},
    "database": {"driver": "mysql", "host": "192.168.42.101", "password": "password"},
    "messaging": {"hosts": ["192.168.42.102"]},
}
UNITS = {
    "form": "guide",
    "mode": "systemd",
    "volume_host": "cinder-cluster-1",
    "vips": {"internal": {"ip": "10.0.0.11"}},
    "database": {"host": "10.0.0.11", "password": "CINDER_DBPASS"},
    "messaging": {"hosts": ["10.0.0.12", "10.0.0.13", "10.0.0.14"]},
    "identity": {
        "auth_url": "http://10.0.0.11:35357/",
        "www_authenticate_uri": "http://10.0.0.11:5000/",
        "password": "CINDER_PASS",
    },
    "backends": {"nfs1": {"driver": "nfs", "shares": ["10.0.0.20:/srv/cinder"]}},
}
AGENT = {
    "form": "guide",
    "mode": "ocf",
    "vips": {"internal": {"ip": "10.0.0.11"}},
    "database": {"host": "10.0.0.11", "password": "CINDER_DBPASS"},
    "messaging": {"hosts": ["10.0.0.11"]},
}


def rendered(content: dict[str, Any], release: str) -> str:
    """The file without its header comment."""
    text = rendered_configuration(parse_site({"cinder_ha": content}), release)
    header, _, rest = text.partition("\n")
    assert header.startswith("#")
    return rest


@pytest.mark.parametrize("mode", ["systemd", "ocf"])
def test_havana_is_the_first_editions_file_whatever_the_mode(mode: str) -> None:
    assert rendered({**FIRST_EDITION, "mode": mode}, "havana") == FIRST_EDITION_FILE


@pytest.mark.parametrize("release", ["liberty", "zed", "2026.2"])
def test_mode_systemd_is_the_file_with_units(release: str) -> None:
    assert rendered(UNITS, release) == UNITS_FILE


@pytest.mark.parametrize("release", ["liberty", "zed", "2026.2"])
def test_mode_ocf_is_the_short_file_under_the_sections_that_it_needs(release: str) -> None:
    assert rendered(AGENT, release) == AGENT_FILE


def test_options_of_the_backend_replace_the_guides_own() -> None:
    content = copy.deepcopy(UNITS)
    content["backends"]["nfs1"]["options"] = {"nfs_mount_options": "vers=4.1"}  # type: ignore[index]
    assert rendered(content, "zed") == UNITS_FILE.replace("v3\n", "vers=4.1\n")


def test_passed_through_options_win_here_too() -> None:
    content = {**AGENT, "config": {"DEFAULT": {"rabbit_host": "10.0.0.99"}}}
    assert rendered(content, "zed") == AGENT_FILE.replace(
        "rabbit_host = 10.0.0.11", "rabbit_host = 10.0.0.99"
    )


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        (UNITS, "volume_host"),
        (UNITS, "vips"),
        (UNITS, "identity"),
        (UNITS, "messaging"),
        (UNITS, "database"),
        (AGENT, "messaging"),
        (FIRST_EDITION, "database"),
    ],
)
def test_key_that_the_file_needs_is_named(content: dict[str, Any], missing: str) -> None:
    site = parse_site({"cinder_ha": {key: value for key, value in content.items() if key != missing}})
    with pytest.raises(
        SiteError, match=rf"^cinder_ha\.{missing}\S*: is missing, but the part config needs it$"
    ):
        options_of(site, content.get("release", "zed"))


def test_two_backends_have_no_room_in_the_guides_file() -> None:
    nfs = {"driver": "nfs", "shares": ["10.0.0.20:/srv/cinder"]}
    site = parse_site({"cinder_ha": {**UNITS, "backends": {"nfs1": nfs, "nfs2": nfs}}})
    with pytest.raises(SiteError, match=r"^cinder_ha\.backends: should be exactly one with form: guide"):
        options_of(site, "zed")
