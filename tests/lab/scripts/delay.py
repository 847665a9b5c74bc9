"""Hold back every packet that is routed into a tun device, then send it where it should have gone.

Arguments: the device, the interface to send by, and for how many milliseconds. It stands in for tc's netem,
which not every kernel has.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import struct
import sys
import time
from collections import deque

_TUNSETIFF = 0x400454CA  # these three: linux/if_tun.h
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_LONGEST_PACKET = 65535


def open_device(name: str) -> int:
    """Attach to a tun device; what is read from it are the packets routed into it."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return device


def open_way_out(interface: str) -> socket.socket:
    """Open a socket for whole packets, bound to an interface so that the way into the device is not taken."""
    way_out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    way_out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    return way_out


def hold_back(device: int, way_out: socket.socket, seconds: float) -> None:
    """Forward for ever."""
    held: deque[tuple[float, bytes]] = deque()
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else None
        if select.select([device], [], [], wait)[0]:
            held.append((time.monotonic() + seconds, os.read(device, _LONGEST_PACKET)))
        while held and held[0][0] <= time.monotonic():
            packet = held.popleft()[1]
            way_out.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))


if __name__ == "__main__":
    tun, interface, milliseconds = sys.argv[1:]
    hold_back(open_device(tun), open_way_out(interface), int(milliseconds) / 1000)
