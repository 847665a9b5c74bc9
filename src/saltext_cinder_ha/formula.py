"""Where the formula of this package is, whichever way the package was installed."""

from __future__ import annotations

from pathlib import Path

FORMULA = "cinder_ha"

_PACKAGE = Path(__file__).resolve().parent


def formula_path() -> Path:
    """Return the folder that holds ``cinder_ha/``: an entry for Salt's ``file_roots``.

    >>> (formula_path() / "cinder_ha").is_dir()
    True

    :raises FileNotFoundError: the installation is incomplete; the message names the places
    """
    return find_formula(_PACKAGE)


def find_formula(package: Path) -> Path:
    """Return the folder that holds ``cinder_ha/`` for the package that is installed in ``package``.

    :param package: the folder of ``saltext_cinder_ha/__init__.py``
    :raises FileNotFoundError: neither place has it
    """
    # A wheel carries the formula inside the package, a source tree beside ``src/``.
    candidates = (package / "formulas", package.parent.parent / "states")
    for folder in candidates:
        if (folder / FORMULA).is_dir():
            return folder
    looked_at = " and ".join(str(folder / FORMULA) for folder in candidates)
    raise FileNotFoundError(
        f"the formula of saltext-cinder-ha is missing: no folder {looked_at}; reinstall the package"
    )
