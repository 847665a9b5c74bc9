"""The options and drivers of each release of Cinder.

The tables are generated from the releases themselves (``tools/make-option-tables``): Cinder's own options and
those of the libraries that read the same file, in the versions of the release's upper-constraints.txt.

Belongs here: the tables and queries on them.
Does not belong here: rules (``lint``).
May import: ``site`` and ``common``.
"""

from __future__ import annotations

from .drivers import Driver, driver_of, lack_of_driver
from .options import BACKEND, Lifetime, OptionSpec, Table, lifetime, options_of, secret_names, table_section
from .ranges import nearest, release_after

__all__ = [
    "BACKEND",
    "Driver",
    "Lifetime",
    "OptionSpec",
    "Table",
    "driver_of",
    "lack_of_driver",
    "lifetime",
    "nearest",
    "options_of",
    "release_after",
    "secret_names",
    "table_section",
]
