"""The formula and the Salt modules reach every kind of installation."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_salt

NOT_SOURCE = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
FORMULA_PATH = """
import site, sys
site.addsitedir(sys.argv[1])
from saltext_cinder_ha.formula import formula_path
print(formula_path())
"""


@pytest.fixture(scope="module")
def source_tree(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree, as a build leaves its marks in the tree."""
    copy = tmp_path_factory.mktemp("source") / "tree"
    shutil.copytree(repository, copy, ignore=NOT_SOURCE)
    return copy


@pytest.fixture(scope="module")
def sdist(source_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("--sdist", source_tree, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(source_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("--wheel", source_tree, tmp_path_factory.mktemp("wheel"))


def build(kind: str, source: Path, target: Path) -> Path:
    python("-m", "build", "--no-isolation", kind, "--outdir", str(target), str(source))
    (built,) = target.iterdir()
    return built


def install(what: Path, target: Path, *options: str) -> None:
    pip = ("-m", "pip", "install", "--no-deps", "--no-index", "--no-build-isolation")
    python(*pip, "--target", str(target), *options, str(what))


def python(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd="/",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files_below(folder: Path, pattern: str = "*") -> set[str]:
    return {str(f.relative_to(folder)) for f in folder.rglob(pattern) if f.is_file()}


def formula_path_in(target: Path) -> Path:
    # -S: the package that this interpreter has itself must not answer for the tested one.
    return Path(python("-I", "-S", "-c", FORMULA_PATH, str(target)).strip())


def test_installed_wheel_finds_the_whole_formula(wheel: Path, repository: Path, tmp_path: Path) -> None:
    install(wheel, tmp_path)
    found = formula_path_in(tmp_path)
    assert found == tmp_path / "saltext_cinder_ha" / "formulas"
    assert files_below(found) == files_below(repository / "states")


def test_installed_sdist_finds_the_whole_formula(sdist: Path, repository: Path, tmp_path: Path) -> None:
    install(sdist, tmp_path)
    found = formula_path_in(tmp_path)
    assert found == tmp_path / "saltext_cinder_ha" / "formulas"
    assert files_below(found) == files_below(repository / "states")


def test_editable_installation_finds_the_formula_of_its_source_tree(
    source_tree: Path, tmp_path: Path
) -> None:
    install(source_tree, tmp_path, "--editable")
    assert formula_path_in(tmp_path) == source_tree / "states"


def test_wheel_names_the_package_to_salts_loader(wheel: Path, tmp_path: Path) -> None:
    install(wheel, tmp_path)
    (distribution,) = distributions(path=[str(tmp_path)])
    (entry,) = distribution.entry_points.select(group="salt.loader")
    assert entry.value == "saltext_cinder_ha"


def test_wheel_holds_every_python_file_of_the_package_and_no_test(wheel: Path, repository: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    assert held == files_below(repository / "src", "*.py")


def test_wheel_holds_the_tables_of_options_in_less_than_400_kilobytes(wheel: Path) -> None:
    tables = [entry for entry in zipfile.ZipFile(wheel).infolist() if entry.filename.endswith("s.json")]
    assert {Path(entry.filename).name for entry in tables} == {"options.json", "drivers.json"}
    assert sum(entry.compress_size for entry in tables) < 400_000


def test_sdist_holds_what_a_distributor_needs(sdist: Path, repository: Path) -> None:
    with tarfile.open(sdist) as archive:
        held = {member.name.partition("/")[2] for member in archive if member.isfile()}
    tests = {f"tests/{name}" for name in files_below(repository / "tests", "*.py")}
    formula = {f"states/{name}" for name in files_below(repository / "states")}
    expected = {"LICENSE", "README.md", "CHANGELOG.md", "pillar.example", *tests, *formula}
    assert expected - held == set()
