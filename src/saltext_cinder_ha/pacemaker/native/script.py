"""What a text asks of its tool, and what it says about the cluster that the tool should not see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .tokenizer import Statement

LONGEST_SCRIPT = 500
"""Commands: pcs takes half a second for each."""

Parts = frozenset[str]
"""Keys of a declared resource, such as ``params`` or ``meta``."""


@dataclass(frozen=True)
class Script:
    """A checked text.

    :param commands: what the tool carries out, in order
    :param created: resources and tags that it makes, which therefore are not there before
    :param cloned: resources that it puts into a clone, which therefore are in none before
    :param grouped: pairs of a group and the member that it adds
    :param tagged: pairs of a tag and a resource that it adds
    :param untagged: pairs of a tag and a resource that it takes out
    :param changed: resources that it changes, and the parts of them that it sets
    :param absent: objects that it removes
    :param named: ids that it gives to constraints
    :param notes: sentences about old spellings
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
    """One of the operators' tools as a compiler.

    :param program: its name
    :param from_shell: whether its text is written for a shell
    :param read: turn statements into a script
    :param run: carry a script out on a CIB in a file, within seconds per program
    :param keeps_ids: whether the ids of operations and constraints are the text's own
    :param is_opaque: whether the tool would spoil a value, so that it should not see it
    """

    program: str
    from_shell: bool
    read: Callable[[tuple[Statement, ...]], Script]
    run: Callable[[Script, Path, float], None]
    keeps_ids: bool
    is_opaque: Callable[[str], bool]
