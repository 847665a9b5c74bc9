"""Put the formula of ``states/`` into the distribution; everything else is in pyproject.toml."""

from __future__ import annotations

from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
FORMULAS = "saltext_cinder_ha.formulas"


def files_below(folder: Path) -> list[str]:
    """Return the paths of all files below ``folder``, relative to it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(folder)) for path in found if "__pycache__" not in path.parts)


setup(
    package_dir={"": "src", FORMULAS: "states"},
    packages=[*find_packages("src"), FORMULAS],
    package_data={
        FORMULAS: files_below(HERE / "states"),
        "saltext_cinder_ha": ["py.typed"],
        "saltext_cinder_ha.openstack.conf.tables": ["*.json"],
    },
)
