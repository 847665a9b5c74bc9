"""The differences between snapshot and draft, with secrets masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from ...common.secrets import is_masked
from ..cib import nvpairs
from ..cib.draft import Draft
from ..cib.elements import CONSTRAINT_TAGS, OBJECT_TAGS, agent_of
from ..cib.masking import Mask
from ..declaration import Declaration
from . import options, ownership
from .describe import describe, kind_of
from .model import AgentUse, Change

_SECTIONS = {"fencing-level": ownership.FENCING_LEVEL, "tag": ownership.TAG}


def changes_of(draft: Draft, mask: Mask) -> Iterator[Change]:
    """Yield the change of each option and object that differs from the snapshot."""
    for kind in options.KINDS:
        yield from _option_changes(draft, kind, mask)
    for name in draft.touched:
        change = _object_change(draft, name, mask)
        if change:
            yield change


def _option_changes(draft: Draft, kind: str, mask: Mask) -> Iterator[Change]:
    before, after = options.read(draft.snapshot, kind), options.read(draft.cib, kind)
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            old, new = mask.update("", _only(before, [name]), _only(after, [name]))
            yield Change(kind, name, "option", old.get(name), new.get(name))


def _object_change(draft: Draft, name: str, mask: Mask) -> Change | None:
    before, after = draft.snapshot.by_id.get(name), draft.get(name)
    element = before if after is None else after
    if element is None or (before is not None and before.tag not in OBJECT_TAGS):
        return None
    old = None if before is None else describe(before)
    new = None if after is None else describe(after)
    if old == new:
        return None
    shown_old: Mapping[str, str] | None
    shown_new: Mapping[str, str] | None
    if old is not None and new is not None:
        differing = [k for k in {**old, **new} if old.get(k) != new.get(k)]
        shown_old, shown_new = mask.update(name, _only(old, differing), _only(new, differing))
    else:
        shown_old = None if old is None else mask.fields(name, old)
        shown_new = None if new is None else mask.fields(name, new)
    return Change(_section_of(element), name, kind_of(element), shown_old, shown_new)


def _only(found: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: found[name] for name in names if name in found}


def _section_of(element: etree._Element) -> str:
    if element.tag in CONSTRAINT_TAGS:
        return ownership.CONSTRAINT
    return _SECTIONS.get(element.tag, ownership.RESOURCE)


def carries_secret(change: Change) -> bool:
    """Return whether the patch for this change contains a secret value."""
    new = change.new.values() if isinstance(change.new, Mapping) else [change.new or ""]
    return any(map(is_masked, new))


def agent_uses(declaration: Declaration, draft: Draft, changes: Iterable[Change]) -> Iterator[AgentUse]:
    """Yield the declared resources whose agent or parameters change, with their final parameters."""
    changed = {change.name for change in changes if _concerns_agent(change)}
    for primitive in declaration.primitives:
        if primitive.id in changed:
            element = draft.by_id[primitive.id]
            agent = agent_of(element)
            if agent:
                params = nvpairs.read(element, "instance_attributes")
                yield AgentUse(primitive.id, agent, params)


def _concerns_agent(change: Change) -> bool:
    if change.kind != "primitive" or not isinstance(change.new, Mapping):
        return False
    fields = {**change.new, **(change.old or {})} if isinstance(change.old, Mapping) else change.new
    return any(name == "agent" or name.startswith("params.") for name in fields)
