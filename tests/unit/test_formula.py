"""The formula is found however the package was installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from saltext_cinder_ha.formula import find_formula, formula_path


def test_formula_of_this_source_tree_is_found(repository: Path) -> None:
    assert formula_path() == repository / "states"


def test_formula_inside_the_package_is_found_first(tmp_path: Path) -> None:
    package = tmp_path / "src" / "saltext_cinder_ha"
    (package / "formulas" / "cinder_ha").mkdir(parents=True)
    (tmp_path / "states" / "cinder_ha").mkdir(parents=True)
    assert find_formula(package) == package / "formulas"


def test_missing_formula_is_one_sentence_that_names_both_places(tmp_path: Path) -> None:
    package = tmp_path / "src" / "saltext_cinder_ha"
    with pytest.raises(FileNotFoundError) as caught:
        find_formula(package)
    assert str(package / "formulas" / "cinder_ha") in str(caught.value)
    assert str(tmp_path / "states" / "cinder_ha") in str(caught.value)
    assert "\n" not in str(caught.value)
