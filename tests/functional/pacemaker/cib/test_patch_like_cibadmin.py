"""What ``cibadmin --patch`` makes of our patchsets is exactly what was aimed at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from lxml import etree

from saltext_cinder_ha.common import process
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.patch import difference

pytestmark = pytest.mark.one_salt

TAGS = ("primitive", "group", "meta_attributes", "nvpair")
# Pacemaker drops empty attributes, and cannot escape what stands behind a character beyond ASCII.
VALUES = st.text("ab &<>\"'/[]@", min_size=1, max_size=4) | st.text("aé漢", min_size=1, max_size=4)
ATTRIBUTES = st.dictionaries(st.sampled_from(["name", "value", "score"]), VALUES, max_size=2)


@st.composite
def trees(draw: st.DrawFn) -> Cib:
    """A configuration of nested elements, some with a reference instead of an id; no schema is asked."""
    root = etree.fromstring(
        '<cib validate-with="none" admin_epoch="0" epoch="7" num_updates="3"><configuration>'
        "<crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>"
    )
    parents = [root.find("configuration/resources"), root.find("configuration/constraints")]
    for name in draw(st.permutations("abcdefgh"))[: draw(st.integers(0, 8))]:
        parent = draw(st.sampled_from(parents))
        attributes = draw(ATTRIBUTES)
        attributes["id" if draw(st.integers(0, 4)) else "id-ref"] = name
        tag = draw(st.sampled_from(TAGS))
        parents.append(etree.SubElement(parent, tag, attributes))
    return Cib.parse(etree.tostring(root), "the test")


def patched(old: Cib, new: Cib, folder: Path) -> Cib:
    path = folder / "cib.xml"
    path.write_bytes(old.to_xml())
    patchset = difference(old, new).to_xml(old.version)
    done = process.run(
        ["cibadmin", "--patch", "--xml-pipe"], stdin=patchset, settings={"CIB_file": str(path)}
    )
    assert done.returncode == 0, (done.returncode, done.stderr, patchset.decode())
    return Cib.parse(path.read_bytes(), "the test")


def text(cib: Cib) -> str:
    """The configuration, the order of attributes aside."""
    for element in cib.configuration.iter():
        items = sorted(element.attrib.items())
        element.attrib.clear()
        element.attrib.update(items)
    etree.indent(cib.configuration)
    return etree.tostring(cib.configuration).decode()


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(old=trees(), new=trees())
def test_a_random_difference_makes_exactly_the_target(tmp_path: Path, old: Cib, new: Cib) -> None:
    note(f"{text(old)}\n{text(new)}")
    assert bool(difference(old, new)) == (text(old.copy()) != text(new.copy()))
    if difference(old, new):
        result = patched(old, new, tmp_path)
        assert text(result) == text(new.copy())
        assert result.version == (0, 8, 0)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<x id="1"/><x id-ref="a"/>', '<x id="1"/>'),
        ('<x id="1"/><x id-ref="a"/>', '<x id="1"/><x id-ref="b"/>'),
        ('<x id-ref="a"/><x id-ref="b"/>', '<x id-ref="b"/>'),
        ('<x id-ref="a"/><y id="1"/><y id="2"/>', '<y id="2"/><x id-ref="a"/><y id="1"/>'),
        ('<x id="1"/><x id-ref="a"><y id="2"/></x>', '<x id="1"/><x id-ref="a"><y id="3"/></x>'),
        ('<x id="1"/><x/><y id="2"/>', '<y id="2"/><x id="1"/><x/>'),
    ],
)
def test_elements_without_an_id_are_not_mistaken_for_their_siblings(
    tmp_path: Path, old: str, new: str, backwards: bool
) -> None:
    before, after = (cib_with(new), cib_with(old)) if backwards else (cib_with(old), cib_with(new))
    assert text(patched(before, after, tmp_path)) == text(after)


def cib_with(content: str) -> Cib:
    xml = (
        '<cib validate-with="none" admin_epoch="0" epoch="7" num_updates="3"><configuration>'
        f'<crm_config/><nodes/><resources><group id="g">{content}</group></resources><constraints/>'
        "</configuration><status/></cib>"
    )
    return Cib.parse(xml.encode(), "the test")
