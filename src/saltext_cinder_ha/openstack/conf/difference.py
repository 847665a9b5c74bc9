"""How a cinder.conf differs from the one that should be there, without its secrets."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from ...common import secrets
from ...common.secrets import HIDDEN
from . import secrecy

# An option, also one behind a comment sign: a password that was used once is a secret still.
_ASSIGNMENT = re.compile(
    r"(?P<start>(?P<sign>[#;][#;\s]*)?(?P<name>[\w.-]+)\s*[=:]\s*)(?P<value>.*)", re.DOTALL
)
_SECTION = re.compile(r"[#;\s]*\[[^\]]*\]\s*")
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def describe(path: Path, text: str) -> str:
    """Say what becomes of the file when ``text`` lands in it.

    :param path: the file; it need not be there
    :return: a sentence; where lines differ, they follow it, with their secrets masked
    """
    if not path.exists():
        return f"{path} is not there yet"
    found = path.read_text(encoding="utf-8", errors="replace")
    lines = masked_difference(found, text)
    if not lines:
        return f"{path} is as it should be"
    return "\n".join([f"{path} differs from what the pillar means:", *lines])


def masked_difference(old: str, new: str) -> list[str]:
    """Return the lines that differ, as ``diff -u`` shows them, with their secrets masked.

    >>> masked_difference("[a]\\npassword = x\\n", "[a]\\npassword = y\\nb = 1\\n")
    ['@@ -1,2 +1,3 @@', ' [a]', '-password = ********', '+password = ********', '+b = 1']
    """
    found = difflib.unified_diff(_lines(old), _lines(new), lineterm="")
    # The first two lines are names of files.
    return list(_masked(list(found)[2:], masked_lines(old), masked_lines(new)))


def masked_lines(text: str) -> list[str]:
    """Return the lines of a cinder.conf, good or broken, with their secrets masked, commented ones too.

    >>> masked_lines("password = x\\n  rest\\n# token: y\\ndebug = true")
    ['password = ********', '  ********', '# token: ********', 'debug = true']
    """
    found: list[str] = []
    lines = _lines(text)
    while len(found) < len(lines):
        at = len(found)
        assignment = _ASSIGNMENT.fullmatch(lines[at])
        if assignment is None:
            found.append(_masked_line(lines[at]))
        else:
            more = list(takewhile(_continuation(assignment), lines[at + 1 :]))
            found += _masked_assignment(assignment, more)
    return found


def _lines(text: str) -> list[str]:
    # They end where open() ends them, which is not everywhere where str.splitlines() does.
    return [line.removesuffix("\n") for line in io.StringIO(text, newline=None)]


def _masked(found: Iterable[str], old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    in_old = in_new = 0
    for line in found:
        hunk = _HUNK.match(line)
        if hunk:
            in_old, in_new = int(hunk[1]) - 1, int(hunk[2]) - 1
            yield line
            continue
        sign, shown = line[0], line[1:]
        if sign in " -":
            shown, in_old = old[in_old], in_old + 1
        if sign in " +":
            # The same line may go on from a secret in one file only.
            shown = new[in_new] if shown in (line[1:], new[in_new]) else HIDDEN
            in_new += 1
        yield sign + shown


def _masked_assignment(found: re.Match[str], more: Sequence[str]) -> list[str]:
    name, value = found["name"], found["value"]
    whole = "\n".join([value, *(line.strip("#; \t") for line in more)])
    if more and secrecy.shown(name, whole) != whole:
        return [found["start"] + HIDDEN, *map(_hidden, more)]
    return [found["start"] + secrecy.shown(name, value), *more]


def _masked_line(line: str) -> str:
    """A line that assigns nothing: what is no part of the language may be the rest of a secret."""
    if not line.strip() or _SECTION.fullmatch(line):
        return line
    return secrets.without_secrets(line) if line.startswith(("#", ";")) else _hidden(line)


def _hidden(line: str) -> str:
    rest = line.lstrip("#; \t")
    return line[: len(line) - len(rest)] + HIDDEN if rest else line


def _continuation(found: re.Match[str]) -> Callable[[str], bool]:
    """Return the test for a line that may go on from the assignment in the line before."""
    if not found["sign"]:
        return lambda line: line[:1] in (" ", "\t") and bool(line.strip())
    margin = len(found["sign"])

    def goes_on(line: str) -> bool:
        # Prose may do so, too.
        is_other = _ASSIGNMENT.fullmatch(line) or _SECTION.fullmatch(line)
        is_deeper = len(line) - len(line.lstrip("#; \t")) > margin
        return line.startswith(("#", ";")) and (is_deeper or not is_other)

    return goes_on
