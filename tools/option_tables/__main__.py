"""usage: make-option-tables [--release RELEASE ...] [--checkouts FOLDER] [--cache FOLDER]

Make src/saltext_cinder_ha/openstack/tables/ from the releases that sources.json names: for each the version
of Cinder and of the libraries that share its configuration file (the last of the series, and
upper-constraints.txt of openstack/requirements). What is made is names, types, limits and drivers; no text
of the releases.

With --release only these are read anew and the other ones are kept. Releases before Ocata, and a few
libraries up to Queens, have no wheel on PyPI: --checkouts names a folder of git repositories, each called as
its distribution (cinder, oslo.messaging, ...).
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from extraction import Drivers, Release
from ranges import Table, by_release, in_ranges
from sources import read_release

HERE = Path(__file__).parent
TABLES = HERE.parents[1] / "src" / "saltext_cinder_ha" / "openstack" / "tables"
SOURCES: dict[str, dict[str, str]] = json.loads((HERE / "sources.json").read_text())


def main() -> None:
    arguments = _arguments()
    releases = list(SOURCES)
    options, drivers = (_kept(TABLES / name, releases) for name in ("options.json", "drivers.json"))
    read = partial(_read, cache=arguments.cache, checkouts=arguments.checkouts)
    with ProcessPoolExecutor() as pool:
        for release, *found in pool.map(read, arguments.release or releases):
            options[release], drivers[release] = found
            _write(TABLES / "options.json", in_ranges(options, releases))
            _write(TABLES / "drivers.json", in_ranges(drivers, releases))
            print(f"{release}: {len(options[release])} options, {len(drivers[release])} drivers", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make-option-tables", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--release", action="append", choices=list(SOURCES), metavar="RELEASE")
    parser.add_argument("--checkouts", type=Path, default=Path("checkouts"), metavar="FOLDER")
    parser.add_argument("--cache", type=Path, default=Path(".option-sources"), metavar="FOLDER")
    return parser.parse_args()


def _read(release: str, *, cache: Path, checkouts: Path) -> tuple[str, Table, Table]:
    found = Release(read_release(SOURCES[release], cache, checkouts))
    options = {f"{group} {name}": facts for (group, name), facts in found.options().items()}
    volume = _driver_rows("volume", found.volume_drivers())
    return release, options, {**volume, **_driver_rows("backup", found.backup_drivers())}


def _driver_rows(kind: str, drivers: Drivers) -> Table:
    rows: Table = {f"{kind} {name}": {} for name in drivers.classes}
    rows.update({f"{kind} {old}": {"now": new} for old, new in drivers.renamed.items()})
    for name in drivers.active_active:
        rows[f"{kind} {name}"] = {"active_active": True}
    return rows


def _kept(path: Path, releases: list[str]) -> dict[str, Table]:
    if not path.exists():
        return {release: {} for release in releases}
    return by_release(json.loads(path.read_text()), releases)


def _write(path: Path, ranges: dict[str, Any]) -> None:
    """One row a line, so that a new release shows in a diff as what it changes."""
    rows = (f"{json.dumps(key)}: {json.dumps(ranges[key], separators=(',', ':'))}" for key in sorted(ranges))
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main()
