"""One operation on volumes or backups, waited for; prints what came of it as JSON.

Arguments: the operation, then its own. The account comes from the environment (``OS_*``).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import openstack
from openstack.exceptions import ResourceNotFound

_SECONDS = 180.0
_STILL = ("creating", "deleting", "backing-up", "restoring", "restoring-backup")


def _cloud() -> Any:
    return openstack.connect(cloud="envvars").block_storage


def _settled(read: Callable[[str], Any], ident: str) -> str:
    """Wait until an object is no longer in the making, and return its status (``gone``: there is none)."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            status = str(read(ident).status)
        except ResourceNotFound:
            return "gone"
        if status not in _STILL or time.monotonic() > deadline:
            return status
        time.sleep(0.5)


def create(name: str) -> dict[str, str]:
    cloud = _cloud()
    ident = cloud.create_volume(name=name, size=1).id
    return {"id": ident, "status": _settled(cloud.get_volume, ident)}


def delete(ident: str) -> dict[str, str]:
    cloud = _cloud()
    cloud.delete_volume(ident)
    return {"id": ident, "status": _settled(cloud.get_volume, ident)}


def backup(volume: str) -> dict[str, str]:
    cloud = _cloud()
    ident = cloud.create_backup(volume_id=volume, name=f"backup of {volume}").id
    return {"id": ident, "status": _settled(cloud.get_backup, ident)}


def restore(ident: str, name: str) -> dict[str, str]:
    cloud = _cloud()
    # The SDK's own function drops the answer, which names the new volume.
    answer = cloud.post(f"/backups/{ident}/restore", json={"restore": {"name": name}})
    answer.raise_for_status()
    volume = answer.json()["restore"]["volume_id"]
    _settled(cloud.get_backup, ident)
    return {"id": volume, "status": _settled(cloud.get_volume, volume)}


def services() -> list[dict[str, str]]:
    answer = _cloud().get("/os-services")
    answer.raise_for_status()
    return [{key: row[key] for key in ("binary", "host", "state")} for row in answer.json()["services"]]


_OPERATIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function for function in (create, delete, backup, restore, services)
}

if __name__ == "__main__":
    operation, *arguments = sys.argv[1:]
    print(json.dumps(_OPERATIONS[operation](*arguments)))
