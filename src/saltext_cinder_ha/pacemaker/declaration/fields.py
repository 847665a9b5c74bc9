"""Reading one mapping of a declaration: known keys, right types, errors that name the path."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from .. import values
from ..errors import DeclarationError
from ..values import AnyType, Type
from .model import Values

# XML Namespaces, NCName; the letters beyond ASCII that it allows too serve nobody here.
_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
# XML 1.0, "Characters", less those that crm_xml_escape of Pacemaker's lib/common/xml.c writes as other text.
_NOT_IN_CIB = re.compile("[^\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# crm_xml_escape of Pacemaker 2.1 counts characters where bytes are due, and ends before the last ones.
_LEFT_UNESCAPED = re.compile("[^\x00-\x7f].*[&<>\"']", re.DOTALL)
_KINDS: tuple[tuple[type, str], ...] = (
    (Mapping, "a mapping"),
    (list, "a list"),
    (tuple, "a list"),
    (type(None), "nothing (null)"),
    (bool, "a boolean"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (datetime.date, "a date"),
    (bytes, "binary data"),
)
_SCALARS = (str, int, float)
_LONGEST_SHOWN = 60
# A name that holds one of these is a value that slipped into the name's place, and perhaps a secret.
_SLIPPED_IN = re.compile(r"[:=\s]")


def kind(value: object) -> str:
    """Name the kind of a value in an error, where the value itself may be a secret.

    >>> kind([1, 2]), kind(None), kind("password=x"), kind(False)
    ('a list', 'nothing (null)', 'text', 'a boolean')
    """
    named = (words for found, words in _KINDS if isinstance(value, found))
    return next(named, f"of the type {type(value).__name__}")


def what(value: object) -> str:
    """Name a value in an error, without showing more of it than helps.

    >>> what([1, 2]), what(None), what("x" * 100)[:12]
    ('a list', 'nothing (null)', "'xxxxxxxxxxx")
    """
    return _shortened(repr(value)) if isinstance(value, _SCALARS) else kind(value)


def _shortened(shown: str) -> str:
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 3]}..."


def joined(path: str, key: str | int) -> str:
    """Append a key or a list's index to a path.

    >>> joined("resources", "vip"), joined("constraints", 0), joined("", "absent")
    ('resources.vip', 'constraints[0]', 'absent')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    shown = _shortened(key if key and key.isprintable() else repr(key))
    return f"{path}.{shown}" if path else shown


def listed(words: Iterable[str]) -> str:
    """Words for the end of a sentence.

    >>> listed(["a", "b", "c"])
    'a, b or c'
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def unknown(word: str, allowed: Collection[str]) -> str:
    """The end of a sentence about an unknown word: the closest allowed one, or all of them."""
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


def identifier(value: object, path: str) -> str:
    """Return ``value`` when it may be an XML id."""
    if not isinstance(value, str):
        raise DeclarationError(path, f"is {what(value)}, but an id should be text: quote it")
    if not _NCNAME.fullmatch(value):
        raise DeclarationError(
            path,
            f"{what(value)} cannot be an id: it should begin with a letter or an underscore and hold only "
            "letters, digits, '.', '-' and '_'",
        )
    return value


def text(value: object, path: str) -> str:
    """Return a scalar as Pacemaker spells it: ``true`` and ``false`` for booleans."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise DeclarationError(path, f"is {kind(value)}, but should be text, a number or a boolean")
    bad = _NOT_IN_CIB.search(value)
    if bad:
        raise DeclarationError(path, f"holds the character {bad.group()!r}, which a CIB cannot carry")
    if _LEFT_UNESCAPED.search(value):
        raise DeclarationError(
            path,
            "holds one of & < > \" ' behind a character beyond ASCII, of which Pacemaker would make a CIB "
            "that nobody can read; leave one of the two out",
        )
    return value


def filled_text(value: object, path: str) -> str:
    """Return a scalar as :func:`text` does; refuse an empty one."""
    found = text(value, path)
    if not found.strip():
        raise DeclarationError(path, "is empty, but should be text that is not")
    return found


def typed(value: object, path: str, value_type: AnyType) -> str:
    """Return a scalar as text, after checking that Pacemaker can read it as ``value_type``."""
    found = text(value, path)
    if not values.is_valid(value_type, found):
        raise DeclarationError(path, f"{what(value)} is not {value_type.value}")
    return found


def choice(value: object, path: str, allowed: Collection[str]) -> str:
    """Return ``value`` in the spelling of ``allowed``, whatever its case."""
    found = text(value, path)
    by_lower_case = {word.lower(): word for word in allowed}
    if found.lower() not in by_lower_case:
        raise DeclarationError(path, f"is {what(value)}, but should be {listed(sorted(allowed))}")
    return by_lower_case[found.lower()]


def boolean(value: object, path: str) -> bool:
    """Return ``value`` as a boolean."""
    read = values.boolean(text(value, path))
    if read is None:
        raise DeclarationError(path, f"{what(value)} is not {Type.BOOLEAN.value}")
    return read


def named_values(value: object, path: str, type_of: Callable[[str], AnyType] = values.text_type) -> Values:
    """Return a mapping of option names to values as text."""
    found = {}
    for name, given in mapping(value, path).items():
        _check_option_name(name, path)
        found[name] = typed(given, joined(path, name), type_of(name))
    return found


def _check_option_name(name: str, path: str) -> None:
    slipped = _SLIPPED_IN.search(name)
    if slipped:
        raise DeclarationError(
            path,
            f"{what(name[: slipped.start()])} is followed by {slipped.group()!r} in an option's name; it "
            "should be written with a colon and a blank: NAME: VALUE",
        )
    if not name or _NOT_IN_CIB.search(name):
        raise DeclarationError(path, f"{what(name)} cannot be an option's name")


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
                raise DeclarationError(joined(path, key), f"is no known key; {unknown(key, allowed)}")

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

        A key without a value is a mistake: it would be read as "none at all", and empty what it names.
        """
        if key not in self._mapping:
            return None
        if self._mapping[key] is None:
            raise DeclarationError(self.at(key), "is nothing (null); give it a value, or leave the key out")
        return read(self._mapping[key], self.at(key), *more)
