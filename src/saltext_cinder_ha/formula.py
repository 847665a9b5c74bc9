"""Find the formula of this package, in a wheel or in a source tree."""

from __future__ import annotations

from pathlib import Path

FORMULA = "cinder_ha"

_PACKAGE = Path(__file__).resolve().parent


def formula_path() -> Path:
    """Return the directory that contains ``cinder_ha/``: an entry for Salt's ``file_roots``.

    >>> (formula_path() / "cinder_ha").is_dir()
    True

    :raises FileNotFoundError: the installation is incomplete
    """
    return find_formula(_PACKAGE)


def find_formula(package: Path) -> Path:
    """Return the directory that contains ``cinder_ha/`` for the package that is installed in ``package``.

    :param package: the directory of ``saltext_cinder_ha/__init__.py``
    :raises FileNotFoundError: the formula is in neither place; the message names both
    """
    # A wheel has the formula inside the package, a source tree next to ``src/``.
    candidates = (package / "formulas", package.parent.parent / "states")
    for folder in candidates:
        if (folder / FORMULA).is_dir():
            return folder
    looked_at = " and ".join(str(folder / FORMULA) for folder in candidates)
    raise FileNotFoundError(
        f"the formula of saltext-cinder-ha is missing: there is no {looked_at}; reinstall the package"
    )
