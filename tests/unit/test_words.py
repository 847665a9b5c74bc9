"""The words of the code and of the documentation are the field's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..conftest import REPOSITORY

_FOLDERS = ("bench", "docs", "src", "states", "tests", "tools")
_SUFFIXES = (".example", ".jinja", ".md", ".py", ".sls")

# Words that this project once had for itself, and what the field says.
_PRIVATE = {
    r"foret(?:ell\w*|old)|fores(?:ee\w*|aw|ight)": "predict",
    r"entrants?": "contender",
    r"whereabouts": "active nodes",
    r"rollcall": "status",
}
# Names that are stored in the CIB stay as they are.
_STORED = re.compile(r"saltext-entrant-|[\"'<`]entrant\b")


def _texts() -> list[Path]:
    found = [path for folder in _FOLDERS for path in (REPOSITORY / folder).rglob("*")]
    found += [path for path in REPOSITORY.iterdir() if path.is_file()]
    return sorted(p for p in found if p.suffix in _SUFFIXES and p != Path(__file__).resolve())


@pytest.mark.parametrize("word", _PRIVATE, ids=_PRIVATE.get)
def test_no_private_word_stands_where_the_field_has_one(word: str) -> None:
    wanted = re.compile(rf"(?<![a-z])(?:{word})(?![a-z])", re.IGNORECASE)
    left = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in _texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wanted.search(_STORED.sub("", line))
    ]
    assert left == []
