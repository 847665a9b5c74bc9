"""Show how a cinder.conf differs from the desired one, with its secrets masked."""

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

# An option, also if commented out: a former password is still a secret.
_ASSIGNMENT = re.compile(
    r"(?P<start>(?P<sign>[#;][#;\s]*)?(?P<name>[\w.-]+)\s*[=:]\s*)(?P<value>.*)", re.DOTALL
)
_SECTION = re.compile(r"[#;\s]*\[[^\]]*\]\s*")
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def describe(path: Path, text: str) -> str:
    """Describe how ``text`` would change the file.

    :param path: the file, which may not exist
    :return: a sentence, followed by the lines that differ, with their secrets masked
    """
    if not path.exists():
        return f"{path} does not exist yet"
    found = path.read_text(encoding="utf-8", errors="replace")
    lines = masked_difference(found, text)
    if not lines:
        return f"{path} is as the pillar describes it"
    return "\n".join([f"{path} differs from what the pillar describes:", *lines])


def masked_difference(old: str, new: str) -> list[str]:
    """Return the lines that differ, as ``diff -u`` shows them, with their secrets masked.

    >>> masked_difference("[a]\\npassword = x\\n", "[a]\\npassword = y\\nb = 1\\n")
    ['@@ -1,2 +1,3 @@', ' [a]', '-password = ********', '+password = ********', '+b = 1']
    """
    found = difflib.unified_diff(_lines(old), _lines(new), lineterm="")
    # The first two lines name the files.
    return list(_masked(list(found)[2:], masked_lines(old), masked_lines(new)))


def masked_lines(text: str) -> list[str]:
    """Return the lines of a valid or invalid cinder.conf with their secrets masked, also in comments.

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
    # Lines end as for open(); str.splitlines() splits at more characters.
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
            # The same line may continue a secret in one of the files only.
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
    """Mask a line that is not an assignment: a line without valid syntax may be the rest of a secret."""
    if not line.strip() or _SECTION.fullmatch(line):
        return line
    return secrets.without_secrets(line) if line.startswith(("#", ";")) else _hidden(line)


def _hidden(line: str) -> str:
    rest = line.lstrip("#; \t")
    return line[: len(line) - len(rest)] + HIDDEN if rest else line


def _continuation(found: re.Match[str]) -> Callable[[str], bool]:
    """Return the test for a line that may continue the assignment of the previous line."""
    if not found["sign"]:
        return lambda line: line[:1] in (" ", "\t") and bool(line.strip())
    margin = len(found["sign"])

    def goes_on(line: str) -> bool:
        # Prose may be a continuation too.
        is_other = _ASSIGNMENT.fullmatch(line) or _SECTION.fullmatch(line)
        is_deeper = len(line) - len(line.lstrip("#; \t")) > margin
        return line.startswith(("#", ";")) and (is_deeper or not is_other)

    return goes_on
