"""Reconcile the primitives, groups and clones of a draft with a declaration."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lxml import etree

from ...common.errors import DeclarationError
from .. import values
from ..cib import nvpairs
from ..cib.draft import Draft
from ..cib.elements import CLONABLE_TAGS, OPERATOR_METAS, agent_of, clone_of, outermost
from ..declaration.model import Agent, Clone, Group, Operation, Primitive, Values
from ..errors import ConflictError

# pcs adds a monitor even with --no-default-ops: without one, a resource is not monitored.
_DEFAULT_OPERATIONS = (Operation("monitor", "60s"),)


def reconcile_primitive(
    draft: Draft, wanted: Primitive, parent: etree._Element, index: int | None
) -> etree._Element:
    """Create or change one primitive; insert a new one at ``index`` of ``parent``."""
    path = f"resources.{wanted.id}"
    element = draft.get(wanted.id)
    if element is None:
        return _new_primitive(draft, wanted, parent, index, path)
    if element.tag != "primitive":
        raise ConflictError(path, f"the cluster has a <{element.tag}> with this id, not a primitive")
    changed = _set_agent(element, wanted.agent, path) if wanted.agent else False
    changed |= _set_description(element, wanted.description)
    changed |= _reconcile_parts(draft, element, wanted)
    if changed:
        draft.touch(wanted.id)
    return element


def _new_primitive(
    draft: Draft, wanted: Primitive, parent: etree._Element, index: int | None, path: str
) -> etree._Element:
    if wanted.agent is None:
        raise DeclarationError(f"{path}.agent", "is missing, and the cluster has no such resource yet")
    element = draft.add(parent, "primitive", wanted.id, index=index)
    _set_agent(element, wanted.agent, path)
    _set_description(element, wanted.description)
    _reconcile_parts(draft, element, wanted)
    if wanted.operations is None:
        reconcile_operations(draft, element, _DEFAULT_OPERATIONS)
    draft.touch(wanted.id)
    return element


def _reconcile_parts(draft: Draft, element: etree._Element, wanted: Primitive) -> bool:
    changed = False
    if wanted.params is not None:
        changed |= nvpairs.reconcile(draft, element, nvpairs.PARAMS, wanted.params)
    changed |= _reconcile_meta(draft, element, wanted.meta)
    if wanted.operations is not None:
        changed |= reconcile_operations(draft, element, wanted.operations)
    if wanted.utilization is not None:
        changed |= nvpairs.reconcile(draft, element, nvpairs.UTILIZATION, wanted.utilization)
    return changed


def _reconcile_meta(
    draft: Draft,
    element: etree._Element,
    wanted: Values | None,
    keep: Collection[str] | None = OPERATOR_METAS,
) -> bool:
    if wanted is None:
        return False
    return nvpairs.reconcile(draft, element, nvpairs.META, wanted, keep=keep)


def _set_agent(element: etree._Element, agent: Agent, path: str) -> bool:
    if agent_of(element) == str(agent):
        return False
    if element.get("template"):
        raise ConflictError(
            f"{path}.agent",
            f"the cluster's resource takes its agent from the template {element.get('template')!r}; "
            "leave agent out",
        )
    for name, value in zip(("class", "provider", "type"), agent, strict=True):
        if value is None:
            element.attrib.pop(name, None)
        else:
            element.set(name, value)
    return True


def _set_description(element: etree._Element, description: str | None) -> bool:
    if description is None or element.get("description", "") == description:
        return False
    element.set("description", description)
    return True


def operation_key(element: etree._Element) -> tuple[str, object, str]:
    """Return the identity of an operation within its resource."""
    role = values.role(element.get("role", "Started")) or ""
    interval = values.meaning(values.Type.TIME, element.get("interval", "0"))
    return element.get("name", ""), interval, role


def reconcile_operations(draft: Draft, element: etree._Element, wanted: Sequence[Operation]) -> bool:
    """Make ``wanted`` the only operations of a primitive."""
    holder = element.find("operations")
    changed = False
    if holder is not None and holder.get("id-ref"):
        draft.remove(holder)
        holder = None
        changed = True
    live = {} if holder is None else {operation_key(op): op for op in holder.iterfind("op")}
    keys = {operation.key for operation in wanted}
    for key, op in live.items():
        if key not in keys:
            draft.remove(op)
            changed = True
    for operation in wanted:
        if operation.key in live:
            changed |= _change_operation(draft, live[operation.key], operation)
            continue
        if holder is None:
            holder = _new_operations(element)
        _new_operation(draft, element, holder, operation)
        changed = True
    if changed and holder is not None and holder.find("op") is None:
        draft.remove(holder)
    return changed


def _new_operations(element: etree._Element) -> etree._Element:
    holder = etree.Element("operations")
    follower = element.find("utilization")
    if follower is None:
        element.append(holder)
    else:
        follower.addprevious(holder)
    return holder


def _new_operation(draft: Draft, element: etree._Element, holder: etree._Element, wanted: Operation) -> None:
    interval = "".join(wanted.interval.split())
    name = draft.new_id(wanted.id or f"{element.get('id')}-{wanted.name}-interval-{interval}")
    attributes = {"name": wanted.name, "interval": wanted.interval, **wanted.attributes}
    op = draft.add(holder, "op", name, _spelled(attributes, draft.schema))
    if wanted.params:
        _reconcile_operation_params(draft, op, wanted.params)


def _change_operation(draft: Draft, op: etree._Element, wanted: Operation) -> bool:
    changed = False
    for name, value in _spelled(wanted.attributes, draft.schema).items():
        live = op.get(name)
        if live is None or not values.same(values.operation_type(name), live, value):
            op.set(name, value)
            changed = True
    for name in set(op.attrib) - {"id", "name", "interval", *wanted.attributes}:
        # A missing role means Started, so the key covers it.
        if name != "role":
            del op.attrib[name]
            changed = True
    return _reconcile_operation_params(draft, op, wanted.params) or changed


def _reconcile_operation_params(draft: Draft, op: etree._Element, wanted: Values) -> bool:
    return nvpairs.reconcile(draft, op, nvpairs.OPERATION_PARAMS, wanted)


def _spelled(attributes: Values, schema: str) -> dict[str, str]:
    found = dict(attributes)
    if "role" in found:
        found["role"] = values.role_for_schema(found["role"], schema)
    return found


def reconcile_clone(draft: Draft, element: etree._Element, wanted: Clone) -> etree._Element:
    """Clone a primitive or group as declared, or change its existing clone."""
    name = element.get("id")
    path = f"resources.{name}.clone"
    clone = clone_of(element)
    if clone is None:
        if element.getparent().tag != "resources":
            raise ConflictError(
                path,
                f"{name!r} is inside the {element.getparent().tag} {element.getparent().get('id')!r}, "
                "so it cannot be cloned by itself",
            )
        clone = _wrap(draft, element, wanted, path)
    elif wanted.id and clone.get("id") != wanted.id:
        raise ConflictError(
            f"{path}.id",
            f"{name!r} is already cloned as {clone.get('id')!r}, which this document does not own; "
            f"declare that id, or take it over with adopt: true",
        )
    if _reconcile_clone_meta(draft, clone, wanted, path):
        draft.touch(clone.get("id"))
    return clone


def _wrap(draft: Draft, element: etree._Element, wanted: Clone, path: str) -> etree._Element:
    if wanted.id and wanted.id in draft.by_id:
        raise ConflictError(
            f"{path}.id",
            f"the cluster has a <{draft.by_id[wanted.id].tag}> with the id {wanted.id!r} already",
        )
    parent = element.getparent()
    clone_id = wanted.id or draft.new_id(f"{element.get('id')}-clone")
    clone = draft.add(parent, "clone", clone_id, index=parent.index(element))
    clone.append(element)
    draft.touch(clone_id)
    draft.touch(element.get("id"))
    return clone


def _reconcile_clone_meta(draft: Draft, clone: etree._Element, wanted: Clone, path: str) -> bool:
    meta = dict(wanted.meta or {})
    is_master = clone.tag == "master"
    if wanted.promotable is False and is_master:
        raise ConflictError(
            f"{path}.promotable", f"the cluster's {clone.get('id')!r} is a <master>, always promotable"
        )
    keep = None if wanted.meta is None else {*OPERATOR_METAS, "promotable"}
    changed = False
    if wanted.promotable and not is_master:
        meta["promotable"] = "true"
    elif wanted.promotable is False and "promotable" not in meta:
        changed = nvpairs.remove(draft, clone, "meta_attributes", "promotable")
    return _reconcile_meta(draft, clone, meta, keep) or changed


def unwrap(draft: Draft, clone: etree._Element) -> None:
    """Remove a clone but keep its content."""
    inner = next(c for c in clone.iterchildren(*CLONABLE_TAGS))
    clone.addprevious(inner)
    draft.touch(clone.get("id"))
    draft.touch(inner.get("id"))
    draft.remove(clone)


def reconcile_group(
    draft: Draft,
    wanted: Group,
    members: Mapping[str, Primitive],
    index: int | None,
) -> etree._Element:
    """Create or change one group and its declared members.

    :param members: the declared primitives by id; other members must be in the cluster
    :param index: the index of a new group in ``<resources>``
    """
    path = f"resources.{wanted.id}"
    element = draft.get(wanted.id)
    if element is None:
        element = draft.add(draft.section("resources"), "group", wanted.id, index=index)
        draft.touch(wanted.id)
    elif element.tag != "group":
        raise ConflictError(path, f"the cluster has a <{element.tag}> with this id, not a group")
    changed = _set_description(element, wanted.description)
    before = _members(element)
    for position, name in enumerate(wanted.members):
        if name in members:
            reconcile_primitive(draft, members[name], element, None)
        elif name not in draft.by_id:
            raise DeclarationError(
                f"{path}.group[{position}]", f"no resource {name!r} is declared or in the cluster"
            )
    changed |= _reconcile_members(draft, element, wanted, before)
    changed |= _reconcile_meta(draft, element, wanted.meta)
    if changed:
        draft.touch(wanted.id)
    return element


def leave_group(draft: Draft, name: str) -> None:
    """Move a member of a group out of it, behind the group."""
    member = draft.by_id[name]
    group = member.getparent()
    outermost(group).addnext(member)
    draft.touch(name)
    draft.touch(group.get("id"))


def _reconcile_members(draft: Draft, group: etree._Element, wanted: Group, before: Sequence[str]) -> bool:
    staying = [name for name in _members(group) if name in before]
    target = merged_order(staying, wanted.members)
    for name in target:
        member = draft.by_id[name]
        parent = member.getparent()
        if parent is not group:
            _check_movable(member, wanted.id, wanted.members.index(name))
            if parent.tag == "group":
                draft.touch(parent.get("id"))
            draft.touch(name)
            group.append(member)
    if _members(group) != target:
        _arrange(group, [draft.by_id[name] for name in target])
    return target != before


def _members(group: etree._Element) -> list[str]:
    return [member.get("id") for member in group.iterfind("primitive")]


def _arrange(group: etree._Element, members: Sequence[etree._Element]) -> None:
    """Reorder the members of a group; leave its other elements in place."""
    start = group.index(group.find("primitive"))
    for member in members:
        group.remove(member)
    for offset, member in enumerate(members):
        group.insert(start + offset, member)


def _check_movable(member: etree._Element, group: str, index: int) -> None:
    parent = member.getparent()
    if member.tag != "primitive" or parent.tag not in ("resources", "group"):
        holder = f"inside the {parent.tag} {parent.get('id')!r}"
        found = holder if member.tag == "primitive" else f"a {member.tag}"
        raise ConflictError(
            f"resources.{group}.group[{index}]",
            f"{member.get('id')!r} is {found} in the cluster, so it cannot become a member",
        )


def merged_order(current: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Merge ``wanted`` into ``current`` in the order of ``wanted``; other names keep their places.

    >>> merged_order(["a", "x", "b"], ["b", "a"])
    ['b', 'x', 'a']
    >>> merged_order(["x", "b"], ["a", "b", "c"])
    ['x', 'a', 'b', 'c']
    """
    present = set(current)
    in_order = iter([name for name in wanted if name in present])
    merged = [next(in_order) if name in wanted else name for name in current]
    for index, name in enumerate(wanted):
        if name in present:
            continue
        if index:
            merged.insert(merged.index(wanted[index - 1]) + 1, name)
        else:
            followers = [merged.index(other) for other in wanted[index + 1 :] if other in merged]
            merged.insert(min(followers, default=len(merged)), name)
    return merged
