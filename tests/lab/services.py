"""What stands in for Cinder where its packages are not installed: units of the same names.

They are real units that run for ever; the API's answers at its port.
"""

from __future__ import annotations

from pathlib import Path

from .host import write

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


def provision_stand_ins(layer: Path) -> None:
    """Write the stand-ins into a layer."""
    for name, command in _COMMANDS.items():
        unit = _UNIT.format(name=name, command=command)
        write(layer / f"etc/systemd/system/{name}.service", unit)
