"""The modern file meets real releases of Cinder, and oslo.config's own validator as a second opinion."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.deploy.cinder_conf import options_of, rendered_configuration, sections_of
from saltext_cinder_ha.openstack.conf.lint import ERROR, lint
from saltext_cinder_ha.site import parse_site

from ..releases import LIBRARIES, START_SECONDS, VENVS, oslo_config

pytestmark = pytest.mark.one_salt

_READ_URLS = """
import sys
from oslo_config import cfg
from oslo_messaging import TransportURL
from sqlalchemy.engine import make_url
database, messaging = make_url(sys.argv[1]), TransportURL.parse(cfg.ConfigOpts(), sys.argv[2])
print([database.username, database.password, database.host, database.port, database.database])
print([messaging.transport, messaging.virtual_host])
print([[host.username, host.password, host.hostname, host.port] for host in messaging.hosts])
"""
# What the validator sees nothing of: it skips [keystone_authtoken], compares backends' sections with nothing
# and knows no types.
UNSEEN = """\
[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
nfs_share_config = /etc/cinder/nfs_exports
[keystone_authtoken]
identity_uri = http://10.0.0.11:35357/
service_token_roles_required = true
[oslo_messaging_rabbit]
heartbeat_rate = banana
"""
SEEN = """\
[DEFAULT]
enabled_backends = nfs1
api_paste_confg = /etc/cinder/api-paste.ini
nfs_shares_config = /etc/cinder/nfs_exports
notifier_strategy = rabbit
rabbit_host = 10.0.0.11
sql_connection = sqlite://
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
[oslo_messaging_rabbit]
rabbit_hosts = 10.0.0.12
rabbit_quorum_queues = true
"""
_NOT_SEEN_OPTION = re.compile(r"([\w.]+)/(\w+) is not part of the sample config")


@dataclass(frozen=True)
class Cinder:
    """A release of Cinder, and a file for it."""

    release: str
    programs: Path
    conf: Path

    @property
    def folder(self) -> Path:
        return self.conf.parent

    def run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def validate(self) -> subprocess.CompletedProcess[str]:
        """Run oslo-config-validator; a backend's section would be unknown to it."""
        groups = ("--exclude-group", "nfs1", "--exclude-group", "service_user")
        file = ("--input-file", str(self.conf))
        return oslo_config(self.programs, "validator", self.folder, ("cinder", *LIBRARIES), *groups, *file)


def pillar(folder: Path) -> dict[str, Any]:
    """A whole site; what it needs of others is replaced by what oslo.messaging and SQLAlchemy do without."""
    return {
        "volume_host": "cinder-cluster-1",
        "vips": {"internal": {"ip": "10.0.0.11"}},
        "database": {"url": f"sqlite:///{folder}/cinder.sqlite"},
        "messaging": {"hosts": ["10.0.0.12", "10.0.0.13"], "password": "RABBIT_PASS"},
        "identity": {
            "auth_url": "http://10.0.0.11:5000/",
            "www_authenticate_uri": "http://10.0.0.11:5000/",
            "password": "CINDER_PASS",
            "region_name": "RegionOne",
            "memcached_servers": ["10.0.0.12:11211"],
        },
        "coordination": {"url": f"file://{folder}"},
        "backends": {
            "nfs1": {
                "driver": "nfs",
                "shares": ["10.0.0.20:/srv/cinder"],
                "options": {"nfs_shares_config": f"{folder}/nfs_exports", "nfs_sparsed_volumes": True},
            }
        },
        "backup": {"driver": "posix", "options": {"backup_posix_path": "/srv/backup"}},
        "config": {
            "DEFAULT": {"transport_url": "fake:/", "state_path": str(folder)},
            "oslo_concurrency": {"lock_path": str(folder)},
        },
    }


@pytest.fixture(params=list(VENVS))
def cinder(request: Any, repository: Path, tmp_path: Path) -> Cinder:
    release = request.param
    text = rendered_configuration(parse_site({"cinder_ha": pillar(tmp_path)}), release)
    conf = tmp_path / "cinder.conf"
    conf.write_text(text)
    return Cinder(release, repository / VENVS[release] / "bin", conf)


def lines_of(cinder: Cinder, program: str) -> Iterator[str]:
    """What a service says from its start on; it is ended when nobody listens any more."""
    process = subprocess.Popen(
        [str(cinder.programs / program), "--config-file", str(cinder.conf)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    end = threading.Timer(START_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    end.start()
    assert process.stdout is not None
    try:
        yield from process.stdout
    finally:
        end.cancel()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def test_release_makes_its_tables_and_starts_with_the_file(cinder: Cinder) -> None:
    cinder.run("cinder-manage", "--config-file", str(cinder.conf), "db", "sync")
    said = []
    with contextlib.closing(lines_of(cinder, "cinder-volume")) as lines:
        for line in lines:
            said.append(line)
            if "Starting volume driver NfsDriver" in line:
                break
    assert "Starting volume driver NfsDriver" in said[-1], "".join(said)
    with sqlite3.connect(cinder.folder / "cinder.sqlite") as database:
        assert database.execute("select host from services").fetchall() == [("cinder-cluster-1@nfs1",)]
    database.close()


def test_validator_finds_nothing_wrong(cinder: Cinder) -> None:
    done = cinder.validate()
    assert (done.returncode, refused_by(done)) == (0, set()), done.stderr


def test_lint_and_validator_find_the_same_unknown_options(cinder: Cinder) -> None:
    cinder.conf.write_text(SEEN)
    done = cinder.validate()
    errors = {(one.section, one.option) for one in lint(SEEN, cinder.release) if one.severity == ERROR}
    assert len(errors) == 7
    assert (done.returncode, refused_by(done)) == (1, errors)


def test_lint_finds_what_the_validator_is_blind_to(cinder: Cinder) -> None:
    cinder.conf.write_text(UNSEEN)
    done = cinder.validate()
    assert (done.returncode, refused_by(done)) == (0, set())
    errors = [one.option for one in lint(UNSEEN, cinder.release) if one.severity == ERROR]
    assert errors == ["nfs_share_config", "identity_uri", "heartbeat_rate"]


def refused_by(done: subprocess.CompletedProcess[str]) -> set[tuple[str, str]]:
    """The options that oslo-config-validator does not know."""
    return set(_NOT_SEEN_OPTION.findall(done.stdout + done.stderr))


def test_urls_say_to_the_libraries_what_the_pillar_says(repository: Path) -> None:
    site = pillar(Path("/unused"))
    del site["config"]["DEFAULT"]["transport_url"]
    site["database"] = {"host": "2001:db8::1", "user": "c:i/n", "password": "d@b:1/%20"}
    site["messaging"] = {
        "hosts": ["10.0.0.12", "[2001:db8::2]:5671"],
        "user": "c,i",
        "password": "p@s,s/w%2F",
        "vhost": "/block",
    }
    sections = sections_of(options_of(parse_site({"cinder_ha": site}), "2026.2"), show_secrets=True)
    urls = [sections["database"]["connection"], sections["DEFAULT"]["transport_url"]]
    python = repository / VENVS["2026.2"] / "bin" / "python"
    read = subprocess.run([python, "-c", _READ_URLS, *urls], capture_output=True, text=True, check=True)
    assert [ast.literal_eval(line) for line in read.stdout.splitlines()] == [
        ["c:i/n", "d@b:1/%20", "2001:db8::1", None, "cinder"],
        ["rabbit", "/block"],
        [["c,i", "p@s,s/w%2F", "10.0.0.12", 5672], ["c,i", "p@s,s/w%2F", "2001:db8::2", 5671]],
    ]
