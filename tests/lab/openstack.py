"""The cloud around Cinder, on ``infra``: database, message queue, Keystone; and the storage that all reach.

What takes long is done once, on a machine that then is turned off; what it has written is a layer of every
later ``infra``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import image, network
from .host import CACHE, run, wait_until, write
from .image import from_base
from .nodes import SHARE, Node
from .salt_site import example_pillar

UNITS = ("mariadb", "rabbitmq-server", "memcached", "keystone")
OPENRC = "/root/openrc"

_SAVED = CACHE / "saved"
_AUTH_URL = f"http://{network.internal_address(network.INFRA)}:5000/v3"
_KEYSTONE_PASSWORD = "keystone"
_ANSWER_SECONDS = 240.0
_EXPORTED = "/srv/cinder"
_BACKUPS = "/srv/backup"
# This kernel has no NFS: what `mount -t nfs` runs binds the folder instead that all machines share.
_MOUNT_NFS = """\
#!/bin/sh
exec /bin/mount --no-mtab --internal-only --bind "/srv/share${1#*:}" "$2"
"""
_MARIADB = """\
[mysqld]
bind-address = 0.0.0.0
skip-name-resolve
max_connections = 500
innodb_flush_log_at_trx_commit = 0
"""
_MEMCACHED = "-u memcache\n-m 64\n-p 11211\n-l 0.0.0.0\n"
_KEYSTONE = """\
[DEFAULT]
log_dir = /var/log/keystone
[database]
connection = mysql+pymysql://keystone:{password}@127.0.0.1/keystone
[token]
provider = fernet
[oslo_policy]
policy_dirs = /etc/keystone/policy.d
"""
_OPENRC = """\
export OS_AUTH_URL={auth_url} OS_USERNAME={username} OS_PASSWORD={password}
export OS_PROJECT_NAME={project_name} OS_USER_DOMAIN_NAME={user_domain_name}
export OS_PROJECT_DOMAIN_NAME={project_domain_name} OS_IDENTITY_API_VERSION=3
export OS_REGION_NAME={region} OS_INTERFACE=internal OS_ENDPOINT_TYPE=internal OS_VOLUME_API_VERSION=3
"""


def provision_storage(layer: Path) -> None:
    """Write into a layer of every machine how it reaches the shared storage."""
    write(layer / "usr/sbin/mount.nfs", _MOUNT_NFS, 0o755)
    (layer / "srv").mkdir(parents=True, exist_ok=True)
    backups = layer / _BACKUPS[1:]
    backups.unlink(missing_ok=True)
    backups.symlink_to(f"/srv/share{_BACKUPS}")


def empty_storage() -> None:
    """Remove every volume and backup."""
    for folder in (_EXPORTED, _BACKUPS):
        place = SHARE / folder[1:]
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        place.chmod(0o777)


def stored_volume(volume: str) -> Path:
    """Return the file that holds a volume's bytes."""
    return SHARE / _EXPORTED[1:] / f"volume-{volume}"


def provision_infra(machine: Node) -> None:
    """Write the configuration of the cloud's services; none of them is enabled."""
    root = machine.provision
    write(root / "etc/mysql/mariadb.conf.d/99-lab.cnf", _MARIADB)
    write(root / "etc/memcached.conf", _MEMCACHED)
    write(root / "etc/keystone/keystone.conf", _KEYSTONE.format(password=_KEYSTONE_PASSWORD))
    pillar = example_pillar()["cinder_ha"]
    account = pillar["endpoints"]["auth"] | {"region": pillar["endpoints"]["region"]}
    write(root / OPENRC[1:], _OPENRC.format(**account), 0o600)


def saved_layer() -> Path:
    """Return where the layer is kept that :func:`prepare` makes."""
    pillar = example_pillar()["cinder_ha"]
    inputs = (
        image.openstack_fingerprint(),
        Path(__file__).read_text(),
        [pillar[key] for key in ("database", "messaging", "identity", "endpoints")],
    )
    return _SAVED / hashlib.sha256(repr(inputs).encode()).hexdigest()[:16]


def save(machine: Node) -> None:
    """Keep what a machine, which is off, has written, in the place of what was kept before."""
    layer = saved_layer()
    shutil.rmtree(_SAVED, ignore_errors=True)
    _SAVED.mkdir(parents=True)
    machine.state.rename(layer)


def prepare(machine: Node) -> None:
    """Make databases, accounts and Keystone on ``infra``, which is on and new, and enable its services."""
    pillar = example_pillar()["cinder_ha"]
    machine.run("systemctl", "enable", "--now", *UNITS[:3], timeout=120)
    _make_databases(machine, pillar["database"])
    _make_queue(machine, pillar["messaging"])
    _make_keystone(machine, pillar["endpoints"])
    wait_ready()
    openstack(machine, "project", "create", pillar["identity"]["project_name"])
    user = pillar["identity"]
    openstack(machine, "user", "create", "--password", user["password"], user["username"])
    role = ("role", "add", "--project", user["project_name"], "--user", user["username"], "admin")
    openstack(machine, *role)


def wait_ready() -> None:
    """Wait until Keystone answers."""
    client = network.namespace_file(network.CLIENT)
    get = from_base(["curl", "--silent", "--fail", "--max-time", "2", _AUTH_URL], client)
    wait_until(
        lambda: run(get, check=False).returncode == 0,
        "Keystone answers",
        within=_ANSWER_SECONDS,
    )


def openstack(machine: Node, *arguments: str) -> str:
    """Run the ``openstack`` client as the administrator, and return what it prints."""
    script = f'. {OPENRC}; exec openstack "$@"'
    return machine.run("sh", "-c", script, "sh", *arguments).stdout


def cinder_endpoints(machine: Node) -> Counter[str]:
    """Return Cinder's rows in the catalog, by interface."""
    listed = json.loads(openstack(machine, "endpoint", "list", "--format=json"))
    return Counter(row["Interface"] for row in listed if row["Service Name"] == "cinder")


def _make_databases(machine: Node, cinder: Mapping[str, Any]) -> None:
    accounts = {
        "keystone": ("keystone", _KEYSTONE_PASSWORD),
        cinder["name"]: (cinder["user"], cinder["password"]),
    }
    for database, (user, password) in accounts.items():
        statements = (
            f"CREATE DATABASE {database}; CREATE USER {user}@'%' IDENTIFIED BY '{password}'; "
            f"GRANT ALL ON {database}.* TO {user}@'%';"
        )
        machine.run("mysql", stdin=statements)


def _make_queue(machine: Node, messaging: Mapping[str, Any]) -> None:
    machine.run("rabbitmqctl", "add_user", messaging["user"], messaging["password"])
    machine.run("rabbitmqctl", "set_permissions", messaging["user"], ".*", ".*", ".*")


def _make_keystone(machine: Node, endpoints: Mapping[str, Any]) -> None:
    as_keystone = ("setpriv", "--reuid=keystone", "--regid=keystone", "--init-groups", "keystone-manage")
    machine.run(*as_keystone, "db_sync", timeout=300)
    for kind in ("fernet_setup", "credential_setup"):
        machine.run("keystone-manage", kind, "--keystone-user=keystone", "--keystone-group=keystone")
    places = [f"--bootstrap-{interface}-url={_AUTH_URL}" for interface in ("admin", "internal", "public")]
    password = endpoints["auth"]["password"]
    region = f"--bootstrap-region-id={endpoints['region']}"
    machine.run(*as_keystone, "bootstrap", f"--bootstrap-password={password}", *places, region)
    machine.run("systemctl", "enable", "--now", "keystone")
