"""crmsh as a compiler: the supported statements of ``crm configure``, and how to run them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...common import process
from ...common.errors import DeclarationError
from ...common.files import private_folder
from ...common.secrets import without_secrets
from ..cib.document import Cib
from .script import Script, Tool
from .tokenizer import Statement

_RESOURCES = ("primitive", "group", "clone", "ms", "master")
_CONSTRAINTS = ("location", "colocation", "collocation", "order", "rsc_ticket")
_OPTIONS = ("property", "rsc_defaults", "op_defaults", "fencing_topology")
_NAMING = (*_RESOURCES, *_CONSTRAINTS, "tag")
_SUPPORTED = (*_NAMING, *_OPTIONS, "delete")
# These control crm's shell and do not concern the cluster.
_SHELL_CONTROL = ("commit", "end", "cd", "up", "quit", "bye", "exit", "verify")
_ACCESS = ("user", "role", "acl_target")
_UNCOVERED = ("bundle", "rsc_template", "node", *_ACCESS, "alert", "xml", "monitor")
_VERBS: Mapping[tuple[str, ...], str] = {
    ("node", "standby"): "standby",
    ("node", "online"): "unstandby",
    ("node", "maintenance"): "maintenance",
    ("node", "ready"): "maintenance",
    ("resource", "move"): "move",
    ("resource", "migrate"): "move",
    ("resource", "ban"): "move",
    ("resource", "clear"): "clear",
    ("resource", "unmove"): "clear",
    ("resource", "unmigrate"): "clear",
    ("resource", "unban"): "clear",
    ("resource", "start"): "enable",
    ("resource", "stop"): "disable",
    ("resource", "restart"): "restart",
    ("resource", "cleanup"): "cleanup",
    ("resource", "refresh"): "cleanup",
}
# crm also checks the whole configuration and every agent; the engine decides whether that matters.
_NOISE = re.compile(r"got no meta-data|no such resource agent|^\(\w+\)|^crm_verify: ")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"ERROR: (?:(?P<line>\d+): )?(?P<problem>.+)")
_MISSING = re.compile(r"(?P<owner>\S+) refers to missing object (?P<name>\S+)")
_CORRUPTED = re.compile("[^\x00-\x7f]|['\"\\\\<>&]")


def read_script(statements: tuple[Statement, ...]) -> Script:
    """Check the statements and collect the objects that they affect.

    :raises DeclarationError: a statement is not configuration, or cannot be declared
    """
    commands: list[Statement] = []
    absent: list[str] = []
    for statement in _without_program(statements):
        _check(statement)
        if statement.words[0] == "delete":
            absent += [word for word in statement.words[1:] if not word.startswith("--")]
        else:
            commands.append(statement)
    return Script(
        commands=tuple(commands),
        created=frozenset(s.words[1].rstrip(":") for s in commands if s.words[0] in (*_RESOURCES, "tag")),
        absent=tuple(dict.fromkeys(absent)),
        named=frozenset(s.words[1] for s in commands if s.words[0] in _CONSTRAINTS),
    )


def _without_program(statements: tuple[Statement, ...]) -> Iterator[Statement]:
    for statement in statements:
        words = list(statement.words)
        for leading in ("sudo", "crm", "configure"):
            if words[:1] == [leading]:
                del words[0]
        if words and words[0] not in _SHELL_CONTROL:
            yield statement.with_words([words[0].lower(), *words[1:]])


def _check(statement: Statement) -> None:
    words = statement.words
    verb = _VERBS.get(words[:2])
    if verb is not None:
        raise statement.fail(
            f"'crm {' '.join(words[:2])}' is not a configuration command; use pacemaker.{verb}"
        )
    if words[0] in _UNCOVERED:
        raise statement.fail(f"a {words[0]} statement cannot be declared, so it is not supported")
    if words[0] not in _SUPPORTED:
        raise statement.fail(
            f"{words[0]!r} is not a supported statement of crm configure; allowed: "
            f"{', '.join(sorted(_SUPPORTED))}"
        )
    if len(words) < 2:
        raise statement.fail(f"'{words[0]}' needs arguments")


def run_script(script: Script, cib_file: Path, timeout: float) -> None:
    """Load all statements into a CIB in a file.

    :raises DeclarationError: crm rejects a statement
    """
    if not script.commands:
        return
    _check_characters(script)
    with private_folder() as private:
        text = private / "text.crm"
        text.write_text("".join(f"{shlex.join(statement.words)}\n" for statement in script.commands))
        answer = process.run(
            ["crm", "-F", "configure", "load", "update", str(text)],
            settings={"CIB_file": str(cib_file), "CIB_shadow_dir": str(private)},
            timeout=timeout,
        )
    _check_answer(script, answer)
    made = Cib.parse(cib_file.read_bytes(), "the output of crm").by_id
    for statement in script.commands:
        if statement.words[0] in _NAMING and statement.words[1].rstrip(":") not in made:
            raise statement.fail("crm rejects this statement")


def _check_characters(script: Script) -> None:
    for statement in script.commands:
        for word in statement.words:
            if not word.isascii():
                raise statement.fail(
                    f"crm would corrupt the non-ASCII characters in {word!r}; use ASCII here"
                )


def _check_answer(script: Script, answer: process.Completed) -> None:
    """Raise crm's errors, which it may report with exit code 0; it numbers only non-empty lines."""
    output = _COLOR.sub("", answer.stderr + answer.stdout.decode(errors="replace"))
    found = filter(None, map(_ERROR.match, output.splitlines()))
    errors = [match for match in found if not _NOISE.search(match["problem"])]
    for match in errors:
        if match["line"]:
            place = script.commands[min(int(match["line"]), len(script.commands)) - 1]
            raise place.fail(f"crm reports: {match['problem']}")
    _check_references(script, [match["problem"] for match in errors])
    if errors:
        problems = "; ".join(match["problem"] for match in errors)
        raise DeclarationError("", without_secrets(f"crm reports: {problems}"))
    if answer.returncode != 0:
        raise DeclarationError("", f"crm rejects the text: exit code {answer.returncode}")


def _check_references(script: Script, problems: list[str]) -> None:
    """Raise one error for all missing objects that a statement refers to."""
    found = [match for match in map(_MISSING.fullmatch, problems) if match]
    for statement in script.commands:
        missing = [match["name"] for match in found if match["owner"] in statement.words[1:2]]
        if missing:
            raise statement.fail(
                f"{statement.words[1]!r} refers to objects that are neither in the text nor in the cluster: "
                f"{', '.join(dict.fromkeys(missing))}"
            )


def _is_corrupted(value: str) -> bool:
    """Return whether crm would corrupt the value, because it treats text as ASCII."""
    return _CORRUPTED.search(value) is not None


CRM = Tool("crm", False, read_script, run_script, keeps_ids=True, is_opaque=_is_corrupted)
