"""What the formula writes on a node is one list, for those who write, restart and remove."""

from __future__ import annotations

from typing import Any

import pytest

from saltext_cinder_ha.common.fields import Fields
from saltext_cinder_ha.deploy.node_layout import Minion, layout_of
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.site import SiteError, parse_site

NAMES = {
    "server": "uwsgi",
    "uwsgi": "/etc/uwsgi.ini",
    "uwsgi_arguments": "/etc/default/api",
    "mod_wsgi": "/etc/apache.conf",
    "apache_log": "/var/log/apache2",
    "python": "/usr/lib/python3",
}
BACKENDS = {
    "one": {"driver": "nfs", "shares": ["a:/1"]},
    "two": {"driver": "nfs", "shares": ["b:/2"]},
}


def layout(names: dict[str, str] | None = None, cib_file: str | None = None, **pillar: Any) -> dict[str, Any]:
    settings = Settings(cib_file=cib_file, sandbox_root="/box" if cib_file else None)
    given = NAMES if names is None else names
    minion = Minion("ctl1", "Debian", settings, Fields(given, "names", given) if given else None)
    return layout_of(parse_site({"cinder_ha": pillar}), minion)


def read_by(found: dict[str, Any], service: str) -> list[str]:
    return [path for path, file in found["files"].items() if service in file["services"]]


def test_each_service_has_the_files_that_it_reads() -> None:
    found = layout(backends=BACKENDS)
    conf, shares = "/etc/cinder/cinder.conf", ["/etc/cinder/nfs_exports_one", "/etc/cinder/nfs_exports_two"]
    assert read_by(found, "volume") == [conf, *shares]
    assert read_by(found, "api") == [conf, "/etc/uwsgi.ini", "/etc/default/api"]
    assert read_by(found, "scheduler") == [conf]
    assert found["shares"] == shares


def test_every_file_is_among_those_that_are_removed_and_no_path_twice() -> None:
    same = {name: {**backend, "options": {"nfs_shares_config": "/s"}} for name, backend in BACKENDS.items()}
    found = layout(backends=same, haproxy={"enabled": True, "servers": {"ctl1": "10.0.0.12"}})
    assert {file["path"] for file in found["files"].values()} < set(found["written"])
    assert len(found["written"]) == len(set(found["written"]))
    assert "/etc/haproxy/haproxy.cfg" in found["files"]


def test_in_the_sandbox_every_path_is_below_its_root() -> None:
    found = layout(cib_file="/box/cib.xml")
    assert [path for path in found["written"] if not path.startswith("/box/")] == []
    assert 'DAEMON_ARGS="--ini /etc/uwsgi.ini"' in found["files"]["/etc/default/api"]["contents"]


def test_without_the_names_of_the_family_the_files_of_the_api_are_left_out() -> None:
    assert read_by(layout({}), "api") == ["/etc/cinder/cinder.conf"]
    assert read_by(layout({}, api={"server": "uwsgi"}), "api") == ["/etc/cinder/cinder.conf"]


@pytest.mark.parametrize(
    ("release", "script"), [("zed", "/usr/bin/cinder-wsgi"), ("2026.1", "/usr/lib/python3")]
)
def test_apache_runs_what_the_release_has(release: str, script: str) -> None:
    found = layout(release=release, api={"server": "mod_wsgi", "port": 8777})
    context = found["files"]["/etc/apache.conf"]["context"]
    assert context["script"].startswith(script)
    assert context["listen"] == ":8777"


def test_address_of_a_node_behind_the_proxy_that_is_missing_names_the_key() -> None:
    with pytest.raises(SiteError, match=r"cinder_ha\.haproxy\.servers"):
        layout(haproxy={"enabled": True, "servers": {"ctl2": "10.0.0.13"}})
