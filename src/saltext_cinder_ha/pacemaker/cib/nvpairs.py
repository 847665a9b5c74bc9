"""Sets of name-value pairs: parameters, meta attributes, utilization, properties and defaults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from .. import values
from ..values import AnyType
from .draft import Draft
from .elements import id_part

TypeOf = Callable[[str], AnyType]

BOOTSTRAP_OPTIONS = "cib-bootstrap-options"
OWNED_PREFIX = "saltext-owned-"
"""Prefix of the property sets that record ownership; they are not cluster options."""


@dataclass(frozen=True)
class SetKind:
    """A kind of set, and how to create one.

    :param tag: the tag of its element
    :param type_of: returns the type of an option by its name
    :param before: insert a new set before the first element with this tag; None: at the end
    """

    tag: str
    type_of: TypeOf = values.text_type
    before: str | None = None


PARAMS = SetKind("instance_attributes", before="meta_attributes")
META = SetKind("meta_attributes", values.meta_type, before="operations")
UTILIZATION = SetKind("utilization", values.utilization_type)
OPERATION_PARAMS = SetKind("instance_attributes")


def plain_sets(owner: etree._Element, tag: str) -> list[etree._Element]:
    """Return the unconditional sets, highest precedence first.

    A set with a rule applies conditionally, and one with an id-ref belongs to another object; a declaration
    covers neither.
    """
    sets = [
        s
        for s in owner.iterfind(tag)
        if s.get("id-ref") is None and s.find("rule") is None and not s.get("id", "").startswith(OWNED_PREFIX)
    ]
    return sorted(sets, key=_rank)


def _rank(pair_set: etree._Element) -> tuple[bool, int]:
    # Pacemaker Explained, "Nvpair Set Properties": the highest score wins, then the first; for
    # cluster options, this set always wins (lib/pengine/unpack.c, CIB_OPTIONS_FIRST).
    is_first = pair_set.get("id") == BOOTSTRAP_OPTIONS
    return not is_first, -(values.score(pair_set.get("score", "0")) or 0)


def pairs(owner: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Yield the effective pair of each name."""
    seen = set()
    for pair_set in plain_sets(owner, tag):
        for pair in pair_set.iterfind("nvpair"):
            name = pair.get("name")
            # A pair with an id-ref has its value in another object.
            if name is not None and name not in seen and pair.get("id-ref") is None:
                seen.add(name)
                yield pair


def read(owner: etree._Element, tag: str) -> dict[str, str]:
    """Return the effective values by name."""
    return {pair.get("name"): pair.get("value", "") for pair in pairs(owner, tag)}


def reconcile(
    draft: Draft,
    owner: etree._Element,
    kind: SetKind,
    wanted: Mapping[str, str],
    *,
    set_id: str | None = None,
    keep: Collection[str] | None = (),
) -> bool:
    """Make the pairs under ``owner`` mean ``wanted``; return whether anything changed.

    :param set_id: the id of a new set; None: the owner's id and the tag, as pcs does
    :param keep: names that stay even if ``wanted`` lacks them; None: every name
    """
    changed = False
    live: dict[str, Any] = {pair.get("name"): pair for pair in pairs(owner, kind.tag)}
    for name, pair in live.items():
        if name in wanted:
            if not values.same(kind.type_of(name), pair.get("value", ""), wanted[name]):
                pair.set("value", wanted[name])
                changed = True
        elif keep is not None and name not in keep:
            _remove_everywhere(draft, owner, kind.tag, name)
            changed = True
    missing = [name for name in wanted if name not in live]
    if missing:
        target = _set_for_new_pairs(draft, owner, kind, set_id)
        for name in missing:
            _add_pair(draft, target, name, wanted[name])
        changed = True
    return changed


def remove(draft: Draft, owner: etree._Element, tag: str, name: str) -> bool:
    """Remove one name; return whether it was there."""
    if name not in read(owner, tag):
        return False
    _remove_everywhere(draft, owner, tag, name)
    return True


def _remove_everywhere(draft: Draft, owner: etree._Element, tag: str, name: str) -> None:
    # A second set may contain the same name; it would take effect once the first is gone.
    for pair_set in plain_sets(owner, tag):
        for pair in pair_set.findall("nvpair"):
            if pair.get("name") == name:
                draft.remove(pair)
        if len(pair_set) == 0:
            draft.remove(pair_set)


def _set_for_new_pairs(
    draft: Draft, owner: etree._Element, kind: SetKind, set_id: str | None
) -> etree._Element:
    found = plain_sets(owner, kind.tag)
    if found:
        return found[0]
    follower = owner.find(kind.before) if kind.before else None
    index = None if follower is None else owner.index(follower)
    name = draft.new_id(set_id or f"{owner.get('id')}-{kind.tag}")
    return draft.add(owner, kind.tag, name, index=index)


def _add_pair(draft: Draft, pair_set: etree._Element, name: str, value: str) -> None:
    pair_id = draft.new_id(f"{pair_set.get('id')}-{id_part(name)}")
    draft.add(pair_set, "nvpair", pair_id, {"name": name, "value": value})
