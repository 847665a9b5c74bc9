"""The runs of Cinder's units, as each machine's systemd knows them."""

from __future__ import annotations

from collections.abc import Iterable

from .nodes import Node

UNITS = ("cinder-api", "cinder-scheduler", "cinder-volume", "cinder-backup")


def instances(machines: Iterable[Node]) -> dict[tuple[str, str], str]:
    """Return what systemd calls each run of a unit of Cinder, by machine and unit; only of those that run."""
    found = {}
    for machine in machines:
        for unit in UNITS:
            shown = _show(machine, unit, "ActiveState", "InvocationID")
            if shown["ActiveState"] == "active":
                found[machine.name, unit] = shown["InvocationID"]
    return found


def last_start(machine: Node, unit: str) -> int:
    """Return when a unit that runs was started, in microseconds of the clock that all machines share."""
    return int(_show(machine, unit, "ActiveEnterTimestampMonotonic")["ActiveEnterTimestampMonotonic"])


def _show(machine: Node, unit: str, *properties: str) -> dict[str, str]:
    lines = machine.run("systemctl", "show", f"--property={','.join(properties)}", unit).stdout.splitlines()
    shown = dict(line.split("=", 1) for line in lines)
    return {name: shown[name] for name in properties}
