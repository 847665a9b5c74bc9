"""Volumes and backups as a user of the cloud has them: through Keystone's catalog, so through the VIP."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .host import wait_until
from .nodes import Node
from .openstack import OPENRC

_SCRIPT = Path(__file__).parent / "scripts" / "block_storage.py"
ALL_UP = {"cinder-scheduler": 3, "cinder-volume": 1, "cinder-backup": 1}
_OPERATION_SECONDS = 240.0
_UP_SECONDS = 240.0


@dataclass(frozen=True)
class Outcome:
    """What came of an operation: the object's id, and its status, ``gone`` where there is none any more."""

    id: str
    status: str


class Volumes:
    """The Block Storage service as its client on ``infra`` sees it."""

    def __init__(self, infra: Node):
        self._infra = infra

    def create(self, name: str) -> Outcome:
        """Make a volume of 1 GiB, as soon as a scheduler knows of a backend that takes it."""

        def created() -> list[Outcome]:
            volume = Outcome(**self._do("create", name))
            if volume.status == "available":
                return [volume]
            self.delete(volume.id)
            return []

        return wait_until(created, f"volume {name!r} is available", within=_UP_SECONDS)[0]

    def delete(self, volume: str) -> Outcome:
        return Outcome(**self._do("delete", volume))

    def backup(self, volume: str) -> Outcome:
        return Outcome(**self._do("backup", volume))

    def restore(self, backup: str, name: str) -> Outcome:
        """Make a new volume of a backup."""
        return Outcome(**self._do("restore", backup, name))

    def services(self) -> dict[tuple[str, str], str]:
        """The state, ``up`` or ``down``, of each service by its binary and host."""
        return _states(self._do("services"))

    def wait_up(self, wanted: Mapping[str, int] = ALL_UP) -> None:
        """Wait until the API answers and says that of each binary so many services are up.

        Others may be down: cinder-backup has a row for every host that it ever was on.
        """

        def up() -> bool:
            done = self._run("services", check=False)
            states = _states(json.loads(done.stdout)) if done.returncode == 0 else {}
            found = Counter(binary for (binary, _), state in states.items() if state == "up")
            return found == Counter(wanted)

        wait_until(up, f"up: {dict(wanted)}", within=_UP_SECONDS)

    def _do(self, *arguments: str) -> Any:
        return json.loads(self._run(*arguments).stdout)

    def _run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        shell = f'. {OPENRC}; exec python3 - "$@"'
        return self._infra.run(
            *("sh", "-c", shell, "sh", *arguments),
            stdin=_SCRIPT.read_text(),
            check=check,
            timeout=_OPERATION_SECONDS,
        )


def _states(rows: list[dict[str, str]]) -> dict[tuple[str, str], str]:
    return {(row["binary"], row["host"]): row["state"] for row in rows}
