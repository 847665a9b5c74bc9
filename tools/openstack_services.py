"""A real Keystone and a real cinder-api on this machine, each in one folder; for the tests and the demo.

Runs in .venv-openstack, which holds prepared folders: databases with all tables, and Keystone's keys and its
admin. `serve` works on a copy of one, on a free port of 127.0.0.1, prints its URL when it answers, and ends
when its stdin does.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ADMIN_PASSWORD = "ADMIN_PASS"
REGION = "RegionOne"
_BIN = Path(sys.executable).parent
_KEYSTONE_CONF = """
[DEFAULT]
log_dir = {folder}
[database]
connection = sqlite:///{folder}/keystone.sqlite
[identity]
password_hash_rounds = 4
[fernet_tokens]
key_repository = {folder}/keys
[fernet_receipts]
key_repository = {folder}/keys
[credential]
key_repository = {folder}/keys
# A fifth of the time; the catalog itself is always read anew.
[cache]
enabled = true
backend = oslo_cache.dict
[catalog]
caching = false
"""
_CINDER_CONF = """
[DEFAULT]
log_dir = {folder}
state_path = {folder}
transport_url = fake://
api_paste_config = {paste}
auth_strategy = keystone
[database]
connection = sqlite:///{folder}/cinder.sqlite
[oslo_concurrency]
lock_path = {folder}
[keystone_authtoken]
auth_type = password
auth_url = {keystone}
www_authenticate_uri = {keystone}
username = admin
password = {password}
project_name = admin
user_domain_name = Default
project_domain_name = Default
"""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Gate:
    """Writes down each request, and answers some in the place of the service.

    The file ``requests`` gets a line for each: method, path, status. The file ``faults`` may hold a JSON
    list of answers; each is given once, to the next request of its ``method``: ``status``, ``headers``,
    ``body``, ``seconds`` to wait before, and ``after`` when the service does its work first.
    """

    def __init__(self, application: Application, folder: Path):
        self._application = application
        self._faults = folder / "faults"
        self._log = (folder / "requests").open("a", buffering=1)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            self._log.write(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {status.split()[0]}\n")
            return start_response(status, headers, *rest)

        fault = self._fault_for(environ["REQUEST_METHOD"])
        if fault is None:
            return self._application(environ, start)
        if fault.get("after"):
            b"".join(self._application(environ, lambda *_: None))
        time.sleep(fault.get("seconds", 0))
        start(fault["status"], list(fault.get("headers", {}).items()))
        return [fault.get("body", "").encode()]

    def _fault_for(self, method: str) -> dict[str, Any] | None:
        if not self._faults.exists():
            return None
        faults = json.loads(self._faults.read_text())
        for fault in faults:
            if fault["method"] == method:
                faults.remove(fault)
                self._faults.write_text(json.dumps(faults))
                return dict(fault)
        return None


def prepare_keystone(folder: Path) -> None:
    """Make the database, the keys and the admin."""
    from cryptography.fernet import Fernet

    shutil.rmtree(folder, ignore_errors=True)
    (folder / "keys").mkdir(parents=True, mode=0o700)
    for name in ("0", "1"):
        (folder / "keys" / name).write_bytes(Fernet.generate_key())
    _write_keystone_conf(folder)
    _manage("keystone-manage", folder / "keystone.conf", "db_sync")
    bootstrap = ["bootstrap", "--bootstrap-password", ADMIN_PASSWORD, "--bootstrap-region-id", REGION]
    urls = [
        f"--bootstrap-{interface}-url=http://127.0.0.1/v3" for interface in ("public", "internal", "admin")
    ]
    _manage("keystone-manage", folder / "keystone.conf", *bootstrap, *urls)


def prepare_cinder(folder: Path) -> None:
    """Make the database."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_cinder_conf(folder, "http://127.0.0.1/v3")
    _manage("cinder-manage", folder / "cinder.conf", "db", "sync")


def serve_keystone(folder: Path) -> None:
    """Serve the Keystone of a prepared folder."""
    _write_keystone_conf(folder)
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = str(folder / "keystone.conf")
    sys.argv = ["keystone-api"]
    from keystone.wsgi.api import application

    def register(url: str) -> None:
        with sqlite3.connect(folder / "keystone.sqlite") as database:
            database.execute("update endpoint set url = ?", (url,))

    _serve(application, folder, register)


def serve_cinder(folder: Path, keystone: str) -> None:
    """Serve the cinder-api of a prepared folder."""
    _write_cinder_conf(folder, keystone)
    sys.argv = ["cinder-api", "--config-file", str(folder / "cinder.conf")]
    from cinder.wsgi.api import application

    _serve(application, folder, lambda _url: None)


def _serve(application: Application, folder: Path, before: Callable[[str], None]) -> None:
    import waitress

    server = waitress.create_server(Gate(application, folder), host="127.0.0.1", port=0, threads=8)
    url = f"http://127.0.0.1:{server.effective_port}/v3"
    before(url)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(url, flush=True)
    server.run()


def _end_with_parent() -> None:
    """End when the other side of stdin does, however it does."""
    sys.stdin.read()
    os._exit(0)


def _write_keystone_conf(folder: Path) -> None:
    (folder / "keystone.conf").write_text(_KEYSTONE_CONF.format(folder=folder))


def _write_cinder_conf(folder: Path, keystone: str) -> None:
    paste = _BIN.parent / "etc/cinder/api-paste.ini"
    conf = _CINDER_CONF.format(folder=folder, paste=paste, keystone=keystone, password=ADMIN_PASSWORD)
    (folder / "cinder.conf").write_text(conf)


def _manage(program: str, conf: Path, *arguments: str) -> None:
    subprocess.run([str(_BIN / program), "--config-file", str(conf), *arguments], check=True)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="A real Keystone and cinder-api for tests and the demo.")
    parser.add_argument("action", choices=("prepare", "serve"))
    parser.add_argument("service", choices=("keystone", "cinder"))
    parser.add_argument("folder", type=lambda text: Path(text).resolve())
    parser.add_argument("--keystone", help="URL of the Keystone that a cinder-api asks")
    given = parser.parse_args()
    if given.action == "prepare":
        {"keystone": prepare_keystone, "cinder": prepare_cinder}[given.service](given.folder)
    elif given.service == "keystone":
        serve_keystone(given.folder)
    else:
        serve_cinder(given.folder, given.keystone)


if __name__ == "__main__":
    main()
