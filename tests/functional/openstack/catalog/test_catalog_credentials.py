"""Where the credentials for Keystone's catalog come from, and whose certificate is believed."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..pillars import VIP, Pillar, entries, sentence_of
from ..services import Rest, Server, admin_variables

pytestmark = pytest.mark.one_salt


@pytest.fixture
def variables(keystone: Server) -> dict[str, str]:
    return admin_variables(keystone)


@pytest.fixture
def clouds(auth: dict[str, Any], tmp_path: Path) -> dict[str, str]:
    """The environment of a minion that has a clouds.yaml with the cloud ``east``."""
    domains = {"user_domain_name": "Default", "project_domain_name": "Default"}
    clouds = {"clouds": {"east": {"region_name": "RegionOne", "auth": {**auth, **domains}}}}
    (tmp_path / "clouds.yaml").write_text(yaml.safe_dump(clouds))
    return {"OS_CLIENT_CONFIG_FILE": str(tmp_path / "clouds.yaml")}


def test_cloud_of_clouds_yaml_has_the_credentials(
    pillar: Pillar, admin: Rest, clouds: dict[str, str], keystone: Server
) -> None:
    pillar.environ = clouds
    pillar.auth = {"cloud": "east", "auth_url": keystone.url}
    assert pillar.apply().result is True
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3")


def test_cloud_that_clouds_yaml_lacks_is_named(
    pillar: Pillar, clouds: dict[str, str], keystone: Server
) -> None:
    pillar.environ = clouds
    pillar.auth = {"cloud": "west", "auth_url": keystone.url}
    assert sentence_of(pillar) == "cinder_ha.endpoints.auth: Cloud west was not found"


def test_variables_of_the_environment_have_the_credentials(
    pillar: Pillar, admin: Rest, variables: dict[str, str], keystone: Server
) -> None:
    pillar.environ = variables
    pillar.auth = {"auth_url": keystone.url}
    assert pillar.apply().result is True
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3")


def test_variables_of_the_environment_do_not_mix_with_the_pillars_own(
    pillar: Pillar, variables: dict[str, str]
) -> None:
    pillar.environ = {**variables, "OS_PASSWORD": "wrong", "OS_REGION_NAME": "Nowhere"}
    assert pillar.apply().result is True


@pytest.mark.parametrize("elsewhere", [{"cloud": "east"}, {}])
def test_sandbox_asks_no_keystone_whose_address_is_not_in_the_pillar(
    pillar: Pillar, keystone: Server, clouds: dict[str, str], variables: dict[str, str], elsewhere: Any
) -> None:
    pillar.environ = {**clouds, **variables}
    pillar.auth = elsewhere
    # What Cinder itself asks may be another Keystone than the one of these credentials.
    pillar.rest = {"identity": {"auth_url": keystone.url}}
    assert "Keystone at an address that the pillar does not give" in pillar.apply().comment
    assert keystone.requests() == []


def test_region_that_keystone_does_not_know_is_named(
    pillar: Pillar, keystone: Server, variables: dict[str, str]
) -> None:
    pillar.environ = {**variables, "OS_REGION_NAME": "Nowhere"}
    pillar.auth = {"auth_url": keystone.url}
    assert sentence_of(pillar).endswith("has no region 'Nowhere'; it has RegionOne")


@pytest.mark.parametrize(("key", "value"), [("password", "wrong"), ("project_name", "nowhere")])
def test_wrong_credentials_are_named_as_such(pillar: Pillar, key: str, value: str) -> None:
    pillar.auth[key] = value
    assert "does not accept the credentials" in sentence_of(pillar)


@pytest.mark.parametrize("key", ["username", "password", "project_name"])
def test_missing_credential_is_named_by_its_key(pillar: Pillar, key: str) -> None:
    del pillar.auth[key]
    assert sentence_of(pillar).startswith(f"cinder_ha.endpoints.auth.{key}: is missing")


def test_certificate_of_an_own_authority_is_refused_until_the_authority_is_named(
    pillar: Pillar, behind_tls: Callable[[str], str], certificates: Path
) -> None:
    pillar.auth["auth_url"] = behind_tls("keystone")
    assert sentence_of(pillar).endswith(
        "cannot be trusted (unable to get local issuer certificate); set cacert to the certificate of "
        "its authority"
    )
    pillar.auth["cacert"] = str(certificates / "authority.pem")
    assert pillar.apply().result is True


def test_self_signed_certificate_is_refused_until_it_is_named(
    pillar: Pillar, behind_tls: Callable[[str], str], certificates: Path
) -> None:
    pillar.auth["auth_url"] = behind_tls("self-signed")
    assert "cannot be trusted (self-signed certificate)" in sentence_of(pillar)
    pillar.auth["cacert"] = str(certificates / "self-signed.pem")
    assert pillar.apply().result is True


def test_certificate_of_another_host_is_refused_although_its_authority_is_trusted(
    pillar: Pillar, behind_tls: Callable[[str], str], certificates: Path
) -> None:
    pillar.auth.update(auth_url=behind_tls("elsewhere"), cacert=str(certificates / "authority.pem"))
    assert "cannot be trusted (IP address mismatch" in sentence_of(pillar)


def test_authority_that_is_no_file_is_named_by_its_key(pillar: Pillar, tmp_path: Path) -> None:
    pillar.auth["cacert"] = str(tmp_path / "missing.pem")
    assert sentence_of(pillar).startswith("cinder_ha.endpoints.auth.cacert: is ")


def test_certificate_goes_unchecked_only_where_the_pillar_says_insecure(
    pillar: Pillar, behind_tls: Callable[[str], str]
) -> None:
    pillar.auth.update(auth_url=behind_tls("self-signed"), insecure=True)
    assert pillar.apply().result is True


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates by name, each with its key: an authority, two that it signed, one that signed itself."""
    folder = tmp_path_factory.mktemp("tls")
    authority = ["-CA", str(folder / "authority.pem"), "-CAkey", str(folder / "authority.key")]
    _make_certificate(folder / "authority.pem")
    _make_certificate(folder / "keystone.pem", *authority, "-addext", "subjectAltName=IP:127.0.0.1")
    _make_certificate(folder / "elsewhere.pem", *authority, "-addext", "subjectAltName=IP:127.0.0.2")
    _make_certificate(folder / "self-signed.pem", "-addext", "subjectAltName=IP:127.0.0.1")
    return folder


def _make_certificate(path: Path, *options: str) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    target = ["-keyout", str(path.with_suffix(".key")), "-out", str(path)]
    name = ["-subj", f"/CN={path.stem}", "-days", "1"]
    subprocess.run(
        ["openssl", "req", "-x509", *key, *name, *options, *target], check=True, capture_output=True
    )


@pytest.fixture
def behind_tls(keystone: Server, certificates: Path) -> Iterator[Callable[[str], str]]:
    """The URL of the same Keystone behind TLS, with the certificate of this name."""
    port = int(keystone.url.split(":")[2].split("/")[0])
    listeners = []

    def listen(name: str) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / f"{name}.pem", certificates / f"{name}.key")
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(target=_forward, args=(listener, context, port), daemon=True).start()
        return f"https://127.0.0.1:{listener.getsockname()[1]}/v3"

    yield listen
    for listener in listeners:
        listener.close()


def _forward(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=_connect, args=(plain, context, port), daemon=True).start()


def _connect(plain: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with plain, suppress(OSError):
        client = context.wrap_socket(plain, server_side=True)
        server = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=_pump, args=(server, client), daemon=True).start()
        _pump(client, server)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with source, suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
        target.shutdown(socket.SHUT_WR)
