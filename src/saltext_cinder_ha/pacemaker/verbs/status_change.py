"""Changes of the CIB's status, where no daemon makes them."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..cib.document import Cib
from ..cib.patch import status_difference
from ..errors import ContentionError
from ..store.live import Push, Store


def change_status(store: Store, change: Callable[[Cib], Cib], *, timeout: float) -> None:
    """Write the status that ``change`` makes of the CIB; again whenever somebody else was faster.

    :param timeout: seconds
    :raises ContentionError: others wrote faster each time
    """
    deadline = time.monotonic() + timeout
    while True:
        current = store.read()
        patch = status_difference(current, change(current))
        if not patch or store.push(patch.to_xml(current.version)) is Push.COMMITTED:
            return
        if time.monotonic() > deadline:
            raise ContentionError(f"{store.origin} was changed by others again and again for {timeout:g} s")
