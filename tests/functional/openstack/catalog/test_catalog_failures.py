"""When Keystone fails: one sentence, another try where that helps, and a second run heals what is left."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from ..pillars import VIP, Pillar, entries, sentence_of
from ..services import Rest, Server

pytestmark = pytest.mark.one_salt

BUSY = {"status": "429 Too Many Requests", "headers": {"Retry-After": "1"}}
BROKEN = {"status": "500 Internal Server Error"}
HTML = {"status": "200 OK", "headers": {"Content-Type": "text/html"}, "body": "<html>It works!</html>"}
HANG = {"status": "200 OK", "seconds": 4}
REDIRECT = {"status": "302 Found", "headers": {"Location": "http://user:pass@elsewhere/v3?a=b"}}


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


def test_row_that_somebody_else_has_just_removed_is_no_failure_and_no_change(
    pillar: Pillar, keystone: Server, admin: Rest
) -> None:
    pillar.apply()
    admin.create("service", type="block-storage", name="cinder")
    keystone.fails_with({"status": "404 Not Found", "method": "DELETE", "after": True})
    answer = pillar.apply()
    assert (answer.result, answer.changes) == (True, {})
    assert "Another minion has just applied" in answer.comment


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
        (REDIRECT, "redirects to http://elsewhere/v3; if that is Keystone, set auth_url to it"),
        ({"status": "429 Too Many Requests", "headers": {"Retry-After": "900"}}, "(429)"),
        ({"status": "403 Forbidden"}, "does not let this user manage the catalog (403)"),
        (
            {"status": "200 OK", "body": '{"services": [], "truncated": true}'},
            "returns only some of its services",
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


@pytest.mark.parametrize("drips_after", ["", "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_answer_that_drips_is_ended(pillar: Pillar, drips_after: str) -> None:
    pillar.timeout = 3
    with dripping(drips_after.encode()) as pillar.auth["auth_url"]:
        began = time.monotonic()
        assert sentence_of(pillar).endswith("did not answer within 1 s")
        assert time.monotonic() - began < 20


def test_server_that_speaks_no_tls_is_said(pillar: Pillar) -> None:
    with dripping(b"HTTP/1.1 400 Bad Request\r\n") as url:
        pillar.auth["auth_url"] = url.replace("http", "https")
        assert "does not answer with valid TLS" in sentence_of(pillar)


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


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """The URL of a server that sends this, then a byte now and then; Keystone never does."""
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(start)
            while not over.wait(0.2):
                connection.sendall(b"H")

    def listen() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v3"
        over.set()
