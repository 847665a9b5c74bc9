"""What is kept on a node says whether something has changed, and nothing of what it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltext_cinder_ha.deploy.fingerprints import Fingerprints, read_fingerprints, write_fingerprints

CONTENT = st.lists(st.text(), max_size=4)


@given(CONTENT, CONTENT)
def test_fingerprints_are_equal_exactly_when_the_contents_are(one: list[str], other: list[str]) -> None:
    prints = Fingerprints(b"key")
    assert (prints.of(one) == prints.of(other)) == (one == other)


def test_same_content_has_another_fingerprint_on_another_node() -> None:
    assert Fingerprints(b"one").of("hush") != Fingerprints(b"two").of("hush")


def test_what_is_written_is_read_and_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "running.json"
    prints = read_fingerprints(path).noting("api", "1").noting("volume", "2")
    write_fingerprints(path, prints)
    assert read_fingerprints(path) == prints
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": 5, "known": {}}', '{"key": "zz", "known": {}}'])
def test_file_that_was_damaged_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "running.json"
    path.write_text(text)
    assert read_fingerprints(path).known == {}


def test_key_is_never_shown() -> None:
    assert "secret" not in repr(Fingerprints(b"secret"))
