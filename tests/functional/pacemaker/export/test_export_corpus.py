"""Promises that hold for any configuration: a corpus of CIBs, one file each; adding one costs nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from saltext_cinder_ha.common import process
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.masking import Mask
from saltext_cinder_ha.pacemaker.cib.schema import violation
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.export import Export, export
from saltext_cinder_ha.pacemaker.plan.model import Plan
from saltext_cinder_ha.pacemaker.plan.planner import make_plan
from saltext_cinder_ha.pacemaker.store.file import FileStore
from saltext_cinder_ha.pacemaker.transaction.commit import AgentCheck, Outcome, Policy, commit

pytestmark = pytest.mark.one_salt

CORPUS = sorted((Path(__file__).parents[3] / "data" / "corpus").glob("*.xml"))
SECTIONS = (
    "crm_config",
    "resources",
    "constraints",
    "rsc_defaults",
    "op_defaults",
    "fencing-topology",
    "tags",
)
DOCUMENT = "cinder_ha"
SCHEMAS = "/usr/share/pacemaker"
# Settling writes no configuration, and the agents of the corpus are nowhere installed.
POLICY = Policy(settle=False, agent_check=AgentCheck.SKIP)
OPEN = Mask(show=True)

# The OpenStack HA guide, "Highly available Block Storage API", the lines for pcs.
CINDER: dict[str, Any] = {
    "resources": {
        "openstack-cinder-api": {
            "agent": "systemd:openstack-cinder-api",
            "clone": {"meta": {"interleave": True}},
        },
        "openstack-cinder-scheduler": {
            "agent": "systemd:openstack-cinder-scheduler",
            "clone": {"meta": {"interleave": True}},
        },
        "openstack-cinder-volume": {"agent": "systemd:openstack-cinder-volume"},
    },
    "constraints": [
        {"order": {"first": "openstack-cinder-api-clone", "then": "openstack-cinder-scheduler-clone"}},
        {
            "colocation": {
                "resource": "openstack-cinder-scheduler-clone",
                "with": "openstack-cinder-api-clone",
            }
        },
        {"order": {"first": "openstack-cinder-scheduler-clone", "then": "openstack-cinder-volume"}},
        {
            "colocation": {
                "resource": "openstack-cinder-volume",
                "with": "openstack-cinder-scheduler-clone",
            }
        },
    ],
}
OPTIONS: dict[str, Any] = {
    "properties": {"pe-warn-series-max": 1000},
    "resource_defaults": {"remote-allow-migrate": True},
    "operation_defaults": {"on-fail": "restart"},
}


def read(path: Path) -> Cib:
    return Cib.parse(path.read_bytes(), path.name)


@pytest.fixture(params=CORPUS, ids=lambda path: path.stem)
def corpus_file(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def cib(corpus_file: Path) -> Cib:
    return read(corpus_file)


@pytest.fixture
def store(corpus_file: Path, tmp_path: Path) -> FileStore:
    """A sandbox with a copy of the CIB in it."""
    copy = tmp_path / "cib.xml"
    shutil.copy(corpus_file, copy)
    return FileStore(copy, [], 60)


def apply(store: FileStore, declaration: dict[str, Any]) -> Outcome:
    return commit(store, parse_declaration(declaration), POLICY, document=DOCUMENT, writer="ctl1")


def objects(cib: Cib) -> Iterator[tuple[str, bytes]]:
    """Everything right below a section, byte for byte, by its section and id or number.

    The status too: it holds the state of tickets.
    """
    for section in (*cib.configuration, *cib.root.iterfind("status")):
        if not isinstance(section.tag, str):
            yield "comment", etree.tostring(section)
            continue
        for number, element in enumerate(section):
            name = element.get("id") if isinstance(element.tag, str) else f"comment {number}"
            yield f"{section.tag}.{name}", etree.tostring(element, with_tail=False)


def canonical(cib: Cib) -> bytes:
    return bytes(etree.tostring(cib.configuration, method="c14n"))


def plan_of(found: Export, cib: Cib) -> Plan:
    return make_plan(parse_declaration(found.declaration), cib, document=None)


def exported(cib: Cib) -> Export:
    found = export(cib, [], OPEN)
    # As a user would: through the text of a pillar.
    return Export(yaml.safe_load(yaml.safe_dump(found.declaration, sort_keys=False)), found.left_out)


WHOLE = [path for path in CORPUS if not exported(read(path)).left_out]


def test_the_corpus_exercises_every_element_of_the_schema() -> None:
    found = {str(element.tag) for path in CORPUS for element in read(path).configuration.iter(etree.Element)}
    assert elements_of_schema("pacemaker-3.9.rng") - {"cib", "status"} <= found


def elements_of_schema(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The elements that a CIB's configuration may have, by the schema that Pacemaker brings."""
    grammar = etree.parse(str(Path(SCHEMAS, name)))
    found = set(map(str, grammar.xpath("//*[local-name()='element']/@name")))
    for more in set(map(str, grammar.xpath("//*[local-name()='externalRef']/@href"))) - seen - {name}:
        found |= elements_of_schema(more, seen | {name})
    return found


def test_the_corpus_is_of_cibs(corpus_file: Path, cib: Cib) -> None:
    answer = process.run(["cibadmin", "--query"], settings={"CIB_file": str(corpus_file)}, timeout=60)
    assert answer.returncode == 0
    assert violation(cib) is None


def test_an_export_planned_on_its_own_cib_changes_nothing(cib: Cib) -> None:
    plan = plan_of(exported(cib), cib)
    assert plan.to_dict() == {}
    assert not plan


def test_each_resource_exported_alone_changes_nothing(cib: Cib) -> None:
    for name in [e.get("id", "") for e in cib.configuration.iter("primitive", "group", "clone")]:
        assert not plan_of(export(cib, [name], OPEN), cib), name


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.stem)
def test_an_export_that_leaves_nothing_out_makes_the_same_from_nothing(path: Path) -> None:
    cib = read(path)
    found = exported(cib)
    bare = cib.copy()
    for section in SECTIONS:
        element = bare.section(section)
        if element is not None:
            element[:] = []
    made = plan_of(found, bare).target
    assert not plan_of(found, made)
    assert not plan_of(exported(made), cib)


def test_a_document_touches_nothing_of_the_others(store: FileStore) -> None:
    before = list(objects(store.read()))
    assert apply(store, CINDER).written
    assert [found for found in objects(store.read()) if found in before] == before


def test_a_document_that_comes_and_goes_leaves_no_trace(store: FileStore) -> None:
    before = canonical(store.read())
    declaration = {**CINDER, **OPTIONS}
    assert apply(store, declaration).written
    assert canonical(store.read()) != before
    assert not apply(store, declaration).proposal.plan
    assert apply(store, {}).written
    assert canonical(store.read()) == before
