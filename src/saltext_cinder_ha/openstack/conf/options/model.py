"""The types that the modules of this package share: an option of cinder.conf, and the target of a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ....site import PILLAR_KEY, Site
from ....site.releases import is_since
from .. import secrecy

PART = "config"
DEFAULT = "DEFAULT"


@dataclass(frozen=True)
class Option:
    """One option of cinder.conf.

    :param section: its section
    :param name: its name
    :param values: its values as oslo.config should read them; more than one if it is given several times
    :param key: the key of the pillar that it comes from
    """

    section: str
    name: str
    values: tuple[str, ...] = field(repr=False)
    key: str

    def shown(self) -> tuple[str, ...]:
        """Return the values with their secrets masked.

        >>> Option("database", "connection", ("mysql://cinder:x@10.0.0.11/cinder",), "").shown()
        ('mysql://********@10.0.0.11/cinder',)
        >>> Option("keystone_authtoken", "password", ("x",), "").shown()
        ('********',)
        """
        return tuple(secrecy.shown(self.name, value) for value in self.values)


@dataclass(frozen=True)
class Target:
    """What a file is generated for.

    :param site: what the pillar says
    :param release: one of :data:`~.site.RELEASES`
    :param node: the name of the node; only needed if the API listens on the node's own address
    """

    site: Site
    release: str
    node: str | None = None

    def since(self, first: str) -> bool:
        """Return whether the release is ``first`` or later."""
        return is_since(self.release, first)


Options = Iterator[Option]
Scalar = str | int | float | bool


def option(section: str, name: str, value: Scalar | Sequence[Scalar], key: str) -> Option:
    """Return an option for a value of the pillar.

    >>> option("DEFAULT", "debug", True, "config.DEFAULT.debug").values
    ('true',)

    :param key: the pillar's key, relative to ``cinder_ha``
    """
    items = [value] if isinstance(value, (str, int, float)) else value
    return Option(section, name, tuple(_text(item) for item in items), f"{PILLAR_KEY}.{key}")


def passed_through(section: str, given: Mapping[str, Scalar | Sequence[Scalar]], key: str) -> Options:
    """Yield options for a mapping of the pillar."""
    for name, value in given.items():
        yield option(section, name, value, f"{key}.{name}")


def merged(options: Iterable[Option]) -> tuple[Option, ...]:
    """Merge options of the same name: the last value wins, at the position of the first."""
    found: dict[tuple[str, str], Option] = {}
    for one in options:
        found[one.section, one.name] = one
    return tuple(found.values())


def _text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
