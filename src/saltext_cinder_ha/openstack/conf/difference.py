"""How a cinder.conf differs from the one that should be there, without its secrets."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from .options.model import HIDDEN, without_secret

# An option, also one behind a comment sign: a password that was used once is a secret still.
_ASSIGNMENT = re.compile(r"(?P<start>[#\s]*(?P<name>[\w.-]+)\s*[=:]\s*)(?P<value>.*)")


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
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="")
    # The first two lines are names of files.
    return [line if line.startswith("@@") else line[0] + _masked(line[1:]) for line in list(lines)[2:]]


def _masked(line: str) -> str:
    found = _ASSIGNMENT.fullmatch(line)
    if found:
        return found["start"] + without_secret(found["name"], found["value"])
    # What goes on from the line before may be the rest of a secret.
    return f" {HIDDEN}" if line[:1].isspace() else line
