"""pcs as a compiler: the supported commands, and how to run them (pcs(8))."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ...common import process
from ...common.files import private_folder
from ..cib.document import Cib
from ..programs.agent_metadata import read_metadata
from .script import Script, Tool
from .tagging import parse_tag_update
from .tokenizer import Statement

_FLAGS = ("--force", "--disabled", "--no-default-ops", "--autodelete", "--agent-validation")
_FLAGS_WITH_VALUE = ("--group", "--before", "--after", "--name")
_NEGATIVE_SCORE = re.compile(r"-(\d+|INFINITY)")
_TAG_UPDATE = ("tag", "update")
_REMOVALS = ("delete", "remove")
# The syntax of pcs 0.9, which the HA guide uses, and its replacement in pcs 0.10 and later.
_OLD_FLAGS = {"--clone": "clone", "--master": "promotable"}
_OLD_WORDS = {"master": "promotable"}
_NOT_INSTALLED = "is not installed or does not provide valid metadata"
_VERBS: Mapping[tuple[str, ...], str] = {
    ("resource", "move"): "move",
    ("resource", "move-with-constraint"): "move",
    ("resource", "ban"): "move",
    ("resource", "clear"): "clear",
    ("resource", "enable"): "enable",
    ("resource", "disable"): "disable",
    ("resource", "restart"): "restart",
    ("resource", "cleanup"): "cleanup",
    ("resource", "refresh"): "cleanup",
    ("stonith", "enable"): "enable",
    ("stonith", "disable"): "disable",
    ("stonith", "cleanup"): "cleanup",
    ("node", "standby"): "standby",
    ("node", "unstandby"): "unstandby",
    ("node", "maintenance"): "maintenance",
    ("status", "wait"): "wait",
}


@dataclass
class _Reading:
    """The state of reading a text."""

    commands: list[Statement] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    cloned: set[str] = field(default_factory=set)
    grouped: set[tuple[str, str]] = field(default_factory=set)
    tagged: set[tuple[str, str]] = field(default_factory=set)
    untagged: set[tuple[str, str]] = field(default_factory=set)
    changed: dict[str, frozenset[str]] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def note_deprecated(self, statement: Statement, old: str, new: str) -> None:
        self.notes.append(f"{statement.place}: {old} is deprecated; pcs 0.10 and later use {new}")

    def change(self, name: str, *parts: str) -> None:
        self.changed[name] = self.changed.get(name, frozenset()).union(parts)


def read_script(statements: tuple[Statement, ...]) -> Script:
    """Check the commands and collect the objects that they affect.

    :raises DeclarationError: a command is not configuration, or cannot be declared
    """
    reading = _Reading()
    for statement in statements:
        words = _without_wait(_without_program(statement.words))
        if words:
            _read(statement.with_words(words), reading)
    return Script(
        commands=tuple(reading.commands),
        created=frozenset(reading.created),
        cloned=frozenset(reading.cloned - reading.created),
        grouped=frozenset(reading.grouped),
        tagged=frozenset(reading.tagged),
        untagged=frozenset(reading.untagged),
        changed={name: parts for name, parts in reading.changed.items() if name not in reading.created},
        absent=tuple(dict.fromkeys(reading.absent)),
        named=frozenset(reading.named),
        notes=tuple(reading.notes),
    )


def _read(statement: Statement, reading: _Reading) -> None:
    words = statement.words
    for length in (3, 2):
        reader = _READERS.get(words[:length])
        if reader is not None:
            rest = words[length:]
            if not rest:
                raise statement.fail(f"'pcs {' '.join(words)}' names nothing to configure")
            _check_flags(statement)
            reader(statement, rest, reading)
            return
    shown = " ".join(word for word in words[:2] if "=" not in word)
    verb = _VERBS.get(words[:2])
    if verb is not None:
        raise statement.fail(f"'pcs {shown}' is not a configuration command; use pacemaker.{verb}")
    if words[:1] not in [known[:1] for known in _READERS]:
        raise statement.fail(
            f"{shown!r} is not a pcs configuration command; use those of resource, stonith, constraint, "
            "property and tag"
        )
    raise statement.fail(f"'pcs {shown}' cannot be declared, so it is not supported")


def _without_program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words[0] == "sudo":
        words = words[1:]
    return words[1:] if words[:1] == ("pcs",) else words


def _without_wait(words: tuple[str, ...]) -> tuple[str, ...]:
    # --wait needs a live cluster, and the state waits by itself.
    return tuple(word for word in words if not re.fullmatch(r"--wait(=\d+)?", word))


def _check_flags(statement: Statement) -> None:
    """Refuse options that could affect more than the scratch file, such as ``-f``."""
    for word in statement.words:
        if not word.startswith("-") or word in (*_FLAGS, *_FLAGS_WITH_VALUE, *_OLD_FLAGS):
            continue
        name, _, value = word.partition("=")
        if not _NEGATIVE_SCORE.fullmatch(word) and not (value and name in _FLAGS_WITH_VALUE):
            allowed = ", ".join((*_FLAGS, *_FLAGS_WITH_VALUE))
            raise statement.fail(f"the option {name} is not supported; allowed: {allowed}")


def _create(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    words = list(statement.words)
    for index, word in enumerate(words):
        new = _OLD_FLAGS.get(word)
        if new or (word == "master" and index > 3):
            words[index] = new or _OLD_WORDS[word]
            reading.note_deprecated(statement, word, words[index])
    if words[4:5] == ["params"]:
        del words[4]
        reading.note_deprecated(statement, "the word params before an agent's parameters", "none")
    reading.created.add(rest[0])
    for index, word in enumerate(words[:-1]):
        if word in ("--group", "group") and index > 3:
            reading.grouped.add((words[index + 1], rest[0]))
    reading.commands.append(statement.with_words(words))


def _update(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    parts = {"op": "operations", "meta": "meta"}
    reading.change(rest[0], "params", *(part for word, part in parts.items() if word in rest))
    reading.commands.append(statement)


def _changes(part: str) -> _Reader:
    def read(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
        reading.change(rest[0], part)
        reading.commands.append(statement)

    return read


def _operation(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    if rest[0] not in reading.created:
        # A second run would find nothing to add or to remove, and pcs would fail.
        raise statement.fail(
            f"the text does not create {rest[0]!r}; set its operation with 'pcs resource update {rest[0]} op "
            "...'"
        )
    reading.commands.append(statement)


def _clone(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    words = [_OLD_WORDS.get(word, word) for word in statement.words[:2]]
    if words[1] != statement.words[1]:
        reading.note_deprecated(statement, statement.words[1], words[1])
    reading.cloned.add(rest[0])
    reading.commands.append(statement.with_words([*words, *statement.words[2:]]))


def _group(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    for before, word in pairwise(rest):
        # The word after --before or --after is a member already.
        if not word.startswith("--") and before not in _FLAGS_WITH_VALUE:
            reading.grouped.add((rest[0], word))
    reading.commands.append(statement)


def _options(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    words = statement.words
    given = [word for word in rest if "=" in word]
    removed = [word for word in given if word.endswith("=")]
    if removed or rest[0] in (*_REMOVALS, "unset") or (rest[0] == "set" and rest[1:2] != ("create",)):
        raise statement.fail("removes options, which cannot be declared")
    if not given:
        raise statement.fail("sets no option; NAME=VALUE is missing")
    if "defaults" in words and "=" in rest[0]:
        words = (*words[: -len(rest)], "update", *rest)
        reading.note_deprecated(statement, "defaults NAME=VALUE", "defaults update NAME=VALUE")
    reading.commands.append(statement.with_words(words))


def _constraint(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    if rest[0] in (*_REMOVALS, "clear", "config", "show"):
        raise statement.fail(f"'{rest[0]}' of constraints is not supported; delete a constraint by its id")
    reading.named.update(word.removeprefix("id=") for word in rest if word.startswith("id="))
    if statement.words[:2] == ("constraint", "location") and rest[0] == "add":
        reading.named.update(rest[1:2])
    reading.commands.append(statement)


def _level(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    reading.commands.append(statement)


def _tag(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    reading.created.add(rest[0])
    reading.commands.append(statement)


def _tag_update(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    update = parse_tag_update(statement)
    reading.tagged.update((update.tag, name) for name in update.added)
    reading.untagged.update((update.tag, name) for name in update.removed)
    reading.commands.append(statement)


def _remove(statement: Statement, rest: tuple[str, ...], reading: _Reading) -> None:
    reading.absent += [word for word in rest if not word.startswith("--")]


_Reader = Callable[[Statement, tuple[str, ...], _Reading], None]
_READERS: Mapping[tuple[str, ...], _Reader] = {
    ("resource", "create"): _create,
    ("stonith", "create"): _create,
    ("resource", "update"): _update,
    ("stonith", "update"): _update,
    ("resource", "meta"): _changes("meta"),
    ("stonith", "meta"): _changes("meta"),
    ("resource", "utilization"): _changes("utilization"),
    ("resource", "op", "add"): _operation,
    ("resource", "op", "delete"): _operation,
    ("resource", "op", "remove"): _operation,
    ("resource", "op", "defaults"): _options,
    ("resource", "defaults"): _options,
    ("resource", "clone"): _clone,
    ("resource", "promotable"): _clone,
    ("resource", "master"): _clone,
    ("resource", "group", "add"): _group,
    ("stonith", "level", "add"): _level,
    ("tag", "create"): _tag,
    _TAG_UPDATE: _tag_update,
    ("property", "set"): _options,
    ("constraint", "order"): _constraint,
    ("constraint", "colocation"): _constraint,
    ("constraint", "location"): _constraint,
    ("constraint", "ticket"): _constraint,
    **{(kind, word): _remove for kind in ("resource", "stonith", "constraint", "tag") for word in _REMOVALS},
}


def run_script(script: Script, cib_file: Path, timeout: float) -> None:
    """Run the commands on a CIB in a file, one after the other.

    :raises DeclarationError: pcs rejects a command
    """
    for statement in script.commands:
        words = _words_to_run(statement, cib_file)
        if not words:
            continue
        # The engine decides whether an agent must be installed here.
        forced = (*words, "--force")
        answer = _run(cib_file, forced if _lacks_unit(statement) else words, timeout)
        if answer.returncode != 0 and _NOT_INSTALLED in answer.stderr:
            answer = _run(cib_file, forced, timeout)
        if answer.returncode != 0:
            raise statement.fail(f"pcs reports: {_error(answer)}")


def _words_to_run(statement: Statement, cib_file: Path) -> tuple[str, ...]:
    """Return the command without the parts that are in effect already, which pcs would reject."""
    if statement.words[:2] != _TAG_UPDATE:
        return statement.words
    missing = parse_tag_update(statement).missing_in(Cib.parse(cib_file.read_bytes(), "the scratch CIB"))
    return () if missing is None else missing.words


def _lacks_unit(statement: Statement) -> bool:
    """Return whether the agent is a systemd unit that is not installed; no program runs for this."""
    units = [word for word in statement.words[3:4] if word.startswith("systemd:")]
    return any(read_metadata(unit, timeout=process.DEFAULT_TIMEOUT) is None for unit in units)


def _run(cib_file: Path, words: tuple[str, ...], timeout: float) -> process.Completed:
    with private_folder() as private:
        settings = {"CIB_shadow_dir": str(private)}
        return process.run(["pcs", "-f", str(cib_file), *words], settings=settings, timeout=timeout)


def _error(answer: process.Completed) -> str:
    """Return pcs's error message without the usage text that follows it."""
    lines = [line.strip() for line in answer.stderr.splitlines()]
    errors = [line.removeprefix("Error: ").rstrip(":") for line in lines if line.startswith("Error: ")]
    specific = [error for error in errors if not error.startswith("Errors have occurred")]
    if specific:
        return "; ".join(specific)
    usage = [line for line in lines if line and not line.startswith("Usage:")]
    return f"the syntax is: {usage[0]}" if usage else f"exit code {answer.returncode}"


PCS = Tool("pcs", True, read_script, run_script, keeps_ids=False, is_opaque=lambda value: False)
