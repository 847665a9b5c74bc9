"""The commands behind ``make lab``, ``make lab-shell``, ``make lab-status`` and ``make lab-down``."""

from __future__ import annotations

import argparse
import os
import sys
import time

from .applying import FORMULA, RESOURCES
from .cluster import View
from .host import LabError
from .lab import Depth, Lab

_HINT = """\
The lab is up ({seconds:.0f} s). Try:
  make lab-shell NODE=infra      then: salt '*' state.apply {sls}
  make lab-shell NODE=ctl1       then: crm_mon
  make lab-status
  make lab-down
"""


def up(options: argparse.Namespace) -> None:
    """Make the lab."""
    began = time.monotonic()
    print("Making the lab; the first time takes some minutes, for its image.", flush=True)
    lab = Lab()
    lab.make()
    depth = Depth[options.depth.upper()]
    lab.reset(depth)
    sls = FORMULA if depth >= Depth.CINDER else RESOURCES
    print(_HINT.format(seconds=time.monotonic() - began, sls=sls), end="")


def images(_options: argparse.Namespace) -> None:
    """Make the images that machines boot from, which takes minutes, when they are not there."""
    Lab().make_images()


def down(_options: argparse.Namespace) -> None:
    """Remove the lab."""
    Lab().down()


def shell(options: argparse.Namespace) -> None:
    """Become a shell on a node."""
    command = Lab().node(options.node).command("bash", "--login")
    os.execvp(command[0], command)


def off(options: argparse.Namespace) -> None:
    """Pull the plug of a node."""
    Lab().node(options.node).power_off()


def on(options: argparse.Namespace) -> None:
    """Press the power button of a node."""
    Lab().node(options.node).power_on()


def status(_options: argparse.Namespace) -> None:
    """Show which machines are on, and the cluster as the first of them sees it."""
    lab = Lab()
    for machine in lab.machines:
        print(f"{machine.name:8}{'on' if machine.is_on else 'off'}")
    for controller in lab.controllers:
        if View(controller).report() is not None:
            print(controller.run("crm_mon", "--one-shot", "--inactive").stdout)
            return


def main() -> int:
    parser = argparse.ArgumentParser(prog="lab", description="A real cluster on this machine.")
    commands = parser.add_subparsers(required=True)
    for command in (up, images, down, shell, status, off, on):
        added = commands.add_parser(command.__name__, help=command.__doc__)
        added.set_defaults(carry_out=command)
        if command is up:
            depths = [depth.name.lower() for depth in Depth]
            added.add_argument("depth", nargs="?", choices=depths, default=Depth.SALT.name.lower())
        if command in (shell, off, on):
            added.add_argument("node")
    options = parser.parse_args()
    try:
        options.carry_out(options)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
