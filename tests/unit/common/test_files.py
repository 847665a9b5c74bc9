"""Whatever keeps the tools' files from being written is one sentence, and nothing of them stays."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from saltext_cinder_ha.common.errors import StorageError
from saltext_cinder_ha.common.files import private_folder, write_private


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_full_disk_is_one_sentence_and_nothing_stays(temporary: Path, number: int) -> None:
    with pytest.raises(StorageError, match=rf"no space for temporary files.*{os.strerror(number)}.*TMPDIR"):
        _write_until_it_is_full(number)
    assert list(temporary.iterdir()) == []


def _write_until_it_is_full(number: int) -> None:
    with private_folder() as folder:
        (folder / "half").write_text("<cib")
        # What write(2) says then; a file system of a few bytes would take root.
        raise OSError(number, os.strerror(number), str(folder / "half"))


def test_other_errors_are_those_of_whoever_works_there(temporary: Path) -> None:
    with pytest.raises(FileNotFoundError), private_folder() as folder:
        (folder / "missing").read_text()
    assert list(temporary.iterdir()) == []


def test_written_file_is_for_nobody_else_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "kept.json"
    for text in ("one", "two"):
        write_private(path, text)
        assert path.read_text() == text
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_file_whose_place_cannot_be_taken_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    (path / "by").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_private(path, "x")
    assert list(tmp_path.iterdir()) == [path]
