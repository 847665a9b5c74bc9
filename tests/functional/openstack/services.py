"""A real Keystone and a real cinder-api for tests: started on a copy of a prepared folder, in seconds."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

REPOSITORY = Path(__file__).resolve().parents[3]
NEWEST = REPOSITORY / ".venv-openstack"
BEFORE = REPOSITORY / ".venv-openstack-2026.1"
PASSWORD = "ADMIN_PASS"
WRITES = ("POST", "PATCH", "PUT", "DELETE")
_TOKENS = "/v3/auth/tokens"


@dataclass(frozen=True)
class Server:
    """A service that runs, and what it was asked."""

    url: str
    folder: Path

    def requests(self) -> list[tuple[str, str, int]]:
        """Method, path and status of each request since the last :meth:`forget_requests`."""
        lines = (self.folder / "requests").read_text().splitlines()
        words = [line.split() for line in lines]
        return [(method, path, int(status)) for method, path, status in words]

    def writes(self) -> list[tuple[str, str, int]]:
        """The requests that may have changed something; to ask for a token is none."""
        return [found for found in self.requests() if found[0] in WRITES and found[1] != _TOKENS]

    def forget_requests(self) -> None:
        os.truncate(self.folder / "requests", 0)

    def fails_with(self, *faults: dict[str, Any]) -> None:
        """Answer the next requests so; see ``Gate`` in tools/openstack_services.py."""
        (self.folder / "faults").write_text(json.dumps(faults))


class Rest:
    """Keystone's admin without any library: what the tests arrange and look at."""

    def __init__(self, url: str):
        self._url = url
        user = {"name": "admin", "domain": {"name": "Default"}, "password": PASSWORD}
        scope = {"project": {"name": "admin", "domain": {"name": "Default"}}}
        identity = {"methods": ["password"], "password": {"user": user}}
        answer = self._open("POST", "/auth/tokens", {"auth": {"identity": identity, "scope": scope}}, {})
        self._token = {"X-Auth-Token": answer.headers["X-Subject-Token"]}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        content = self._open(method, path, body, self._token).read()
        return json.loads(content) if content else None

    def create(self, kind: str, **attributes: Any) -> str:
        return str(self.call("POST", f"/{kind}s", {kind: attributes})[kind]["id"])

    def update(self, kind: str, id: str, **attributes: Any) -> None:
        self.call("PATCH", f"/{kind}s/{id}", {kind: attributes})

    def services(self) -> list[dict[str, Any]]:
        """All services but Keystone's own."""
        return [row for row in self.call("GET", "/services")["services"] if row["type"] != "identity"]

    def endpoints(self) -> list[dict[str, Any]]:
        """The endpoints of these services."""
        ids = [row["id"] for row in self.services()]
        return [row for row in self.call("GET", "/endpoints")["endpoints"] if row["service_id"] in ids]

    def catalog(self) -> list[tuple[str, ...]]:
        """Type, name, interface, region and URL of each endpoint, sorted."""
        services = {row["id"]: row for row in self.services()}
        rows = ((services[row["service_id"]], row) for row in self.endpoints())
        return sorted((s["type"], s["name"], e["interface"], e["region_id"], e["url"]) for s, e in rows)

    def _open(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            self._url + path, data, {"Content-Type": "application/json", **headers}, method=method
        )
        return urlopen(request, timeout=60)


@contextlib.contextmanager
def keystone(folder: Path) -> Iterator[Server]:
    """Run a Keystone with an admin and no other service than itself."""
    with _served(NEWEST, "keystone", folder) as server:
        yield server


@contextlib.contextmanager
def cinder_api(venv: Path, folder: Path, keystone: Server) -> Iterator[Server]:
    """Run the cinder-api of a release, which asks that Keystone."""
    with _served(venv, "cinder", folder, "--keystone", keystone.url) as server:
        yield server


def admin_variables(keystone: Server) -> dict[str, str]:
    """The environment in which OpenStack's clients are that Keystone's administrator."""
    return {
        "OS_AUTH_URL": keystone.url,
        "OS_USERNAME": "admin",
        "OS_PASSWORD": PASSWORD,
        "OS_PROJECT_NAME": "admin",
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
    }


def openstack(keystone: Server, *arguments: str) -> Any:
    """What the openstack client itself answers."""
    settings = {**admin_variables(keystone), "OS_IDENTITY_API_VERSION": "3"}
    done = subprocess.run(
        [str(NEWEST / "bin/openstack"), *arguments, "-f", "json"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextlib.contextmanager
def _served(venv: Path, service: str, folder: Path, *arguments: str) -> Iterator[Server]:
    shutil.copytree(venv / "prepared" / service, folder)
    program = [str(venv / "bin/python"), str(REPOSITORY / "tools/openstack_services.py")]
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [*program, "serve", service, str(folder), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
        )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, (folder / "output").read_text()
        yield Server(url, folder)
    finally:
        process.terminate()
        process.communicate(timeout=60)
