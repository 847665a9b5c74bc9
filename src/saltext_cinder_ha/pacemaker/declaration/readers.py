"""Readers for the values of a declaration, in Pacemaker's types and storable in a CIB."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...common import fields
from ...common.errors import DeclarationError
from ...common.fields import joined, mapping, sequence, what
from ...common.secrets import is_masked
from .. import values
from ..values import AnyType
from .model import Values

# XML Namespaces, NCName, but restricted to ASCII.
_NCNAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
# XML 1.0, "Characters", except those that crm_xml_escape in Pacemaker's lib/common/xml.c rewrites.
_NOT_IN_CIB = re.compile("[^\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# crm_xml_escape of Pacemaker 2.1 counts characters instead of bytes, so it stops too early.
_LEFT_UNESCAPED = re.compile("[^\x00-\x7f].*[&<>\"']", re.DOTALL)
# A name with one of these contains a misplaced value, which may be a secret.
_SLIPPED_IN = re.compile(r"[:=\s]")


def identifier(value: object, path: str) -> str:
    """Return ``value`` if it is a valid XML id."""
    if not isinstance(value, str):
        raise DeclarationError(path, f"is {what(value)}, but an id should be text: quote it")
    if not _NCNAME.fullmatch(value):
        raise DeclarationError(
            path,
            f"{what(value)} cannot be an id: it should start with a letter or an underscore and contain only "
            "letters, digits, '.', '-' and '_'",
        )
    return value


def identifiers(value: object, path: str, *, empty: str) -> tuple[str, ...]:
    """Return a list of XML ids.

    :param empty: the problem with a list that has none
    """
    found = tuple(identifier(item, joined(path, index)) for index, item in enumerate(sequence(value, path)))
    if not found:
        raise DeclarationError(path, empty)
    return found


def distinct_identifiers(value: object, path: str, *, empty: str) -> tuple[str, ...]:
    """Return a list of XML ids as :func:`identifiers` does; refuse one that is named twice."""
    found = identifiers(value, path, empty=empty)
    for name in found:
        if found.count(name) > 1:
            raise DeclarationError(path, f"names {name!r} twice")
    return found


def text(value: object, path: str) -> str:
    """Return a scalar as Pacemaker spells it: ``true`` and ``false`` for booleans."""
    if not isinstance(value, str):
        return fields.text(value, path)
    bad = _NOT_IN_CIB.search(value)
    if bad:
        raise DeclarationError(path, f"contains the character {bad.group()!r}, which a CIB cannot store")
    if _LEFT_UNESCAPED.search(value):
        raise DeclarationError(
            path,
            "contains one of & < > \" ' after a non-ASCII character, which Pacemaker would store as an "
            "unreadable CIB; remove one of the two",
        )
    return value


def filled_text(value: object, path: str) -> str:
    """Return a scalar as :func:`text` does; raise :class:`DeclarationError` if it is empty."""
    found = text(value, path)
    if not found.strip():
        raise DeclarationError(path, "is empty, but should be non-empty text")
    return found


def typed(value: object, path: str, value_type: AnyType) -> str:
    """Return a scalar as text after validating it as ``value_type``."""
    found = text(value, path)
    if not values.is_valid(value_type, found):
        raise DeclarationError(path, f"{what(value)} is not {value_type.value}")
    return found


def named_values(value: object, path: str, type_of: Callable[[str], AnyType] = values.text_type) -> Values:
    """Return a mapping of option names to values as text; refuse a value that stands for a hidden one."""
    found = {}
    for name, given in mapping(value, path).items():
        _check_option_name(name, path)
        found[name] = typed(given, joined(path, name), type_of(name))
        if is_masked(found[name]):
            raise DeclarationError(joined(path, name), "is masked; give the real value or leave it out")
    return found


def _check_option_name(name: str, path: str) -> None:
    slipped = _SLIPPED_IN.search(name)
    if slipped:
        raise DeclarationError(
            path,
            f"{what(name[: slipped.start()])} is followed by {slipped.group()!r} in an option's name; "
            "separate name and value by a colon and a blank: NAME: VALUE",
        )
    if not name or _NOT_IN_CIB.search(name):
        raise DeclarationError(path, f"{what(name)} cannot be the name of an option")
