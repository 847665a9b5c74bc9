"""Read what a user wrote: known keys, right types, errors that name the path."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from .errors import DeclarationError
from .secrets import without_secrets

_CONTROL_CHARACTER = re.compile("[\x00-\x1f\x7f]")
_BOOLEANS = {
    **dict.fromkeys(("true", "on", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "off", "no", "n", "0"), False),
}
_KINDS: tuple[tuple[type, str], ...] = (
    (Mapping, "a mapping"),
    (list, "a list"),
    (tuple, "a list"),
    (type(None), "null"),
    (bool, "a boolean"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (datetime.date, "a date"),
    (bytes, "binary data"),
)
_SCALARS = (str, int, float)
_LONGEST_SHOWN = 60


def kind(value: object) -> str:
    """Name the kind of a value in an error, where the value itself may be a secret.

    >>> kind([1, 2]), kind(None), kind("password=x"), kind(False)
    ('a list', 'null', 'text', 'a boolean')
    """
    named = (words for found, words in _KINDS if isinstance(value, found))
    return next(named, f"of the type {type(value).__name__}")


def what(value: object) -> str:
    """Name a value in an error, without showing more of it than helps.

    >>> what([1, 2]), what(None), what("x" * 100)[:12]
    ('a list', 'null', "'xxxxxxxxxxx")
    """
    if not isinstance(value, _SCALARS):
        return kind(value)
    return _shortened(repr(without_secrets(value) if isinstance(value, str) else value))


def _shortened(shown: str) -> str:
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 3]}..."


def joined(path: str, key: str | int) -> str:
    """Append a key or a list's index to a path.

    >>> joined("resources", "vip"), joined("constraints", 0), joined("", "absent")
    ('resources.vip', 'constraints[0]', 'absent')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    # A value in the place of a key may be a secret.
    safe = without_secrets(key)
    shown = _shortened(safe if safe and safe.isprintable() else repr(safe))
    return f"{path}.{shown}" if path else shown


def listed(words: Iterable[str]) -> str:
    """Join words for the end of a sentence.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def unknown(word: str, allowed: Collection[str]) -> str:
    """Return the end of a sentence about an unknown word: the closest allowed one, or all of them."""
    close = difflib.get_close_matches(word, allowed, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}allowed: {', '.join(sorted(allowed))}"


def mapping(value: object, path: str) -> Mapping[str, Any]:
    """Return ``value`` as a mapping with text keys, ``{}`` for null."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DeclarationError(path, f"is {kind(value)}, but should be a mapping")
    for key in value:
        if not isinstance(key, str):
            raise DeclarationError(path, f"has the key {what(key)}, but keys should be text: quote it")
    return value


def sequence(value: object, path: str) -> Sequence[Any]:
    """Return ``value`` as a list, ``[]`` for null."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)):
        raise DeclarationError(path, f"is {kind(value)}, but should be a list")
    return value


def text(value: object, path: str) -> str:
    """Return a scalar as text: ``true`` and ``false`` for booleans.

    >>> text(False, "enabled"), text(3, "count")
    ('false', '3')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise DeclarationError(path, f"is {kind(value)}, but should be text, a number or a boolean")
    control = _CONTROL_CHARACTER.search(value)
    if control:
        raise DeclarationError(path, f"contains the control character {control.group()!r}; remove it")
    return value


def choice(value: object, path: str, allowed: Collection[str]) -> str:
    """Return ``value`` in the spelling of ``allowed``, whatever its case."""
    found = text(value, path)
    by_lower_case = {word.lower(): word for word in allowed}
    if found.lower() not in by_lower_case:
        raise DeclarationError(path, f"is {what(value)}, but should be {listed(sorted(allowed))}")
    return by_lower_case[found.lower()]


def boolean(value: object, path: str) -> bool:
    """Return ``value`` as a boolean.

    >>> boolean("no", "settle"), boolean(1, "settle")
    (False, True)
    """
    found = _BOOLEANS.get(text(value, path).lower())
    if found is None:
        raise DeclarationError(path, f"{what(value)} is not a boolean (true or false)")
    return found


class Fields:
    """The keys of one mapping, each read once by the method for its type.

    >>> Fields({"score": 5}, "c", ("score", "node")).given("score")
    True
    """

    def __init__(self, value: object, path: str, allowed: Collection[str]):
        self.path = path
        self._mapping = mapping(value, path)
        for key in self._mapping:
            if key not in allowed:
                raise DeclarationError(joined(path, key), f"is not a known key; {unknown(key, allowed)}")

    def given(self, key: str) -> bool:
        return key in self._mapping

    def at(self, key: str) -> str:
        return joined(self.path, key)

    def raw(self, key: str) -> Any:
        return self._mapping.get(key)

    def required(self, key: str) -> Any:
        if self._mapping.get(key) is None:
            raise DeclarationError(self.at(key), "is missing")
        return self._mapping[key]

    def optional(self, key: str, read: Callable[..., Any], *more: object) -> Any:
        """Read ``key`` by ``read(value, path, *more)``, None where it is not given.

        A key without a value is a mistake: it would be taken for an empty one, and would clear what it names.
        """
        if key not in self._mapping:
            return None
        if self._mapping[key] is None:
            raise DeclarationError(self.at(key), "is null; give it a value or leave the key out")
        return read(self._mapping[key], self.at(key), *more)
