"""When Keystone fails: one sentence, another try where that helps, and a second run heals what is left."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.openstack.catalog import CatalogError
from saltext_cinder_ha.site import SiteError

from .pillars import VIP, Pillar, entries
from .services import PASSWORD, Rest, Server

BUSY = {"status": "429 Too Many Requests", "headers": {"Retry-After": "1"}}
BROKEN = {"status": "500 Internal Server Error"}
HTML = {"status": "200 OK", "headers": {"Content-Type": "text/html"}, "body": "<html>It works!</html>"}
HANG = {"status": "200 OK", "seconds": 4}
REDIRECT = {"status": "302 Found", "headers": {"Location": "http://user:pass@elsewhere/v3?a=b"}}


@pytest.fixture
def pillar(auth: dict[str, Any], tmp_path: Path) -> Pillar:
    return Pillar(auth, tmp_path / "cib.xml")


def sentence_of(pillar: Pillar) -> str:
    """What comes of applying a pillar that cannot be applied."""
    try:
        answer = pillar.apply()
    except (CatalogError, SiteError) as error:
        found = str(error)
    else:
        assert answer.result is False
        found = answer.comment
    assert len(found.splitlines()) == 1
    assert PASSWORD not in found
    return found


@pytest.mark.parametrize("fault", [BUSY, BROKEN, {"status": "503 Service Unavailable"}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_passing_failure_is_waited_for(
    pillar: Pillar, keystone: Server, admin: Rest, fault: dict[str, Any], method: str
) -> None:
    began = time.monotonic()
    keystone.fails_with({**fault, "method": method})
    assert pillar.apply().result is True
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3")
    assert fault is not BUSY or time.monotonic() - began >= 1, "Retry-After"


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_write_whose_answer_is_lost_is_not_done_twice(
    pillar: Pillar, keystone: Server, admin: Rest, method: str
) -> None:
    pillar.apply()
    admin.create("service", type="block-storage", name="cinder")
    pillar.vips["internal"]["ip"] = "10.0.0.99"
    pillar.services.append({"type": "volumev3"})
    keystone.fails_with({**BROKEN, "method": method, "after": True})
    assert pillar.apply().result is True
    template = "http://10.0.0.99:8776/v3/%(project_id)s"
    others = entries(template, kind="volumev3", name="cinderv3")
    assert admin.catalog() == [*entries("http://10.0.0.99:8776/v3"), *others]


def test_failure_that_lasts_ends_in_time_with_a_sentence_and_is_healed_by_the_next_run(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    pillar.timeout = 15
    keystone.fails_with(*[{**BROKEN, "method": "GET"}] * 60)
    began = time.monotonic()
    found = sentence_of(pillar)
    assert time.monotonic() - began < 60
    assert found.startswith(f"Keystone at {keystone.url}/services refuses GET (500)")
    keystone.fails_with()
    pillar.timeout = 60
    assert pillar.apply().result is True


def test_run_that_ends_in_the_middle_is_healed_by_the_next(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    pillar.apply()
    pillar.vips["internal"]["ip"] = "10.0.0.99"
    keystone.fails_with(
        {"method": "PATCH", "status": "400 Bad Request", "body": '{"error": {"message": "No"}}'}
    )
    assert "refuses PATCH (400): No" in sentence_of(pillar)
    assert pillar.apply().result is True
    assert admin.catalog() == entries("http://10.0.0.99:8776/v3")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (HTML, "answers with text/html instead of JSON"),
        (REDIRECT, "redirects to http://elsewhere/v3; if that is Keystone, say so in auth_url"),
        ({"status": "429 Too Many Requests", "headers": {"Retry-After": "900"}}, "(429)"),
        ({"status": "403 Forbidden"}, "does not let this user manage the catalog (403)"),
        (
            {"status": "200 OK", "body": '{"services": [], "truncated": true}'},
            "shows only some of its services",
        ),
    ],
)
def test_answer_that_no_waiting_helps_with_is_one_sentence_at_once(
    pillar: Pillar, keystone: Server, fault: dict[str, Any], sentence: str
) -> None:
    began = time.monotonic()
    keystone.fails_with({**fault, "method": "GET"})
    assert sentence in sentence_of(pillar)
    assert time.monotonic() - began < 20


def test_hang_is_ended(pillar: Pillar, keystone: Server) -> None:
    pillar.timeout = 3
    keystone.fails_with(*[{**HANG, "method": "POST"}] * 4)
    assert sentence_of(pillar).endswith("did not answer within 1 s")


@pytest.mark.parametrize(("key", "value"), [("password", "wrong"), ("project_name", "nowhere")])
def test_wrong_credentials_are_named_as_such(pillar: Pillar, key: str, value: str) -> None:
    pillar.auth[key] = value
    assert "does not accept the credentials" in sentence_of(pillar)


def test_keystone_that_is_down_is_said(pillar: Pillar) -> None:
    pillar.timeout = 3
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v3"
        pillar.auth["auth_url"] = url
        assert sentence_of(pillar) == f"Keystone at {url} cannot be reached (Connection refused)"


def test_url_that_keystone_refuses_is_said_in_its_own_words(pillar: Pillar) -> None:
    pillar.services[0]["url"] = "http://10.0.0.11:8776/v3/%zz"
    assert "refuses POST (400)" in sentence_of(pillar)


@pytest.mark.parametrize("key", ["username", "password", "project_name"])
def test_missing_credential_is_named_by_its_key(pillar: Pillar, key: str) -> None:
    del pillar.auth[key]
    assert sentence_of(pillar).startswith(f"cinder_ha.endpoints.auth.{key}: is missing")


def test_region_that_keystone_does_not_know_is_named(pillar: Pillar, keystone: Server) -> None:
    settings = {"OS_USERNAME": "admin", "OS_PASSWORD": PASSWORD, "OS_PROJECT_NAME": "admin"}
    domains = {"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default"}
    pillar.environ = {**settings, **domains, "OS_AUTH_URL": keystone.url, "OS_REGION_NAME": "Nowhere"}
    pillar.auth = {"auth_url": keystone.url}
    assert sentence_of(pillar).endswith("knows no region 'Nowhere'; it has RegionOne")


def test_certificate_of_an_own_authority_is_refused_until_it_is_named(
    pillar: Pillar, keystone: Server, tls: tuple[str, Path], tmp_path: Path
) -> None:
    url, certificate = tls
    pillar.auth["auth_url"] = url
    assert "cannot be trusted (self-signed certificate)" in sentence_of(pillar)
    pillar.auth["cacert"] = str(tmp_path / "missing.pem")
    assert sentence_of(pillar).startswith("cinder_ha.endpoints.auth.cacert: is ")
    pillar.auth["cacert"] = str(certificate)
    assert pillar.apply().result is True


def test_certificate_goes_unchecked_only_where_the_pillar_says_insecure(
    pillar: Pillar, tls: tuple[str, Path]
) -> None:
    pillar.auth.update(auth_url=tls[0], insecure=True)
    assert pillar.apply().result is True


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    name = ["-subj", "/CN=keystone", "-addext", "subjectAltName=IP:127.0.0.1"]
    target = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *name, *target],
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem"


@pytest.fixture
def tls(keystone: Server, certificate: Path) -> Iterator[tuple[str, Path]]:
    """The URL of the same Keystone behind TLS, and the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    port = int(keystone.url.split(":")[2].split("/")[0])
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_forward, args=(listener, context, port), daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/v3", certificate
    listener.close()


def _forward(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_connect, args=(plain, context, port), daemon=True).start()


def _connect(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    try:
        client = context.wrap_socket(plain, server_side=True)
    except (ssl.SSLError, OSError):
        plain.close()
        return
    server = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=_pump, args=(server, client), daemon=True).start()
    _pump(client, server)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while content := source.recv(65536):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
