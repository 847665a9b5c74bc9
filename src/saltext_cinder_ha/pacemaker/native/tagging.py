"""``pcs tag update`` (pcs(8)), which fails if it adds a member again, or removes a non-member."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...common.errors import DeclarationError
from ..cib.document import Cib
from ..plan.tags import resources_of
from .tokenizer import Statement

_PLACES = ("--before", "--after")


@dataclass(frozen=True)
class TagUpdate:
    """Resources that a tag gains and loses.

    :param place: the options for the position of the added resources; with them, pcs accepts resources that
        are in the tag already
    """

    tag: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    place: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Return the command."""
        added = ("add", *self.added, *self.place) if self.added else ()
        removed = ("remove", *self.removed) if self.removed else ()
        return ("tag", "update", self.tag, *added, *removed)

    def missing_in(self, cib: Cib) -> TagUpdate | None:
        """Return the part of the update that a CIB lacks, None if it lacks nothing."""
        tag = cib.by_id.get(self.tag)
        if tag is None or tag.tag != "tag":
            return self
        members = resources_of(tag)
        added = self.added if self.place else tuple(name for name in self.added if name not in members)
        removed = tuple(name for name in self.removed if name in members)
        return replace(self, added=added, removed=removed) if added or removed else None


def parse_tag_update(statement: Statement) -> TagUpdate:
    """Parse ``tag update``.

    >>> parse_tag_update(Statement(("tag", "update", "t", "add", "a", "--after", "b"), "line 1"))
    TagUpdate(tag='t', added=('a',), removed=(), place=('--after', 'b'))

    :raises DeclarationError: the syntax is not that of pcs
    """
    named: dict[str, list[str]] = {"add": [], "remove": []}
    place: list[str] = []
    words = iter(statement.words[3:])
    current: list[str] | None = None
    for word in words:
        if word in _PLACES:
            place += [word, next(words, "")]
        elif word.startswith("--"):
            place.append(word)
        elif word in named:
            current = named[word]
        elif current is None:
            raise _misspelt(statement)
        else:
            current.append(word)
    if not any(named.values()) or "" in place or (place and not named["add"]):
        raise _misspelt(statement)
    return TagUpdate(statement.words[2], tuple(named["add"]), tuple(named["remove"]), tuple(place))


def _misspelt(statement: Statement) -> DeclarationError:
    return statement.fail(
        "should be 'pcs tag update TAG [add ID...] [remove ID...]'; --before ID or --after ID may follow add"
    )
