"""The commands of a text, and the effects that the tool itself must not see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .tokenizer import Statement

LONGEST_SCRIPT = 500
"""The maximum number of commands: pcs takes half a second for each."""

Parts = frozenset[str]
"""Keys of a declared resource, such as ``params`` or ``meta``."""


@dataclass(frozen=True)
class Script:
    """A checked text.

    :param commands: the commands for the tool, in order
    :param created: resources and tags that it creates, so that they must not exist before
    :param cloned: resources that it clones, so that they must not be cloned before
    :param grouped: pairs of a group and the member that it adds
    :param tagged: pairs of a tag and a resource that it adds
    :param untagged: pairs of a tag and a resource that it removes
    :param changed: resources that it changes, and the parts of them that it sets
    :param absent: objects that it removes
    :param named: ids that it gives to constraints
    :param notes: sentences about deprecated syntax
    """

    commands: tuple[Statement, ...]
    created: frozenset[str] = frozenset()
    cloned: frozenset[str] = frozenset()
    grouped: frozenset[tuple[str, str]] = frozenset()
    tagged: frozenset[tuple[str, str]] = frozenset()
    untagged: frozenset[tuple[str, str]] = frozenset()
    changed: Mapping[str, Parts] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tool:
    """pcs or crm as a compiler.

    :param program: its name
    :param from_shell: whether its text is written for a shell
    :param read: turns statements into a script
    :param run: runs a script on a CIB in a file; the timeout is in seconds, for each program
    :param keeps_ids: whether the text gives the ids of operations and constraints
    :param is_opaque: returns whether the tool would corrupt a value, so that it must not see it
    """

    program: str
    from_shell: bool
    read: Callable[[tuple[Statement, ...]], Script]
    run: Callable[[Script, Path, float], None]
    keeps_ids: bool
    is_opaque: Callable[[str], bool]
