"""A patchset is for one version only, and holds what differs and nothing else."""

from __future__ import annotations

from lxml import etree

from saltext_cinder_ha.pacemaker.cib.document import Cib, Version
from saltext_cinder_ha.pacemaker.cib.patch import difference
from tests.planning import cib, pairs, primitive


def changes(old: Cib, new: Cib) -> list[tuple[str, str]]:
    root = etree.fromstring(difference(old, new).to_xml(old.version))
    return [(c.get("operation"), c.get("path")) for c in root.iterfind("change")]


def test_a_patchset_names_its_source_in_full_and_the_next_epoch() -> None:
    patchset = difference(cib(), cib(primitive("a"))).to_xml(Version(1, 5, 3))
    versions = etree.fromstring(patchset).find("version")
    assert [dict(v.attrib) for v in versions] == [
        {"admin_epoch": "1", "epoch": "5", "num_updates": "3"},
        {"admin_epoch": "1", "epoch": "6", "num_updates": "0"},
    ]


def test_a_patch_can_be_rendered_again_for_another_version() -> None:
    patch = difference(cib(primitive("b")), cib(primitive("b") + primitive("a")))
    first, second = (etree.fromstring(patch.to_xml(Version(0, n, 0))) for n in (1, 2))
    assert [etree.tostring(c) for c in first[1:]] == [etree.tostring(c) for c in second[1:]]
    assert len(first) == 2


def test_what_is_alike_makes_no_change() -> None:
    one = cib(primitive("a", pairs("meta_attributes", "m", x="1")))
    assert not difference(one, one.copy())


def test_the_order_of_attributes_and_comments_make_no_change() -> None:
    one = cib('<primitive id="a" class="ocf" provider="p" type="t"/>')
    other = cib('<!-- hi --><primitive type="t" provider="p" class="ocf" id="a"/>')
    assert not difference(one, other)


def test_an_empty_attribute_is_none() -> None:
    one = cib('<primitive id="a" class="lsb" type="t" description=""/>')
    assert not difference(one, cib('<primitive id="a" class="lsb" type="t"/>'))


def test_the_status_and_the_version_are_never_part_of_a_patch() -> None:
    other = cib()
    other.root.set("epoch", "9")
    etree.SubElement(other.root.find("status"), "node_state", id="1")
    assert not difference(cib(), other)


def test_what_is_gone_goes_before_anything_comes() -> None:
    old = cib(primitive("a") + primitive("b"))
    new = cib(primitive("c") + primitive("b", pairs("meta_attributes", "m", x="1")))
    operations = [operation for operation, _ in changes(old, new)]
    assert operations == ["delete", "create", "create"]


def test_siblings_in_another_order_are_all_moved() -> None:
    old = cib(primitive("a") + primitive("b") + primitive("c"))
    new = cib(primitive("c") + primitive("a") + primitive("b"))
    assert changes(old, new) == [
        ("move", f"/cib/configuration/resources/primitive[@id='{name}']") for name in "cab"
    ]


def test_a_value_that_changed_is_one_modification() -> None:
    old = cib(primitive("a", pairs("meta_attributes", "m", x="1", y="1")))
    new = cib(primitive("a", pairs("meta_attributes", "m", x="1", y="2")))
    ((operation, path),) = changes(old, new)
    assert operation == "modify"
    assert path.endswith("/nvpair[@id='m-y']")
