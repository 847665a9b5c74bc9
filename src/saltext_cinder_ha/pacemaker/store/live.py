"""The CIB of a running cluster."""

from __future__ import annotations

from ...common import process
from ..cib.document import Cib
from ..programs import cibadmin, exit_codes
from ..programs.cibadmin import Push

_GRACE_SECONDS = 10
"""How much longer than its own timeout the program may take."""


class LiveStore:
    """The CIB of the cluster that this node belongs to."""

    is_sandbox = False
    origin = "the cluster"

    def __init__(self, timeout: float):
        self._timeout = timeout

    def read(self) -> Cib:
        return Cib.parse(cibadmin.query(timeout=self._timeout), self.origin)

    def push(self, patchset: bytes) -> Push:
        return cibadmin.patch(patchset, timeout=self._timeout)

    def settle(self, timeout: float) -> bool:
        answer = process.run(
            ["crm_resource", "--wait", f"--timeout={max(1, int(timeout))}"], timeout=timeout + _GRACE_SECONDS
        )
        if answer.returncode == exit_codes.DISCONNECT:
            raise cibadmin.failure(answer)
        return answer.returncode == exit_codes.OK
