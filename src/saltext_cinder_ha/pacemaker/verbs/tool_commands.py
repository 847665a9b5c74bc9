"""Run pcs or crm to make edits on a copy of the CIB; the engine commits the result."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence

from ...common import process
from ...common.errors import DeclarationError, ToolFailedError, ToolMissingError
from ...common.files import private_folder
from ...common.secrets import without_secrets
from ..cib.document import Cib
from .edits import CRM, PCS, Edit

# crm passes names to a shell.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")


def choose_tool(wanted: str) -> str:
    """Return the tool that executes verbs on this machine.

    :param wanted: ``pcs``, ``crm``, or ``auto``: pcs if it is installed, else crm
    :raises ToolMissingError: the tool is not installed
    """
    for tool in (PCS, CRM) if wanted == "auto" else (wanted,):
        try:
            process.find_program(tool)
        except ToolMissingError:
            if wanted != "auto":
                raise
        else:
            return tool
    raise ToolMissingError("neither pcs nor crm is installed on this machine; install pcs or crmsh")


def edited(cib: Cib, edits: Iterable[Edit], tool: str, *, timeout: float) -> Cib:
    """Return a copy of a CIB that a tool has edited.

    :param cib: the CIB to edit; it is not changed
    :param tool: ``pcs`` or ``crm``
    :param timeout: seconds for all edits together
    :raises DeclarationError: a name contains a character that is unsafe in a shell
    :raises ToolFailedError: the tool rejects an edit
    """
    deadline = time.monotonic() + timeout
    with private_folder() as private:
        path = private / "cib.xml"
        path.touch(mode=0o600)
        path.write_bytes(cib.to_xml())
        for edit in edits:
            argv = edit.command(tool)
            on_copy = ["-f", str(path)] if argv[0] == PCS else []
            remaining = max(deadline - time.monotonic(), 0.001)
            run(argv, on_copy, settings={"CIB_file": str(path)}, timeout=remaining)
        return Cib.parse(path.read_bytes(), f"the copy that {tool} edited")


def run(
    argv: Sequence[str],
    options: Sequence[str] = (),
    *,
    settings: Mapping[str, str] | None = None,
    timeout: float,
) -> None:
    """Run one command of a tool.

    :param options: options of the tool itself, which precede its subcommand
    :param settings: environment variables in addition to the inherited ones
    :raises DeclarationError: a name contains a character that is unsafe in a shell
    :raises ToolFailedError: the tool failed
    """
    _check_words(argv)
    answer = process.run([argv[0], *options, *argv[1:]], settings=settings, timeout=timeout)
    if answer.returncode != 0:
        raise ToolFailedError(f"{' '.join(argv)} failed: {_reason(answer)}")


def _check_words(argv: Sequence[str]) -> None:
    for word in argv:
        if not all(map(_NAME.fullmatch, word.lstrip("-").split("="))):
            raise DeclarationError(
                "", f"{word!r} cannot be passed to {argv[0]} safely; use letters, digits and _ . : -"
            )


def _reason(answer: process.Completed) -> str:
    """Return the tool's own error message, which names objects and never shows the CIB."""
    lines = [re.sub(r"\x1b\[\d+m", "", line).strip() for line in answer.stderr.splitlines()]
    errors = [line for line in lines if "error" in line.lower()]
    return without_secrets(errors[0]) if errors else f"exit code {answer.returncode}"
