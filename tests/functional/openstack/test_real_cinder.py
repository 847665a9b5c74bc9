"""The modern file meets real releases of Cinder, and oslo.config's own validator as a second opinion."""

from __future__ import annotations

import ast
import contextlib
import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.configuration import options_of, rendered_configuration, sections_of
from saltext_cinder_ha.site import parse_site

VENVS = {"2026.1": ".venv-openstack-2026.1", "2026.2": ".venv-openstack"}
START_SECONDS = 120
# To list its options Cinder imports every driver; what some import of other clouds is asked nothing.
_CLIENTS_OF_OTHERS = """
import importlib.machinery
import sys
from unittest.mock import MagicMock

class Clients:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("boto3", "botocore", "googleapiclient", "swiftclient"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return MagicMock()

    def exec_module(self, module):
        pass

sys.meta_path.append(Clients())
"""
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
NAMESPACES = (
    "cinder",
    "keystonemiddleware.auth_token",
    "oslo.concurrency",
    "oslo.db",
    "oslo.log",
    "oslo.messaging",
    "oslo.middleware",
    "oslo.service.service",
)


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
            env={**os.environ, "PYTHONPATH": str(self.folder)},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


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
    (cinder.folder / "sitecustomize.py").write_text(_CLIENTS_OF_OTHERS)
    namespaces = [word for name in NAMESPACES for word in ("--namespace", name)]
    # It does not know that a backend is a section of its own, nor the options of keystoneauth's plugins.
    groups = ("--exclude-group", "nfs1", "--exclude-group", "service_user")
    said = cinder.run(
        "python", "-m", "oslo_config.validator", *namespaces, *groups, "--input-file", str(cinder.conf)
    )
    assert "not part of the sample config" not in said


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
