"""Make a plan from a declaration and a snapshot.

On a copy, first remove the objects that are owned but no longer declared, then reconcile the declared ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from ...common.errors import DeclarationError
from .. import values
from ..cib.document import Cib
from ..cib.draft import Draft
from ..cib.elements import OBJECT_TAGS, clone_of, outermost
from ..cib.interventions import read_interventions
from ..cib.masking import Mask
from ..cib.patch import difference
from ..cib.schema import violation
from ..declaration import Declaration, Group, Resource
from ..errors import CibError, ConflictError
from . import constraints, fencing, options, ownership, resources, tags
from .changes import agent_uses, carries_secret, changes_of
from .model import OwnershipChange, Plan
from .ownership import Key, Record, Writing
from .removal import Removal

_OBJECT_KINDS = (ownership.RESOURCE, ownership.CONSTRAINT, ownership.FENCING_LEVEL, ownership.TAG)
# Optional sections of a CIB; a plan removes those that it empties.
_OPTIONAL_SECTIONS = ("rsc_defaults", "op_defaults", fencing.SECTION, tags.SECTION)


def make_plan(
    declaration: Declaration,
    snapshot: Cib,
    *,
    document: str | None,
    writer: str = "",
    show_secrets: bool = False,
) -> Plan:
    """Plan the changes from ``snapshot`` to ``declaration``.

    :param document: the name under which objects are owned and pruned; None: neither
    :param writer: the name of the writer, recorded with the owned objects
    :param show_secrets: whether the changes show secret values
    :raises DeclarationError: the declaration conflicts with the configuration

    >>> from saltext_cinder_ha.pacemaker.declaration import parse_declaration
    >>> sections = b"<crm_config/><resources/><constraints/>"
    >>> empty = Cib.parse(b"<cib><configuration>%b</configuration></cib>" % sections, "example")
    >>> declaration = parse_declaration({"properties": {"stonith-enabled": True}})
    >>> make_plan(declaration, empty, document="demo").to_dict()
    {'properties': {'stonith-enabled': {'old': None, 'new': 'true'}}}
    """
    return _Planner(declaration, snapshot, document, writer, show_secrets).plan()


class _Planner:
    """Makes one plan; use it once."""

    def __init__(
        self,
        declaration: Declaration,
        snapshot: Cib,
        document: str | None,
        writer: str,
        show_secrets: bool,
    ):
        self.declaration = declaration
        self.snapshot = snapshot
        self.document = document
        self.writer = writer
        self.draft = Draft(snapshot)
        self.records = ownership.read_records(snapshot)
        self.record = self.records.get(document or "", Record(document or ""))
        self.mask = Mask(self._secrets(), show=show_secrets)
        self.matched = constraints.match(self.draft, declaration.constraints)
        self.declared: set[Key] = set(self._declared_before())
        self.notes: list[str] = []

    def plan(self) -> Plan:
        self._note_typos()
        removal = self._remove()
        self._reconcile_options()
        self._reconcile_resources()
        removal.remove_empty_groups()
        self._reconcile_tags()
        self._reconcile_constraints()
        self._reconcile_fencing_levels()
        removal.settle_references()
        self._drop_empty_sections()
        changes = tuple(changes_of(self.draft, self.mask))
        ownership = self._record_ownership(bool(changes))
        patch = difference(self.snapshot, self.draft.cib)
        if patch:
            self._check_schema()
        return Plan(
            document=self.document or "",
            snapshot=self.snapshot,
            target=self.draft.cib,
            patch=patch,
            changes=changes,
            ownership=ownership,
            interventions=read_interventions(self.snapshot),
            notes=tuple(self.notes),
            agents=tuple(agent_uses(self.declaration, self.draft, changes)),
            carries_secret=any(map(carries_secret, changes)),
            secrets=self._secrets(),
        )

    # What is declared, as keys of ownership

    def _declared_before(self) -> Iterator[Key]:
        """Yield the keys of the declared objects that can be derived from the snapshot."""
        for resource in self.declaration.resources:
            # An object of another kind is removed first, if this document owns it.
            if not self._is_of_another_kind(resource):
                yield ownership.RESOURCE, resource.id
            if resource.clone:
                yield ownership.RESOURCE, self._clone_id(resource)
        for matched in self.matched:
            if matched.element is not None:
                yield ownership.CONSTRAINT, matched.element.get("id")
        for level in self.declaration.fencing_levels:
            element = fencing.find(self.draft, level)
            if element is not None:
                yield ownership.FENCING_LEVEL, element.get("id")
        for tag in self.declaration.tags:
            if tags.find(self.draft, tag) is not None:
                yield ownership.TAG, tag.id
        for kind in options.KINDS:
            for name in options.declared(self.declaration, kind):
                yield kind, name

    def _is_of_another_kind(self, resource: Resource) -> bool:
        element = self.draft.get(resource.id)
        kind = "group" if isinstance(resource, Group) else "primitive"
        return element is not None and element.tag != kind

    def _clone_id(self, resource: Resource) -> str:
        wanted = resource.clone.id if resource.clone else None
        element = self.draft.get(resource.id)
        wrapper = None if element is None else clone_of(element)
        if wrapper is not None and wanted in (None, wrapper.get("id")):
            return str(wrapper.get("id"))
        return wanted or f"{resource.id}-clone"

    def _secrets(self) -> frozenset[str]:
        recorded = (name for record in self.records.values() for name in record.secrets)
        return frozenset((*recorded, *self._declared_secrets()))

    def _declared_secrets(self) -> frozenset[str]:
        return frozenset(f"{p.id}.{name}" for p in self.declaration.primitives for name in p.secret)

    # Removal

    def _others(self) -> frozenset[Key]:
        """Return the keys that other documents own; the last owner removes the object."""
        return frozenset(
            key
            for name, record in self.records.items()
            if name != self.record.document
            for key in record.objects
        )

    def _remove(self) -> Removal:
        doomed = self.record.objects - self.declared - self._others() if self.document else frozenset()
        for kind, name in sorted(doomed):
            if kind in options.KINDS:
                options.remove(self.draft, kind, name)
        pruned = {name: f"{kind}.{name}" for kind, name in sorted(doomed) if kind in _OBJECT_KINDS}
        absent = {name: f"absent[{i}]" for i, name in enumerate(self.declaration.absent)}
        for name, path in absent.items():
            element = self.draft.get(name)
            if element is not None and element.tag not in OBJECT_TAGS:
                raise ConflictError(
                    path,
                    f"{name!r} is a <{element.tag}> in the cluster; absent accepts resources, constraints, "
                    "fencing levels and tags",
                )
        removal = Removal(self.draft, {**pruned, **absent})
        removal.remove([*pruned, *absent])
        return removal

    # Reconciliation

    def _note_typos(self) -> None:
        """Add notes about input that is allowed, but most likely a typo."""
        for name in self.declaration.properties:
            meant = values.misspelled_property(name)
            if meant:
                self.notes.append(f"properties.{name}: Pacemaker has no such option; did you mean {meant}?")
        for primitive in self.declaration.primitives:
            given = {*(primitive.params or ()), *(n for o in primitive.operations or () for n in o.params)}
            for name in sorted(primitive.secret - given if given else ()):
                self.notes.append(f"resources.{primitive.id}.secret: no parameter {name!r} is given")

    def _reconcile_options(self) -> None:
        for kind in options.KINDS:
            options.reconcile(self.draft, kind, options.declared(self.declaration, kind))

    def _reconcile_resources(self) -> None:
        members = {m for group in self.declaration.groups for m in group.members}
        primitives = {p.id: p for p in self.declaration.primitives}
        self._free_members(primitives.keys() - members)
        section = self.draft.section("resources")
        top = [r for r in self.declaration.resources if r.id not in members]
        for position, resource in enumerate(top):
            index = self._index_of_new(top, position) if resource.id not in self.draft.by_id else None
            if isinstance(resource, Group):
                element = resources.reconcile_group(self.draft, resource, primitives, index)
            else:
                element = resources.reconcile_primitive(self.draft, resource, section, index)
            if resource.clone:
                clone = resources.reconcile_clone(self.draft, element, resource.clone)
                self.declared.add((ownership.RESOURCE, clone.get("id")))
        self.declared.update((ownership.RESOURCE, r.id) for r in self.declaration.resources)

    def _free_members(self, outside: Set[str]) -> None:
        """Move owned resources that are declared outside of any group out of the declared groups."""
        groups = {group.id for group in self.declaration.groups}
        for name in sorted(outside):
            element = self.draft.get(name)
            if element is None or (ownership.RESOURCE, name) not in self.record.objects:
                continue
            parent = element.getparent()
            if parent.tag == "group" and parent.get("id") in groups:
                resources.leave_group(self.draft, name)

    def _index_of_new(self, top: list[Resource], position: int) -> int | None:
        """Return the index for a new resource: next to its neighbours in the declaration."""
        for before in reversed(top[:position]):
            outer = outermost(self.draft.by_id[before.id])
            return int(outer.getparent().index(outer)) + 1
        for after in top[position + 1 :]:
            if after.id in self.draft.by_id:
                outer = outermost(self.draft.by_id[after.id])
                return int(outer.getparent().index(outer))
        return None

    def _reconcile_tags(self) -> None:
        for tag in self.declaration.tags:
            element = tags.reconcile(self.draft, tag)
            self.declared.add((ownership.TAG, element.get("id")))

    def _reconcile_constraints(self) -> None:
        nodes = set(self.snapshot.node_names())
        for matched in self.matched:
            node = matched.wanted.attributes.get("node")
            if node and nodes and node not in nodes:
                self.notes.append(f"{matched.wanted.path}.node: the cluster has no node {node!r}")
            element = constraints.reconcile(self.draft, matched)
            self.declared.add((ownership.CONSTRAINT, element.get("id")))

    def _reconcile_fencing_levels(self) -> None:
        for level in self.declaration.fencing_levels:
            element = fencing.reconcile(self.draft, level)
            self.declared.add((ownership.FENCING_LEVEL, element.get("id")))

    def _drop_empty_sections(self) -> None:
        for tag in _OPTIONAL_SECTIONS:
            section, before = self.draft.cib.section(tag), self.snapshot.section(tag)
            if section is not None and len(section) == 0 and (before is None or len(before)):
                section.getparent().remove(section)

    # Validation

    def _check_schema(self) -> None:
        problem = violation(self.draft.cib)
        if problem and violation(self.snapshot):
            raise CibError(
                f"the current configuration violates Pacemaker's schema {self.draft.schema}: {problem}"
            )
        if problem:
            raise DeclarationError(
                "", f"Pacemaker's schema {self.draft.schema} does not allow the result: {problem}"
            )

    # Ownership

    def _record_ownership(self, changed: bool) -> OwnershipChange:
        if not self.document:
            return OwnershipChange()
        objects = frozenset(self._owned_now())
        secrets = self._declared_secrets()
        self._note_other_writer(changed)
        if objects == self.record.objects and secrets == self.record.secrets and not changed:
            return OwnershipChange()
        writing = Writing(self.writer, self.declaration.fingerprint)
        last = self.record.last
        previous = last if last and last.content != writing.content else self.record.previous
        ownership.write_record(self.draft, Record(self.document, objects, secrets, writing, previous))
        taken = {k for k in objects - self.record.objects if self._was_there(k)}
        # Also release objects that another process removed; removals by this plan are changes of their own.
        gone = self.record.objects - objects
        released = {k for k in gone if self._is_there(k) or not self._was_there(k)}
        marked = {("secrets", name) for name in secrets}
        unmarked = {("secrets", name) for name in self.record.secrets}
        if objects == self.record.objects and not changed:
            taken |= marked - unmarked
            released |= unmarked - marked
        return OwnershipChange(_as_names(taken), _as_names(released))

    def _owned_now(self) -> Iterator[Key]:
        others = self._others()
        for key in self.declared:
            mine = key in self.record.objects or self.declaration.adopt
            if mine or key in others or not self._was_there(key):
                yield key

    def _was_there(self, key: Key) -> bool:
        return _exists(self.snapshot, key)

    def _is_there(self, key: Key) -> bool:
        kind, name = key
        return name in self.draft.by_id if kind in _OBJECT_KINDS else _exists(self.draft.cib, key)

    def _note_other_writer(self, changed: bool) -> None:
        last, previous = self.record.last, self.record.previous
        if not changed or last is None or last.content == self.declaration.fingerprint:
            return
        if previous and previous.content == self.declaration.fingerprint:
            self.notes.append(
                f"{last.writer} has replaced this same content ({previous.content}, written by "
                f"{previous.writer}) with different content ({last.content}): do the minions' pillars differ?"
            )
        elif last.writer != self.writer:
            self.notes.append(f"last written by {last.writer}, with different content ({last.content})")


def _exists(cib: Cib, key: Key) -> bool:
    kind, name = key
    if kind in _OBJECT_KINDS:
        return name in cib.by_id
    return name in options.read(cib, kind)


def _as_names(keys: set[Key]) -> tuple[str, ...]:
    return tuple(sorted(f"{kind}.{name}" for kind, name in keys))
