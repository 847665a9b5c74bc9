"""What the bench supplies in the place of parts that the formula does not have yet. Each of them is to go.

Without Cinder's packages, its units are stand-ins: real units of the same names, that run for ever and answer
at the API's port. With them, ``cinder.conf``, Cinder's tables and its entry in the catalog are made here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .host import write
from .nodes import Node

API_PORT = 8776
_COMMANDS = {
    "cinder-api": f"/usr/bin/python3 -m http.server --directory /srv {API_PORT}",
    "cinder-scheduler": "/usr/bin/sleep infinity",
    "cinder-volume": "/usr/bin/sleep infinity",
    "cinder-backup": "/usr/bin/sleep infinity",
}
_UNIT = """\
[Unit]
Description=Stand-in for {name}
[Service]
ExecStart={command}
"""
# The group has this number on every Debian.
_CINDER_GROUP = 64061
_CINDER_CONF = """\
[DEFAULT]
transport_url = rabbit://{messaging[user]}:{messaging[password]}@{messaging[hosts][0]}/
auth_strategy = keystone
enabled_backends = nfs1
log_dir = /var/log/cinder
state_path = /var/lib/cinder
api_paste_config = /etc/cinder/api-paste.ini
rootwrap_config = /etc/cinder/rootwrap.conf
backup_driver = cinder.backup.drivers.posix.PosixBackupDriver
{backup_options}
{defaults}
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = nfs1
backend_host = {volume_host}
nfs_shares_config = /etc/cinder/nfs_exports
{nfs_options}
[database]
connection = {database[driver]}://{database[user]}:{database[password]}@{database[host]}/{database[name]}
[keystone_authtoken]
www_authenticate_uri = {identity[www_authenticate_uri]}
auth_url = {identity[auth_url]}
memcached_servers = {memcached}
auth_type = password
username = {identity[username]}
password = {identity[password]}
project_name = {identity[project]}
user_domain_name = {identity[user_domain_name]}
project_domain_name = {identity[project_domain_name]}
[oslo_messaging_rabbit]
rabbit_quorum_queue = true
[oslo_concurrency]
lock_path = /var/lock/cinder
[oslo_policy]
policy_dirs = /etc/cinder/policy.d
"""


def provision_stand_ins(layer: Path) -> None:
    """Write the stand-ins into a layer."""
    for name, command in _COMMANDS.items():
        unit = _UNIT.format(name=name, command=command)
        write(layer / f"etc/systemd/system/{name}.service", unit)


def provision_cinder(layer: Path, pillar: Mapping[str, Any]) -> None:
    """Write ``cinder.conf`` and the list of shares into a layer."""
    backend = pillar["backends"]["nfs1"]
    filled = _CINDER_CONF.format(
        **pillar,
        memcached=",".join(pillar["identity"]["memcached_servers"]),
        defaults=_options(pillar["config"]["DEFAULT"]),
        nfs_options=_options(backend["options"]),
        backup_options=_options(pillar["backup"]["options"]),
    )
    files = {"cinder.conf": filled, "nfs_exports": "\n".join(backend["shares"]) + "\n"}
    for name, text in files.items():
        path = layer / "etc/cinder" / name
        write(path, text, 0o640)
        os.chown(path, 0, _CINDER_GROUP)


def prepare(machine: Node, pillar: Mapping[str, Any], openstack: Callable[..., str]) -> None:
    """Make Cinder's tables and its entry in the catalog, on ``infra`` with its services up.

    :param openstack: runs the client of this name there
    """
    machine.run("cinder-manage", "db", "sync", timeout=300)
    (service,) = pillar["endpoints"]["services"]
    region = pillar["endpoints"]["region"]
    openstack(machine, "service", "create", "--name", service["name"], service["type"])
    for interface, url in (("public", service["public"]), ("internal", service["url"])):
        openstack(machine, "endpoint", "create", "--region", region, service["type"], interface, url)


def _options(options: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {value}" for name, value in options.items())
