"""What a section holds when its first objects arrive is what one creation each would have left."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.patch import difference
from saltext_cinder_ha.pacemaker.programs.cibadmin import Push
from saltext_cinder_ha.pacemaker.store.file import FileStore
from tests.planning import applied, cib, dummies

pytestmark = pytest.mark.one_salt

ORDERED = {
    "resources": dummies("a", "b", "c", params={"fake": "x"}),
    "constraints": [{"order": {"first": "a", "then": "b"}}],
    "resource_defaults": {"resource-stickiness": 100},
}
EMPTY = {
    "empty sections": cib(),
    "a comment in the section": cib("<!-- the operator's -->"),
    "comments around": cib(more="<!-- one --><rsc_defaults/><!-- two --><tags/>"),
    "an attribute of the section": cib(
        more='<fencing-topology/><acls><acl_role id="r"/></acls>', crm_config="<!-- c -->"
    ),
}


def pushed(snapshot: Cib, target: Cib, folder: Path) -> Cib:
    """What ``cibadmin`` makes of the patch from the one to the other."""
    path = folder / "cib.xml"
    path.write_bytes(snapshot.to_xml())
    store = FileStore(path, ["ctl1"], timeout=30)
    assert store.push(difference(snapshot, target).to_xml(snapshot.version)) is Push.COMMITTED
    return store.read()


def exactly(snapshot: Cib) -> bytes:
    return etree.tostring(snapshot.configuration, method="c14n")


@pytest.mark.parametrize("name", EMPTY)
def test_the_first_objects_of_a_section_arrive_as_planned_and_in_order(name, tmp_path):
    target = applied(ORDERED, EMPTY[name])
    assert exactly(pushed(EMPTY[name], target, tmp_path)) == exactly(target)


def test_the_first_objects_of_a_section_take_as_many_changes_however_many_they_are():
    few, many = (
        difference(cib(), applied({"resources": dummies(*names)}, cib()))
        for names in (["a"], [f"r{number}" for number in range(50)])
    )
    assert len(few.changes) == len(many.changes)


def test_a_section_that_holds_something_is_never_replaced(tmp_path):
    before = applied({"resources": dummies("a")}, cib())
    after = applied({"resources": dummies("a", "b", "c")}, before)
    paths = [change.get("path") for change in difference(before, after).changes]
    assert "/cib/configuration/resources" in paths
    assert "/cib/configuration" not in paths
    assert exactly(pushed(before, after, tmp_path)) == exactly(after)


def test_the_inverse_of_a_first_push_empties_the_sections_again(tmp_path):
    target = applied(ORDERED, cib())
    there = pushed(cib(), target, tmp_path)
    assert exactly(pushed(there, cib(), tmp_path)) == exactly(cib())
