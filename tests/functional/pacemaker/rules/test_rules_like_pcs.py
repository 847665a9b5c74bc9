"""A rule's XML is what pcs writes for the same text, and means to Pacemaker what we say."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from saltext_cinder_ha.common import process
from saltext_cinder_ha.pacemaker.rules import (
    Rule,
    RuleError,
    parse_rule,
    rule_from_xml,
    rule_to_text,
    rule_to_xml,
    rules_equal,
)
from tests.unit.pacemaker.rules.rule_strategies import rules

pytestmark = pytest.mark.one_salt

SCHEMAS = Path("/usr/share/pacemaker")

TEXTS = [
    "score=50 #uname eq ctl1 or defined foo",
    "defined a or defined b and defined c",
    "defined a and (defined b and (defined c and not_defined d))",
    "score=5 (defined a or defined b) and (defined c or defined d) and defined e",
    "defined a and (defined b or defined c and (x eq 1 or x eq 2)) or not_defined f",
    "((defined a))",
    "id=own-id resource-discovery=never score=-INFINITY x ne 'two words'",
    "role=promoted score=+INFINITY defined a",
    "role=Slave score-attribute=load defined a",
    "x lt integer -5 and x gte number 1.5e3 and x gt version 1.2 and x lte string to",
    "x eq '' or x eq string and or date eq 5 or date gt string 5",
    "date gt 2026-03-31 and date lt '2026-04-30 08:00:00 +02:00'",
    "date in_range 2026-03-31 to 2026-04-30 or date in_range 2026-W14-2 to 20260501T0800Z",
    "date in_range 2026-03-31 to duration hours=1 months=2 or date-spec hours=9-16 weekdays=1-5",
    "defined a or (defined b and c eq number -0.5)",
    "date-spec years=2026 moon=4 and (date-spec hours=1 or date-spec hours=5)",
]
MISTAKES = [
    "defined",
    "defined and",
    "defined a and",
    "defined a b",
    "(defined a",
    "defined a)",
    "x eq",
    "x eq and",
    "x is 5",
    "x in_range 1 to 5",
    "x eq integer five",
    "date gt soon",
    "date in_range 2026-01-01 to duration",
    "date in_range 2026-01-01 to duration hours=x",
    "date in_range 2026-01-01 to duration yeardays=3",
    "date-spec hours=24",
    "score=much defined a",
    "score=1 score-attribute=x defined a",
    "role=started defined a",
]


def new_cib(path: Path, schema: str = "pacemaker-3.9", *more_resources: str) -> Path:
    resources = "".join(
        f'<primitive id="{name}" class="ocf" provider="pacemaker" type="Dummy"/>'
        for name in ("vip", *more_resources)
    )
    nodes = "".join(f'<node id="{n}" uname="ctl{n}"/>' for n in (1, 2))
    path.write_text(
        f'<cib validate-with="{schema}" admin_epoch="0" epoch="1" num_updates="0"><configuration>'
        '<crm_config><cluster_property_set id="o">'
        '<nvpair id="o-1" name="stonith-enabled" value="false"/>'
        f"</cluster_property_set></crm_config><nodes>{nodes}</nodes>"
        f"<resources>{resources}</resources><constraints/></configuration><status/></cib>"
    )
    return path


def pcs_location(cib: Path, text: str) -> etree._Element | None:
    """The constraint that pcs makes of the text, None when it refuses it."""
    words = shlex.split(text)
    # Without the dashes pcs takes a negative number that a parenthesis follows for an option.
    done = process.run(["pcs", "-f", str(cib), "--", "constraint", "location", "vip", "rule", *words])
    return etree.parse(str(cib)).find(".//rsc_location") if done.returncode == 0 else None


def shape(element: etree._Element) -> object:
    return element.tag, dict(element.attrib), [shape(child) for child in element]


def assert_like_pcs(cib: Path, rule: Rule, text: str, *, promoted_names: bool = True) -> None:
    location = pcs_location(cib, text)
    assert location is not None
    ours = rule_to_xml(rule, rule.id or f"{location.get('id')}-rule", promoted_names=promoted_names)
    assert shape(ours) == shape(location[0])
    assert location.get("resource-discovery") == rule.resource_discovery
    read = rule_from_xml(location[0])
    assert read is not None
    assert rules_equal(read, rule)


@pytest.mark.parametrize("text", TEXTS)
def test_the_xml_is_what_pcs_writes_ids_included(tmp_path: Path, text: str) -> None:
    assert_like_pcs(new_cib(tmp_path / "cib.xml"), parse_rule(text), text)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rule=rules(pcs_only=True))
def test_the_xml_of_a_random_rule_is_what_pcs_writes(tmp_path: Path, rule: Rule) -> None:
    assert_like_pcs(new_cib(tmp_path / "cib.xml"), rule, rule_to_text(rule))


def test_roles_have_their_old_names_in_an_old_schema_as_with_pcs(tmp_path: Path) -> None:
    text = "role=Promoted defined a"
    cib = new_cib(tmp_path / "cib.xml", "pacemaker-3.5")
    assert_like_pcs(cib, parse_rule(text), text, promoted_names=False)


def test_ids_avoid_those_that_the_cib_has_as_with_pcs(tmp_path: Path) -> None:
    cib = new_cib(tmp_path / "cib.xml", "pacemaker-3.9", "r-expr", "r-rule")
    location = pcs_location(cib, "id=r (defined a or defined b) and defined c")
    assert location is not None
    rule = parse_rule("(defined a or defined b) and defined c")
    assert shape(rule_to_xml(rule, "r", taken={"r-expr", "r-rule"})) == shape(location[0])


@pytest.mark.parametrize("text", MISTAKES)
def test_what_pcs_refuses_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(text)
    assert pcs_location(new_cib(tmp_path / "cib.xml"), text) is None


@cache
def rule_schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(str(SCHEMAS / "rule-3.9.rng")))


@given(rule=rules())
@settings(deadline=None)
def test_the_installed_schema_accepts_the_xml_of_every_rule(rule: Rule) -> None:
    element = rule_to_xml(rule, "r")
    schema = rule_schema()
    assert schema.validate(element), schema.error_log


@pytest.mark.parametrize(
    ("rule", "node_attribute", "holds"),
    [
        ('<rule id="r" score="INFINITY">{gpu}{ssd}</rule>', "gpu", False),
        ('<rule id="r" score="INFINITY" boolean-op="or">{gpu}{ssd}</rule>', "gpu", True),
        ('<rule id="r">{gpu}</rule>', "gpu", False),
        ('<rule id="r" score="INFINITY">{gpu}</rule>', "gpu", True),
    ],
)
def test_pacemaker_takes_the_defaults_that_we_write_out(
    tmp_path: Path, rule: str, node_attribute: str, holds: bool
) -> None:
    element = etree.fromstring(
        rule.format(
            gpu='<expression id="e" attribute="gpu" operation="defined"/>',
            ssd='<expression id="f" attribute="ssd" operation="defined"/>',
        )
    )
    read = rule_from_xml(element)
    assert read is not None
    for candidate in (element, rule_to_xml(read, "r")):
        assert prefers_ctl2(tmp_path, candidate, {node_attribute: "1"}) == holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("x eq 5.0", False),
        ("x eq string 5.0", False),
        ("x eq number 5.0", True),
        ("x lt 10", True),
        ("x lt string 10", False),
    ],
)
def test_pacemaker_compares_as_text_only_for_equality(tmp_path: Path, text: str, holds: bool) -> None:
    assert prefers_ctl2(tmp_path, rule_to_xml(parse_rule(text), "r"), {"x": "5"}) == holds


def prefers_ctl2(folder: Path, rule: etree._Element, attributes: dict[str, str]) -> bool:
    """Whether the rule draws the resource to ctl2, the only node with the attributes."""
    cib = etree.parse(str(new_cib(folder / "cib.xml")))
    location = etree.SubElement(cib.find(".//constraints"), "rsc_location", id="l", rsc="vip")
    location.append(etree.fromstring(etree.tostring(rule)))
    node = cib.find(".//node[@uname='ctl2']")
    given_attributes = etree.SubElement(node, "instance_attributes", id="a")
    for name, value in attributes.items():
        etree.SubElement(given_attributes, "nvpair", id=f"a-{name}", name=name, value=value)
    done = process.run(
        ["crm_simulate", "-p", "--show-scores", "-S", "--node-up=ctl1", "--node-up=ctl2"],
        stdin=etree.tostring(cib),
        settings={"CIB_shadow_dir": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    scores = [line for line in done.stdout.decode().splitlines() if "vip allocation" in line]
    return any("ctl2: INFINITY" in line for line in scores)
