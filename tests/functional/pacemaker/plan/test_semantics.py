"""What Pacemaker reads alike is no change; what it does not is one that names old and new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from saltext_cinder_ha.pacemaker.cib.schema import violation
from tests.sandboxes import Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

DECLARATION: dict[str, Any] = {
    "properties": {"maintenance-mode": False, "cluster-recheck-interval": "5min"},
    "resource_defaults": {"resource-stickiness": "INFINITY"},
    "operation_defaults": {"timeout": "60s"},
    "resources": {
        "a": {
            "agent": "ocf:pacemaker:Dummy",
            "params": {"fake": "x", "op_sleep": 1},
            "meta": {"failure-timeout": "60s", "migration-threshold": 3},
            "utilization": {"cpu": 2},
            "operations": [
                {"name": "monitor", "interval": "30s", "timeout": "20s"},
                {"name": "start", "interval": "0s", "timeout": "90s"},
            ],
        },
        "p": {
            "agent": "ocf:pacemaker:Stateful",
            "operations": [
                {"name": "monitor", "interval": "10s", "role": "Promoted"},
                {"name": "monitor", "interval": "11s", "role": "Unpromoted"},
            ],
            "clone": {"promotable": True, "meta": {"interleave": True}},
        },
    },
    "constraints": [
        {"colocation": {"resource": "a", "with": "p-clone", "with_role": "Promoted"}},
        {"order": {"first": "p-clone", "then": "a", "first_action": "promote"}},
        {"location": {"resource": "a", "node": "ctl1", "score": 100}},
        {"location": {"resource": "a", "rule": "score=INFINITY defined x or defined y"}},
    ],
}

Edit = Callable[[etree._Element], object]


def set_all(xpath: str, name: str, value: str) -> Edit:
    def edit(root: etree._Element) -> None:
        found = root.xpath(f"configuration//{xpath}")
        assert found, f"the edit {xpath} meets nothing"
        for element in found:
            element.set(name, value)

    return edit


def add(xpath: str, xml: str) -> Edit:
    return lambda root: root.xpath(f"configuration//{xpath}")[0].append(etree.fromstring(xml))


def remove(xpath: str) -> Edit:
    def edit(root: etree._Element) -> None:
        (found,) = root.xpath(f"configuration//{xpath}")
        found.getparent().remove(found)

    return edit


def drop_attribute(xpath: str, name: str) -> Edit:
    def edit(root: etree._Element) -> None:
        found = root.xpath(f"configuration//{xpath}")
        assert found, f"the edit {xpath} meets nothing"
        for element in found:
            del element.attrib[name]

    return edit


def reverse_children(xpath: str) -> Edit:
    def edit(root: etree._Element) -> None:
        for parent in root.xpath(f"configuration//{xpath}"):
            parent[:] = list(reversed(parent))

    return edit


def reverse_attributes(root: etree._Element) -> None:
    for element in root.find("configuration").iter():
        items = list(reversed(element.attrib.items()))
        element.attrib.clear()
        element.attrib.update(items)


def rename_generated_ids(root: etree._Element) -> None:
    generated = "nvpair|op|rule|expression|meta_attributes|instance_attributes|utilization|operations"
    path = "|".join(f"configuration//{tag}[@id]" for tag in generated.split("|"))
    for number, element in enumerate(root.xpath(path)):
        if "saltext-owned" not in element.get("id"):
            element.set("id", f"other-{number}")


def old_role_names(root: etree._Element) -> None:
    old = {"Promoted": "Master", "Unpromoted": "Slave"}
    for element in root.find("configuration").iter():
        for name, value in element.attrib.items():
            element.set(name, old.get(value, value))


def master_instead_of_promotable_clone(root: etree._Element) -> None:
    clone = root.find(".//clone[@id='p-clone']")
    clone.tag = "master"
    remove("nvpair[@name='promotable']")(root)


PAIR = "nvpair[@name='{}']".format
UNCHANGED: dict[str, Edit] = {
    "pairs in another order": reverse_children("*[self::instance_attributes or self::meta_attributes]"),
    "operations in another order": reverse_children("operations"),
    "parts in another order": reverse_children("primitive"),
    "attributes in another order": reverse_attributes,
    "generated ids renamed": rename_generated_ids,
    "a time in milliseconds": set_all("op[@interval='30s']", "interval", "30000ms"),
    "a time as an ISO duration": set_all("op[@interval='30s']", "interval", "PT30S"),
    "a time without a unit": set_all("op[@timeout='20s']", "timeout", "20"),
    "a time with a space": set_all("op[@timeout='20s']", "timeout", "20 s"),
    "a meta attribute's time": set_all(PAIR("failure-timeout"), "value", "1min"),
    "a property's time": set_all(PAIR("cluster-recheck-interval"), "value", "300"),
    "an operation default's time": set_all(PAIR("timeout"), "value", "1m"),
    "an interval of zero": set_all("op[@name='start']", "interval", "0"),
    "a boolean property": set_all(PAIR("maintenance-mode"), "value", "off"),
    "a boolean option": set_all(PAIR("interleave"), "value", "yes"),
    "a score in digits": set_all(PAIR("resource-stickiness"), "value", "1000000"),
    "a score beyond infinity": set_all(PAIR("resource-stickiness"), "value", "+2000000"),
    "a constraint's score": set_all("rsc_colocation", "score", "+INFINITY"),
    "a positive sign": set_all("rsc_location[@node]", "score", "+100"),
    "an integer with a sign": set_all(PAIR("cpu"), "value", "+2"),
    "an empty set of options": add("primitive[@id='p']", '<meta_attributes id="empty"/>'),
    "an empty set of parameters": add("primitive[@id='p']", '<instance_attributes id="empty"/>'),
    "an empty set of capacities": add("primitive[@id='p']", '<utilization id="empty"/>'),
    "old role names": old_role_names,
    "an old promotable clone": master_instead_of_promotable_clone,
    "an implied role": drop_attribute("rsc_colocation", "rsc-role"),
    "a role that is implied anyway": set_all("op[@name='start']", "role", "Started"),
    "an order's kind said": set_all("rsc_order", "kind", "Mandatory"),
    "an order's score of old": set_all("rsc_order", "score", "INFINITY"),
    "a comment": lambda root: root.find("configuration/resources").insert(0, etree.Comment("hi")),
}

CHANGED: dict[str, tuple[Edit, str, str, str | None, str | None]] = {
    "a parameter": (set_all(PAIR("fake"), "value", "y"), "a", "params.fake", "y", "x"),
    "a parameter's spelling, which only the agent can judge": (
        set_all(PAIR("op_sleep"), "value", "01"),
        "a",
        "params.op_sleep",
        "01",
        "1",
    ),
    "an extra parameter": (
        add("primitive[@id='a']/instance_attributes", '<nvpair id="n" name="passwd" value="z"/>'),
        "a",
        "params.passwd",
        "********",
        None,
    ),
    "a missing parameter": (remove(PAIR("fake")), "a", "params.fake", None, "x"),
    "an option": (
        set_all(PAIR("migration-threshold"), "value", "4"),
        "a",
        "meta.migration-threshold",
        "4",
        "3",
    ),
    "a capacity": (set_all(PAIR("cpu"), "value", "4"), "a", "utilization.cpu", "4", "2"),
    "a missing operation": (
        remove("op[@name='start']"),
        "a",
        "operations.start-0s",
        None,
        "interval=0s timeout=90s",
    ),
    "an extra operation": (
        add("primitive[@id='a']/operations", '<op id="s" name="stop" interval="0" timeout="9"/>'),
        "a",
        "operations.stop-0",
        "interval=0 timeout=9",
        None,
    ),
    "an operation's timeout": (
        set_all("op[@name='start']", "timeout", "91s"),
        "a",
        "operations.start-0s",
        "interval=0s timeout=91s",
        "interval=0s timeout=90s",
    ),
    "an operation's extra attribute": (
        set_all("op[@name='start']", "on-fail", "block"),
        "a",
        "operations.start-0s",
        "interval=0s on-fail=block timeout=90s",
        "interval=0s timeout=90s",
    ),
    "an operation's parameter": (
        add(
            "op[@name='start']",
            '<instance_attributes id="i"><nvpair id="n" name="OCF_CHECK_LEVEL" value="10"/>'
            "</instance_attributes>",
        ),
        "a",
        "operations.start-0s.params.OCF_CHECK_LEVEL",
        "10",
        None,
    ),
    "an agent": (
        set_all("primitive[@id='a']", "type", "Stateful"),
        "a",
        "agent",
        "ocf:pacemaker:Stateful",
        "ocf:pacemaker:Dummy",
    ),
    "a score": (
        set_all("rsc_location[@node]", "score", "101"),
        "location-a-ctl1-100",
        "score",
        "101",
        "100",
    ),
    "a property": (
        set_all(PAIR("maintenance-mode"), "value", "true"),
        "maintenance-mode",
        "",
        "true",
        "false",
    ),
    "a default": (set_all(PAIR("timeout"), "value", "61s"), "timeout", "", "61s", "60s"),
}


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    sandbox = new_sandbox(tmp_path)
    sandbox.apply(DECLARATION)
    return sandbox


def edit(sandbox: Sandbox, change: Edit) -> None:
    """Change the file as somebody else's tool would, and Pacemaker's own schema agrees."""
    root = etree.parse(str(sandbox.path)).getroot()
    change(root)
    root.set("epoch", str(int(root.get("epoch")) + 1))
    etree.ElementTree(root).write(str(sandbox.path))
    assert violation(sandbox.read()) is None


@pytest.mark.parametrize("case", UNCHANGED)
def test_what_pacemaker_reads_alike_is_no_change(sandbox: Sandbox, case: str) -> None:
    edit(sandbox, UNCHANGED[case])
    plan = sandbox.propose(DECLARATION).plan
    assert plan.changes == ()
    assert not plan


@pytest.mark.parametrize("case", CHANGED)
def test_what_pacemaker_reads_otherwise_is_a_change_that_names_old_and_new(
    sandbox: Sandbox, case: str
) -> None:
    change, name, field, old, new = CHANGED[case]
    edit(sandbox, change)
    (found,) = sandbox.propose(DECLARATION).plan.changes
    assert found.name == name
    shown = [v if isinstance(v, str) else v.get(field) for v in (found.old, found.new)]
    assert shown == [old, new]
    sandbox.apply(DECLARATION)
    assert not sandbox.propose(DECLARATION).plan


def test_an_old_schema_gets_the_old_role_names(tmp_path: Path) -> None:
    sandbox = new_sandbox(tmp_path)
    root = etree.parse(str(sandbox.path)).getroot()
    root.set("validate-with", "pacemaker-3.0")
    etree.ElementTree(root).write(str(sandbox.path))
    sandbox.apply(DECLARATION)
    written = sandbox.read()
    assert written.schema == "pacemaker-3.0"
    assert written.by_id["p-monitor-interval-10s"].get("role") == "Master"
    assert not sandbox.propose(DECLARATION).plan


def test_an_order_of_old_without_a_kind_takes_the_declared_one(sandbox: Sandbox) -> None:
    edit(sandbox, set_all("rsc_order", "score", "0"))
    wanted = {**DECLARATION, "constraints": [*DECLARATION["constraints"]]}
    wanted["constraints"][1] = {"order": {**wanted["constraints"][1]["order"], "kind": "Mandatory"}}
    (found,) = sandbox.propose(wanted).plan.changes
    assert (found.old, found.new) == ({"score": "0"}, {"kind": "Mandatory"})


def test_a_constraint_that_somebody_replaced_by_the_same_with_another_id_is_no_change(
    sandbox: Sandbox,
) -> None:
    edit(sandbox, set_all("rsc_order", "id", "by-somebody-else"))
    assert not sandbox.propose(DECLARATION, document=None).plan
    plan = sandbox.propose(DECLARATION).plan
    assert plan.changes == ()
    assert plan.ownership.released == ("constraints.order-p-clone-a-mandatory",)
