"""Sandboxes for tests: a CIB file, the engine on it, and the operators' own tools beside it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from saltext_cinder_ha.common import process
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.store.file import FileStore
from saltext_cinder_ha.pacemaker.transaction.commit import (
    AgentCheck,
    Outcome,
    Policy,
    Proposal,
    commit,
    propose,
)

NODES = ("ctl1", "ctl2", "ctl3")
TIMEOUT = 60.0
DOCUMENT = "doc"


class Sandbox:
    """A CIB file, with what the tests do to it in one word each."""

    def __init__(self, path: Path):
        self.path = path
        self.store = FileStore(path, NODES, TIMEOUT)

    def read(self) -> Cib:
        return self.store.read()

    def apply(
        self,
        declaration: dict[str, Any],
        document: str | None = DOCUMENT,
        *,
        settle: bool = False,
        snapshot: Cib | None = None,
        **policy: Any,
    ) -> Outcome:
        return commit(
            self.store,
            parse_declaration(declaration),
            _policy(settle=settle, **policy),
            document=document,
            writer="test",
            snapshot=snapshot,
        )

    def propose(
        self, declaration: dict[str, Any], document: str | None = DOCUMENT, **policy: Any
    ) -> Proposal:
        return propose(
            parse_declaration(declaration),
            self.read(),
            _policy(**policy),
            document=document,
            writer="test",
        )

    def tool(self, program: str, *arguments: str, stdin: str | None = None) -> str:
        """Run one of Pacemaker's tools or crm on the file; a failure fails the test."""
        return self._run([program, *arguments], stdin)

    def pcs(self, line: str) -> None:
        """Type one pcs command, without the ``pcs`` itself."""
        self._run(["pcs", "-f", str(self.path), *shlex.split(line)], None)

    def standby(self, node: str) -> None:
        """Put a node in standby; neither pcs nor crm does that on a file."""
        self.tool("crm_attribute", "--node", node, "--name", "standby", "--update", "on")

    def crm_configure(self, text: str) -> None:
        """Paste lines into ``crm configure``; what is not installed here is a warning only."""
        self._run(["crm", "-F", "configure", "load", "update", "-"], text)

    def _run(self, argv: list[str], stdin: str | None) -> str:
        done = process.run(
            argv,
            stdin=None if stdin is None else stdin.encode(),
            settings={"CIB_file": str(self.path)},
            timeout=TIMEOUT,
        )
        assert done.returncode == 0, f"{argv}: {done.stderr}{done.stdout.decode()}"
        return done.stdout.decode()


def new_sandbox(folder: Path, name: str = "cib.xml") -> Sandbox:
    """A fresh sandbox in a file of its own, with fencing off so that resources start."""
    sandbox = Sandbox(folder / name)
    sandbox.apply({"properties": {"stonith-enabled": False}}, document=None)
    return sandbox


def _policy(*, settle: bool = False, **more: Any) -> Policy:
    # What is installed on the machine that runs the tests is not what they are about.
    return Policy(settle=settle, timeout=TIMEOUT, agent_check=AgentCheck.SKIP, **more)
