"""A busy cluster, whose status changes all the time, does not wear a transaction out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.errors import ContentionError
from saltext_cinder_ha.pacemaker.programs.cibadmin import Push
from saltext_cinder_ha.pacemaker.store.file import FileStore
from saltext_cinder_ha.pacemaker.transaction.commit import AgentCheck, Policy, commit
from tests.sandboxes import NODES, TIMEOUT, new_sandbox

pytestmark = pytest.mark.one_salt

OURS = {"properties": {"batch-limit": 7}}
SOON = 1.0
GRACE = 5.0


class BusyStore(FileStore):
    """A sandbox in which a monitor reports while we plan, and others write now and then.

    ``others`` counts the writes of the configuration that get in before ours; every one of them makes us
    plan again. Right after the read with which that begins, and at no other time, a report moves
    ``num_updates``.
    """

    is_sandbox = False

    def __init__(self, path: Path, others: int):
        super().__init__(path, NODES, TIMEOUT)
        self.others = others
        self._planning = True

    def read(self) -> Cib:
        cib = super().read()
        if self._planning:
            self._planning = False
            self._write(num_updates=cib.version.num_updates + 1)
        return cib

    def push(self, patchset: bytes) -> Push:
        if self.others > 0:
            self.others -= 1
            self._planning = True
            self._write(epoch=super().read().version.epoch + 1)
        return super().push(patchset)

    def _write(self, **version: int) -> None:
        cib = super().read()
        for field, value in version.items():
            cib.root.set(field, str(value))
        self._path.write_bytes(cib.to_xml())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return new_sandbox(tmp_path).path


def test_a_report_that_comes_while_planning_again_costs_no_further_attempt(path: Path) -> None:
    store = BusyStore(path, others=1)
    policy = Policy(settle=False, agent_check=AgentCheck.SKIP)
    outcome = commit(store, parse_declaration(OURS), policy, document="doc", snapshot=store.read())
    assert outcome.written
    # One beaten by the other writer, and the one that lands.
    assert outcome.attempts == 2


def test_writers_that_are_always_faster_are_given_up_on_when_the_time_is_over(path: Path) -> None:
    store = BusyStore(path, others=10**6)
    policy = Policy(settle=False, agent_check=AgentCheck.SKIP, timeout=SOON)
    began = time.monotonic()
    with pytest.raises(ContentionError, match="other processes kept changing"):
        commit(store, parse_declaration(OURS), policy, document="doc")
    assert SOON < time.monotonic() - began < SOON + GRACE
    assert "batch-limit" not in path.read_text()
