"""The kinds of the pillar's keys: a value, a list, a mapping of names, a section.

Each kind parses what was given, and collects every mistake instead of stopping at the first.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from ..common import fields
from ..common.errors import DeclarationError
from .errors import SiteError

_log = logging.getLogger(__name__)

Mistakes = list[SiteError]
_KEY = "key"


class KeyKind(Protocol):
    """What a key may contain."""

    @property
    def allowed(self) -> str:
        """The description of the kind in a table of the keys."""

    def read(self, value: object, path: str, mistakes: Mistakes) -> Any:
        """Return the parsed ``value``; add mistakes to the list, and return what remains."""

    def empty(self) -> Any:
        """Return the value of a key that is not given."""


@dataclass(frozen=True)
class Value:
    """One value; ``reader(value, path)`` returns it or raises DeclarationError."""

    allowed: str
    reader: Callable[[object, str], Any]

    def read(self, value: object, path: str, mistakes: Mistakes) -> Any:
        try:
            return self.reader(value, path)
        except DeclarationError as error:
            mistakes.append(SiteError(error.path, error.problem))
            return None

    def empty(self) -> None:
        return None


@dataclass(frozen=True)
class ListOf:
    """A list of items of one kind."""

    item: KeyKind

    @property
    def allowed(self) -> str:
        return f"list of: {self.item.allowed}"

    def read(self, value: object, path: str, mistakes: Mistakes) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            mistakes.append(SiteError(path, f"is {fields.kind(value)}, but should be a list"))
            return ()
        items = (
            self.item.read(item, fields.joined(path, index), mistakes) for index, item in enumerate(value)
        )
        return tuple(item for item in items if item is not None)

    def empty(self) -> tuple[Any, ...]:
        return ()


@dataclass(frozen=True)
class MappingOf:
    """A mapping from names, which are free or from ``choices``, to values of one kind."""

    placeholder: str
    item: KeyKind
    name: Callable[[object, str], str] = fields.text
    choices: Sequence[str] = ()

    @property
    def allowed(self) -> str:
        names = " | ".join(self.choices) or self.placeholder
        return f"mapping of {names} to: {self.item.allowed}"

    def read(self, value: object, path: str, mistakes: Mistakes) -> dict[str, Any]:
        found = {}
        for name, item in _items(value, path, mistakes):
            here = fields.joined(path, name)
            if not self._accepts(name, here, mistakes):
                continue
            found[name] = self.item.read(item, here, mistakes)
        return found

    def empty(self) -> dict[str, Any]:
        return {}

    def _accepts(self, name: str, path: str, mistakes: Mistakes) -> bool:
        if self.choices:
            return _is_known(name, self.choices, path, mistakes)
        before = len(mistakes)
        Value(self.placeholder, self.name).read(name, path, mistakes)
        return len(mistakes) == before


@dataclass(frozen=True)
class Section:
    """A mapping with fixed keys, parsed into the dataclass ``model``."""

    model: type[Any]
    allowed: str = "mapping"

    def read(self, value: object, path: str, mistakes: Mistakes) -> Any:
        kinds = {name: key.kind for name, key in self._keys().items()}
        current = {key.former: name for name, key in self._keys().items() if key.former}
        given: dict[str, Any] = {}
        for written, item in _items(value, path, mistakes):
            here = fields.joined(path, written)
            name = current.get(written, written)
            # A key whose value is commented out is null in YAML.
            if not _is_known(name, kinds, here, mistakes) or item is None:
                continue
            if name != written:
                _warn_of_former_name(here, name)
            found = kinds[name].read(item, here, mistakes)
            if name in given:
                problem = "is given by its former name, too; leave that one out"
                mistakes.append(SiteError(fields.joined(path, name), problem))
            elif found is not None:
                given[name] = found
        return self.model(**given)

    def _keys(self) -> dict[str, _Key]:
        return {field.name: _of(field) for field in dataclasses.fields(self.model)}

    def empty(self) -> Any:
        return self.model()


@dataclass(frozen=True)
class _Key:
    kind: KeyKind
    meaning: str
    former: str | None


def key(
    kind: KeyKind,
    meaning: str,
    *,
    default: Any = dataclasses.MISSING,
    secret: bool = False,
    former: str | None = None,
) -> Any:
    """Return the dataclass field for a key of the pillar.

    :param kind: what the key may contain
    :param meaning: one line for authors of a pillar
    :param default: the value if it is not given; by default the kind's :meth:`KeyKind.empty`
    :param secret: whether it may contain a secret, so that the section's repr omits it
    :param former: a deprecated name by which the key is still found
    """
    metadata = {_KEY: _Key(kind, meaning, former)}
    if default is dataclasses.MISSING:
        return dataclasses.field(default_factory=kind.empty, repr=not secret, metadata=metadata)
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True)
class KeyInfo:
    """One row of the table of keys; in its path ``<x>`` is any name and ``[]`` any item."""

    path: str
    allowed: str
    default: Any
    meaning: str


def keys_of(section: Section, path: str) -> Iterator[KeyInfo]:
    """Yield every key below ``path``, each section before its contents."""
    for field in dataclasses.fields(section.model):
        here = fields.joined(path, field.name)
        kind = _of(field).kind
        yield KeyInfo(here, kind.allowed, _default(field), _of(field).meaning)
        yield from _below(kind, here)


def _below(kind: KeyKind, path: str) -> Iterator[KeyInfo]:
    if isinstance(kind, Section):
        yield from keys_of(kind, path)
    elif isinstance(kind, ListOf):
        yield from _below(kind.item, f"{path}[]")
    elif isinstance(kind, MappingOf):
        yield from _below(kind.item, f"{path}.<{kind.placeholder}>")


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    kind = _of(field).kind
    # A section's defaults are those of its own keys.
    return None if isinstance(kind, Section) else kind.empty()


def _of(field: dataclasses.Field[Any]) -> _Key:
    found = field.metadata[_KEY]
    if not isinstance(found, _Key):
        raise TypeError(f"the field {field.name} of a section should be made by key()")
    return found


@cache
def _warn_of_former_name(path: str, name: str) -> None:
    # Once for each process: every state of a run parses the pillar.
    _log.warning("The pillar's key %s is deprecated; write %s instead.", path, name)


def _items(value: object, path: str, mistakes: Mistakes) -> Iterator[tuple[str, object]]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        mistakes.append(SiteError(path, f"is {fields.kind(value)}, but should be a mapping"))
        return
    for name, item in value.items():
        if isinstance(name, str):
            yield name, item
        else:
            problem = f"has the key {fields.what(name)}, but keys should be text: quote it"
            mistakes.append(SiteError(path, problem))


def _is_known(
    name: str, allowed: Mapping[str, object] | Sequence[str], path: str, mistakes: Mistakes
) -> bool:
    if name in allowed:
        return True
    mistakes.append(SiteError(path, f"is not a known key; {fields.unknown(name, tuple(allowed))}"))
    return False
