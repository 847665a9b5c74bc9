"""The volume and backup drivers by release."""

from __future__ import annotations

from dataclasses import dataclass

from ....site import RELEASES
from .ranges import is_within, nearest, ranges_of, release_after, rows_at

_FILE = "drivers.json"


@dataclass(frozen=True)
class Driver:
    """A volume or backup driver of one release.

    :param now: the present name of the class, if this is a former one
    :param active_active: several cinder-volume services of one ``cluster`` may run it
    """

    name: str
    now: str | None = None
    active_active: bool = False


def driver_of(kind: str, name: str, release: str) -> Driver | None:
    """Return a driver by the name of its class, None if the release does not have it.

    >>> driver_of("volume", "cinder.volume.drivers.rbd.RBDDriver", "zed").active_active
    True

    :param kind: ``volume`` or ``backup``
    :param name: full path of the class, or of the module if the release uses that
    """
    for first, last, facts in ranges_of(_FILE).get(f"{kind} {name}", ()):
        if is_within(release, first, last):
            return Driver(name, facts.get("now"), facts.get("active_active", False))
    return None


def lack_of_driver(kind: str, name: str, release: str) -> str | None:
    """Return the words for a driver of Cinder that the release lacks, None if it has the driver.

    >>> lack_of_driver("volume", "cinder.volume.drivers.sheepdog.SheepdogDriver", "zed")
    'which zed does not have (removed in ussuri)'

    :param kind: ``volume`` or ``backup``
    :param name: full path of the class; classes outside ``cinder.`` are external and not known here
    """
    if not name.startswith("cinder.") or driver_of(kind, name, release) is not None:
        return None
    return f"which {release} does not have{_driver_hint(kind, name, release)}"


def _driver_hint(kind: str, name: str, release: str) -> str:
    ranges = ranges_of(_FILE).get(f"{kind} {name}", ())
    if ranges and RELEASES.index(ranges[-1][1]) < RELEASES.index(release):
        return f" (removed in {release_after(ranges[-1][1])})"
    if ranges and RELEASES.index(ranges[0][0]) > RELEASES.index(release):
        return f" (added in {ranges[0][0]})"
    rows = (row.partition(" ") for row, _ in rows_at(ranges_of(_FILE), release))
    near = nearest(name, (known for of, _, known in rows if of == kind))
    return f"; perhaps {near}" if near else ""
