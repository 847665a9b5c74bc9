"""The demo's Keystone: a real one, in the demo's folder, for as long as the demo runs."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from demo_sandbox import CHECKOUT, DemoError

_VENV = CHECKOUT / ".venv-openstack"
_LONGEST_END_SECONDS = 10


@contextlib.contextmanager
def keystone(folder: Path) -> Iterator[str]:
    """Run a Keystone with an admin whose password is the one of pillar.example; yield its URL.

    :param folder: a folder that is not there yet; all that Keystone writes is in it
    :raises DemoError: it did not start
    """
    prepared = _VENV / "prepared" / "keystone"
    if not prepared.is_dir():
        raise DemoError("there is no .venv-openstack with a Keystone yet; `make venv-openstack` makes it")
    shutil.copytree(prepared, folder)
    program = [str(_VENV / "bin/python"), str(CHECKOUT / "tools/openstack_services.py")]
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [*program, "serve", "keystone", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            # Ctrl-C ends the demo, which then ends Keystone.
            start_new_session=True,
        )
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise DemoError("Keystone did not start", (folder / "output").read_text())
        yield url
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_LONGEST_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
