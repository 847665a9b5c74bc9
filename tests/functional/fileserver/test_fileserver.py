"""The fileserver backend serves the formula of the package, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import salt.fileserver
import salt.utils.gzip_util

from saltext_cinder_ha import formula

SLS = "from-package:\n  test.nop\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package whose formula has one SLS, one template and one big file."""
    folder = tmp_path / "site-packages" / "saltext_cinder_ha"
    files = folder / "formulas" / "cinder_ha" / "files"
    files.mkdir(parents=True)
    (files.parent / "init.sls").write_text(SLS)
    (files / "a.conf").write_text("one\n")
    (files / "big").write_bytes(bytes(range(256)) * 2000)
    monkeypatch.setattr(formula, "_PACKAGE", folder)
    return folder


@pytest.fixture
def minion_settings(package: Path, state_tree: Path) -> dict[str, Any]:
    return {
        "file_roots": {"base": [str(state_tree)], "other": [str(state_tree)]},
        "fileserver_backend": ["roots", "cinder_ha"],
    }


@pytest.fixture
def fileserver(minion_opts: dict[str, Any]) -> salt.fileserver.Fileserver:
    return salt.fileserver.Fileserver(minion_opts)


def load_of(path: str, **options: Any) -> dict[str, Any]:
    return {"path": path, "saltenv": "base", "loc": 0, **options}


def test_state_apply_takes_the_sls_out_of_the_package(modules: Any) -> None:
    (result,) = modules.state.apply("cinder_ha")
    assert result.id == "from-package"
    assert result.result is True


def test_file_of_roots_wins_over_the_same_file_of_the_package(modules: Any, state_tree: Path) -> None:
    (state_tree / "cinder_ha").mkdir()
    (state_tree / "cinder_ha" / "init.sls").write_text("mine:\n  test.nop\n")
    (result,) = modules.state.apply("cinder_ha")
    assert result.id == "mine"


def test_every_file_and_folder_is_listed(fileserver: salt.fileserver.Fileserver) -> None:
    files = fileserver.file_list({"saltenv": "base"})
    folders = fileserver.dir_list({"saltenv": "base"})
    assert files == ["cinder_ha/files/a.conf", "cinder_ha/files/big", "cinder_ha/init.sls"]
    assert folders == ["cinder_ha", "cinder_ha/files"]


def test_formula_is_in_no_other_environment(fileserver: salt.fileserver.Fileserver) -> None:
    assert fileserver.envs(back=["cinder_ha"]) == ["base"]
    assert fileserver.find_file("cinder_ha/init.sls", "other")["path"] == ""
    assert fileserver.file_list({"saltenv": "other"}) == []
    assert fileserver.dir_list({"saltenv": "other"}) == []


def test_links_of_roots_stay_listed(fileserver: salt.fileserver.Fileserver, state_tree: Path) -> None:
    (state_tree / "real.txt").write_text("x")
    (state_tree / "link.txt").symlink_to("real.txt")
    assert fileserver.symlink_list({"saltenv": "base"}) == {"link.txt": "real.txt"}


def test_big_file_arrives_whole_in_chunks(fileserver: salt.fileserver.Fileserver, package: Path) -> None:
    received = b""
    while chunk := fileserver.serve_file(load_of("cinder_ha/files/big", loc=len(received)))["data"]:
        received += chunk
    assert received == (package / "formulas/cinder_ha/files/big").read_bytes()


def test_compressed_chunk_is_the_same_content(fileserver: salt.fileserver.Fileserver) -> None:
    served = fileserver.serve_file(load_of("cinder_ha/init.sls", gzip=5))
    assert served["gzip"] == 5
    assert salt.utils.gzip_util.uncompress(served["data"]).decode() == SLS


def test_checksum_is_the_one_of_the_content(fileserver: salt.fileserver.Fileserver) -> None:
    answer = fileserver.file_hash(load_of("cinder_ha/init.sls"))
    assert answer == {"hash_type": "sha256", "hsum": hashlib.sha256(SLS.encode()).hexdigest()}


@pytest.mark.parametrize(
    "path",
    [
        "../__init__.py",
        "cinder_ha/../../secret",
        "/etc/passwd",
        "outside",
        "cinder_ha",
        "cinder_ha/missing.sls",
        "nul\0byte",
        "x" * 5000,
        "",
        ".",
    ],
)
def test_nothing_outside_of_the_formula_is_served(
    path: str, fileserver: salt.fileserver.Fileserver, package: Path
) -> None:
    (package / "secret").write_text("secret")
    (package / "formulas" / "outside").symlink_to(package / "secret")
    backend = fileserver.servers
    found = backend["cinder_ha.find_file"](path, "base")
    assert found == {"path": "", "rel": ""}
    forged = {"path": str(package / "secret"), "rel": path}
    assert backend["cinder_ha.serve_file"](load_of(path), forged) == {"data": "", "dest": ""}
    assert backend["cinder_ha.file_hash"](load_of(path), forged) == {}


def test_incomplete_installation_has_no_backend_and_says_why(
    minion_opts: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formula, "_PACKAGE", tmp_path / "empty" / "saltext_cinder_ha")
    servers = salt.fileserver.Fileserver(minion_opts).servers
    assert "cinder_ha.envs" not in servers
    assert "formula of saltext-cinder-ha is missing" in servers.missing_fun_string("cinder_ha.envs")
