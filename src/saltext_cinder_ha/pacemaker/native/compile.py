"""Compile text for pcs or crm into a declaration: the tool itself runs it on a scratch CIB."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ...common import process
from ...common.errors import DeclarationError
from ...common.files import private_folder
from ..cib.document import Cib
from ..programs.agent_metadata import read_metadata
from .cache import Cache
from .crm import CRM
from .pcs import PCS
from .placeholders import Placeholders
from .result import declaration_from
from .scratch_cib import scratch_of
from .script import LONGEST_SCRIPT, Script, Tool
from .tokenizer import Statement, split_commands, texts_of

TOOLS = {"pcs": PCS, "crm": CRM}

# Increment when the same text compiles to another declaration.
_FORMAT = 1
_AGENT = re.compile(r"(ocf|systemd|lsb|service):\S+|fence_\S+")
_AGENT_FOLDERS = ("/usr/lib/ocf/resource.d", "/usr/sbin")
_PCS_COMMANDS = ("pcs", "resource", "stonith", "constraint")


@dataclass(frozen=True)
class Compiled:
    """The declaration that a text compiles to.

    :param declaration: the declaration, including the text's secrets
    :param remake: compiles the text again for another CIB, whose resources may differ
    :param notes: sentences about deprecated syntax in the text
    """

    declaration: dict[str, Any] = field(repr=False)
    remake: Callable[[Cib], dict[str, Any]] = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()


def compile_text(
    program: str, text: object, live: Cib, *, path: str, timeout: float, cache: Cache | None = None
) -> Compiled:
    """Compile native text into the declaration of what it configures.

    The tool never sees a secret, nor any live configuration except the resources that the text names.

    :param program: ``pcs`` or ``crm``
    :param text: one text, or a list of texts
    :param live: the configuration that the text refers to
    :param path: the argument's name, for errors
    :param timeout: seconds for each run of the tool
    :param cache: the cache for results; None: no cache
    :raises DeclarationError: the text is not configuration, its tool rejects it, or it cannot be declared
    :raises ToolMissingError: the tool is not installed
    """
    tool = TOOLS[program]
    statements = split_commands(text, path, shell=tool.from_shell)
    hidden = Placeholders("".join(word for statement in statements for word in statement.words))
    script = tool.read(tuple(hidden.in_statement(statement, tool.is_opaque) for statement in statements))
    _check_length(script, path)
    scratch = scratch_of(live, script, hidden)
    key = _key(tool, script, scratch)
    declaration = cache.read(key) if cache else None
    if declaration is None:
        declaration = _run(tool, script, scratch, timeout)
        if cache:
            cache.write(key, declaration)
    again = partial(compile_text, program, text, path=path, timeout=timeout, cache=cache)
    return Compiled(hidden.restore(declaration), lambda cib: again(cib).declaration, script.notes)


def program_of(text: object, path: str) -> str:
    """Return the tool that a text is for, judging by its first words.

    >>> program_of("pcs resource create a ocf:pacemaker:Dummy", "text"), program_of("group g a b", "text")
    ('pcs', 'crm')
    """
    lines = (line.split() for one in texts_of(text, path) for line in one.splitlines())
    words = next((words for words in lines if words and not words[0].startswith("#")), None)
    if words is None:
        raise _empty(path)
    while words[:1] in (["$"], ["sudo"]):
        del words[0]
    is_pcs = words[:1] != [] and words[0] in _PCS_COMMANDS
    return (
        "pcs" if is_pcs or words[:2] in (["property", "set"], ["tag", "create"], ["tag", "update"]) else "crm"
    )


def _check_length(script: Script, path: str) -> None:
    if not script.commands and not script.absent:
        raise _empty(path)
    if len(script.commands) > LONGEST_SCRIPT:
        raise DeclarationError(
            path, f"contains {len(script.commands)} commands, but at most {LONGEST_SCRIPT} are allowed"
        )


def _empty(path: str) -> DeclarationError:
    return DeclarationError(path, "contains no command; # starts a comment, so leave out a # prompt")


def _run(tool: Tool, script: Script, scratch: Cib, timeout: float) -> dict[str, Any]:
    with private_folder() as private:
        file = private / "cib.xml"
        file.write_bytes(scratch.to_xml())
        tool.run(script, file, timeout)
        after = Cib.parse(file.read_bytes(), f"the output of {tool.program}")
    return declaration_from(script, scratch, after, keeps_ids=tool.keeps_ids)


def _key(tool: Tool, script: Script, scratch: Cib) -> str:
    """Return a key for everything that affects the result; secrets are not part of it."""
    content = [
        _FORMAT,
        _identity(Path(process.find_program(tool.program))),
        [statement.words for statement in script.commands],
        script.absent,
        sorted(map(str, _agents(script.commands))),
        scratch.to_xml().decode(),
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _identity(file: Path) -> tuple[int, int] | None:
    """Return the size and time of a file, which identify its version without starting the program."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _agents(statements: tuple[Statement, ...]) -> Iterator[tuple[str, object]]:
    """Yield the agents in a text with their installed version, as default operations come from them."""
    for agent in sorted({word for s in statements for word in s.words if _AGENT.fullmatch(word)}):
        standard, _, name = agent.partition(":")
        if standard in ("systemd", "lsb", "service"):
            yield agent, read_metadata(agent, timeout=process.DEFAULT_TIMEOUT) is not None
        else:
            relative = name.replace(":", "/") if name else agent
            yield agent, [_identity(Path(folder, relative)) for folder in _AGENT_FOLDERS]
