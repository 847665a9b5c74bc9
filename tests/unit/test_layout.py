"""The layout of the source tree: sizes, what each package says about itself, long lists of parameters."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import saltext_cinder_ha

_PACKAGE = Path(saltext_cinder_ha.__file__).parent
_MODULES = sorted(_PACKAGE.rglob("*.py"))
_FOLDERS = sorted({module.parent for module in _MODULES})

_MOST_LINES_OF_A_MODULE = 420
_MOST_LINES_OF_A_FOLDER = 2000
_MOST_MODULES_OF_A_FOLDER = 12
_MOST_LOOSE_MODULES_OF_THE_ENGINE = 8
_MOST_PARAMETERS = 6

# Their functions' parameters are what users may write.
_LOADED_BY_SALT = ("modules", "states")


def _name(path: Path) -> str:
    return str(path.relative_to(_PACKAGE.parent))


def _lines(module: Path) -> list[str]:
    return module.read_text(encoding="utf-8").splitlines()


def _modules_of(folder: Path) -> list[Path]:
    return [module for module in _MODULES if module.parent == folder and module.name != "__init__.py"]


def test_no_module_is_too_long() -> None:
    assert [_name(m) for m in _MODULES if len(_lines(m)) > _MOST_LINES_OF_A_MODULE] == []


def test_no_folder_is_too_large() -> None:
    large = [
        _name(folder)
        for folder in _FOLDERS
        if len(_modules_of(folder)) > _MOST_MODULES_OF_A_FOLDER
        or sum(len(_lines(module)) for module in _modules_of(folder)) > _MOST_LINES_OF_A_FOLDER
    ]
    assert large == []


def test_few_modules_stand_beside_the_folders() -> None:
    assert [module.name for module in _modules_of(_PACKAGE)] == ["formula.py"]
    assert len(_modules_of(_PACKAGE / "pacemaker")) <= _MOST_LOOSE_MODULES_OF_THE_ENGINE


@pytest.mark.parametrize("folder", [f for f in _FOLDERS if f != _PACKAGE], ids=_name)
def test_folder_says_what_belongs_there_what_does_not_and_what_it_may_import(folder: Path) -> None:
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    for start in ("Belongs here: ", "Does not belong here: ", "May import: "):
        assert any(line.startswith(start) for line in docstring.splitlines()), start


def test_no_two_classes_share_a_name() -> None:
    where = defaultdict(list)
    for module in _MODULES:
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                where[node.name.lstrip("_")].append(_name(module))
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


def test_a_long_list_of_parameters_has_its_reason_in_a_comment_above_it() -> None:
    unexplained = [
        f"{_name(module)}: {function.name}"
        for module in _MODULES
        if module.relative_to(_PACKAGE).parts[0] not in _LOADED_BY_SALT
        for function in _functions(module)
        if _count(function) > _MOST_PARAMETERS and not _has_comment_above(module, function)
    ]
    assert unexplained == []


def _functions(module: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _count(function: ast.FunctionDef) -> int:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return len([argument for argument in every if argument.arg not in ("self", "cls")])


def _has_comment_above(module: Path, function: ast.FunctionDef) -> bool:
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    return _lines(module)[first - 2].lstrip().startswith("#")
