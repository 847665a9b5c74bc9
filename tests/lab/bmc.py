"""A baseboard management controller for all nodes: what ``fence_redfish`` talks to when the cluster fences.

Redfish by HTTPS, as little of it as the stock agent asks for (DMTF DSP0266, ComputerSystem.Reset). It
really powers the machines off and on.

Run as ``python -m tests.lab.bmc`` in the switch's network namespace.
"""

from __future__ import annotations

import base64
import datetime
import json
import os
import re
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import network, nodes
from .host import LOGS, REPOSITORY, RUNTIME, run, wait_until, write

PORT = 8443
USER = "admin"
PASSWORD = "admin"
NAME = "bmc"

_SYSTEMS = "/redfish/v1/Systems"
_CERTIFICATE = RUNTIME / "bmc.pem"
# A machine boots in a second here, sooner than fencing is reported as done. Its Pacemaker would join, hear
# that it was fenced, and leave for good. Real ones take minutes.
_SELF_TEST_SECONDS = 15.0


def start() -> None:
    """Start the controller, detached, and wait until it listens."""
    write(_CERTIFICATE, _self_signed(), 0o600)
    namespace = network.namespace_file(network.SWITCH)
    run(
        [
            *("setsid", "--fork", "nsenter", f"--net={namespace}", f"--wd={REPOSITORY}"),
            *(sys.executable, "-m", __name__),
        ],
        log=LOGS / "bmc.log",
    )
    listening = ["nsenter", f"--net={namespace}", "ss", "-Hltn", f"sport = :{PORT}"]
    wait_until(lambda: run(listening).stdout, "the BMC listens", within=20)


class Switchboard:
    """The power of every node, as the controller sees it."""

    def __init__(self) -> None:
        self._booting: dict[str, threading.Timer] = {}
        self._lock = threading.Lock()

    def is_on(self, name: str) -> bool:
        with self._lock:
            return name in self._booting or nodes.Node(name).is_on

    def reset(self, name: str, kind: str) -> None:
        """Carry out a reset.

        :param kind: Redfish's ``ResetType``; ``On``, ``ForceOff``; anything else is both
        """
        with self._lock:
            if kind != "On":
                self._cancel(name)
                nodes.Node(name).power_off()
            if kind != "ForceOff" and name not in self._booting and not nodes.Node(name).is_on:
                timer = threading.Timer(_SELF_TEST_SECONDS, self._boot, [name])
                timer.daemon = True
                self._booting[name] = timer
                timer.start()

    def _cancel(self, name: str) -> None:
        timer = self._booting.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _boot(self, name: str) -> None:
        with self._lock:
            if self._booting.pop(name, None) is not None:
                nodes.Node(name).power_on()


class Redfish(BaseHTTPRequestHandler):
    """The few answers that ``fence_redfish`` needs."""

    switchboard = Switchboard()

    def do_GET(self) -> None:
        name = self._asked_for()
        if name is not None:
            target = {"target": f"{_SYSTEMS}/{name}/Actions/ComputerSystem.Reset"}
            power = "On" if self.switchboard.is_on(name) else "Off"
            self._answer(200, {"Id": name, "PowerState": power, "Actions": {"#ComputerSystem.Reset": target}})

    def do_POST(self) -> None:
        name = self._asked_for()
        if name is not None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.log_message("%s: %s", name, request["ResetType"])
            self.switchboard.reset(name, request["ResetType"])
            self._answer(200, {})

    def _asked_for(self) -> str | None:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != expected:
            self._answer(401, {})
            return None
        found = re.match(rf"{_SYSTEMS}/({'|'.join(network.CONTROLLERS)})(/|$)", self.path)
        if found is None:
            self._answer(404, {})
            return None
        return found[1]

    def _answer(self, code: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve() -> None:
    """Serve until the process is ended."""
    group = nodes.control_group(NAME)
    group.mkdir(parents=True, exist_ok=True)
    (group / "cgroup.procs").write_text(str(os.getpid()))
    server = ThreadingHTTPServer((network.BMC_ADDRESS, PORT), Redfish)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def _self_signed() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return (private + certificate.public_bytes(serialization.Encoding.PEM)).decode()


if __name__ == "__main__":
    serve()
