"""Remove objects from a draft, with their dependent parts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from ..cib.draft import Draft, Referrer, ids_within
from ..cib.elements import (
    CLONABLE_TAGS,
    CLONE_TAGS,
    OBJECT_TAGS,
    RESOURCE_TAGS,
    clone_of,
    is_made_by_operator,
)
from ..errors import ConflictError
from .describe import kind_of
from .resources import unwrap


class Removal:
    """The removals of one plan; ``paths`` maps an id to the part of the declaration that removes it."""

    def __init__(self, draft: Draft, paths: Mapping[str, str]):
        self._draft = draft
        self._paths = paths
        self._gone: dict[str, str] = {}
        self._path = ""

    def remove(self, names: list[str]) -> None:
        """Remove the objects with these ids; constraints first, because they refer to resources."""
        doomed = set(names)
        present = [self._draft.by_id[name] for name in names if name in self._draft.by_id]
        for element in sorted(present, key=lambda e: e.tag in RESOURCE_TAGS):
            name = element.get("id")
            if name in self._draft.by_id:
                self._path = self._paths[name]
                self._remove_one(element, doomed)

    def _remove_one(self, element: etree._Element, doomed: set[str]) -> None:
        if element.tag in CLONE_TAGS:
            inner = next(element.iterchildren(*CLONABLE_TAGS))
            if inner.get("id") not in doomed:
                self._note(element.get("id"))
                unwrap(self._draft, element)
                return
        if element.tag == "group":
            self._free_members(element, doomed)
        if element.tag in CLONABLE_TAGS:
            clone = clone_of(element)
            element = element if clone is None else clone
        parent = element.getparent()
        self._take_out(element)
        if parent.tag == "group":
            self._draft.touch(parent.get("id"))

    def remove_empty_groups(self) -> None:
        """Remove the groups that have lost their last member, with their clones.

        Call this after every group has its new members: the schema requires at least one.
        """
        for group in self._draft.section("resources").findall(".//group"):
            if group.find("primitive") is None:
                clone = clone_of(group)
                self._take_out(group if clone is None else clone)

    def _free_members(self, group: etree._Element, doomed: set[str]) -> None:
        """Move the members that are not to be removed out of the group."""
        for member in group.findall("primitive"):
            if member.get("id") not in doomed:
                clone = clone_of(group)
                (group if clone is None else clone).addprevious(member)
                self._draft.touch(member.get("id"))

    def _take_out(self, element: etree._Element) -> None:
        for child in element.iter(*OBJECT_TAGS):
            self._note(child.get("id"))
        self._gone.update(dict.fromkeys(ids_within(element), self._path))
        self._draft.remove(element)

    def _note(self, name: str) -> None:
        self._gone[name] = self._path
        self._draft.touch(name)

    def settle_references(self) -> None:
        """Remove the references that may go with the removed objects; refuse if any other is left.

        Call this last: a declared constraint may no longer refer to them.
        """
        # A tag that loses its last resource is removed as well, and may have referrers itself.
        while dangling := self._dangling():
            for name, referrers in dangling.items():
                for referrer in referrers:
                    self._release(name, referrer)

    def _dangling(self) -> dict[str, list[Referrer]]:
        gone = {name for name in self._gone if name not in self._draft.by_id}
        if not gone:
            return {}
        referrers = self._draft.referrers()
        return {name: referrers[name] for name in gone if name in referrers}

    def _release(self, name: str, referrer: Referrer) -> None:
        element = referrer.element
        if element.tag == "rsc_location" and is_made_by_operator(element):
            self._draft.touch(element.get("id"))
            self._draft.remove(element)
        elif element.tag == "obj_ref":
            tag = element.getparent()
            tag.remove(element)
            self._draft.touch(tag.get("id"))
            if tag.find("obj_ref") is None:
                self._gone[tag.get("id")] = self._gone[name]
                self._draft.remove(tag)
        else:
            owner = self._draft.by_id.get(referrer.owner_id)
            kind = referrer.owner_tag if owner is None else kind_of(owner)
            raise ConflictError(
                self._gone[name],
                f"{name!r} cannot be removed, because the {kind} {referrer.owner_id!r}, which is not part of "
                f"this declaration, refers to it; remove that first",
            )
