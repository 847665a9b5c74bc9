"""Native text before any tool sees it: words, what is taken, what is hidden, what the tool is given."""

from __future__ import annotations

import contextlib
import shlex
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.native import crm, pcs
from saltext_cinder_ha.pacemaker.native.compile import program_of
from saltext_cinder_ha.pacemaker.native.placeholders import Placeholders
from saltext_cinder_ha.pacemaker.native.scratch_cib import scratch_of
from saltext_cinder_ha.pacemaker.native.script import Script
from saltext_cinder_ha.pacemaker.native.tokenizer import Statement, split_commands
from tests.planning import cib, pairs, primitive

WORDS = st.lists(
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Zs"]), min_size=1), min_size=1
)


def words_of(text: str, *, shell: bool = True) -> list[tuple[str, ...]]:
    return [statement.words for statement in split_commands(text, "commands", shell=shell)]


def refusal_of(text: object, *, shell: bool = True) -> str:
    with pytest.raises(DeclarationError) as caught:
        split_commands(text, "commands", shell=shell)
    return str(caught.value)


def pcs_script(text: str) -> Script:
    return pcs.read_script(split_commands(text, "commands", shell=True))


def crm_script(text: str) -> Script:
    return crm.read_script(split_commands(text, "text", shell=False))


@given(st.lists(WORDS, min_size=1))
def test_quoted_words_come_back_as_they_were(lines: list[list[str]]) -> None:
    text = "\n".join(shlex.join(line) for line in lines)
    assert words_of(text) == [tuple(line) for line in lines]
    assert words_of(text.replace("\n", "\r\n")) == [tuple(line) for line in lines]


@given(st.text())
def test_any_text_is_split_or_refused_in_one_sentence(text: str) -> None:
    for shell in (True, False):
        with contextlib.suppress(DeclarationError):
            split_commands(text, "commands", shell=shell)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a \\\n\t b", ("a", "b")),
        ("a \\  \r\n b", ("a", "b")),
        ("a\\\nb", ("a", "b")),
        ("\ta\t'b  c'\td", ("a", "b  c", "d")),
        ('a "b\\"c" d\\ e', ("a", 'b"c', "d e")),
        ("a # the rest", ("a",)),
        ("a b#c", ("a", "b#c")),
        ("$ a b", ("a", "b")),
        ("a ''", ("a", "")),
        ("\ufeffa b", ("a", "b")),
        ('a "b\nc"', ("a", "b\nc")),
    ],
)
def test_words_are_those_of_a_shell(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == [words]


def test_crm_has_comments_at_the_start_of_a_line_only() -> None:
    assert words_of("# why\nlocation l a rule #uname eq ctl1; x", shell=False) == [
        ("location", "l", "a", "rule", "#uname", "eq", "ctl1;", "x")
    ]


@pytest.mark.parametrize("text", ["a; b", "a && b", "a | b", "a > f", "a $(b)", "a `b`", "a $B", 'a "$B"'])
def test_what_only_a_shell_understands_is_refused_with_its_line(text: str) -> None:
    assert refusal_of(f"first\n{text}").startswith("line 2: ")


@pytest.mark.parametrize("shell", [True, False])
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("cd /usr/lib/ocf/resource.d/openstack", "'cd' installs an agent on a node, which the formula does"),
        ("wget https://example.org/cinder-api ; chmod a+rx *", "'wget' installs an agent on a node"),
        ("$ sudo chmod a+rx *", "'chmod' installs an agent on a node"),
        (
            "openstack endpoint create --region $KEYSTONE_REGION volumev2 public http://V:8776/v2/%\\(x\\)s",
            "'openstack' is about Keystone; for endpoints, use the state cinder_ha.endpoints_present",
        ),
        ("keystone endpoint-create --service-id $service-id", "'keystone' is about Keystone"),
    ],
)
def test_a_line_of_the_guide_for_a_shell_points_to_what_does_the_same(
    line: str, sentence: str, shell: bool
) -> None:
    assert refusal_of(f"a\n{line}\nb", shell=shell).startswith(f"line 2: {sentence}")


def test_an_open_quote_is_named_where_it_begins() -> None:
    assert refusal_of("a\nb 'c\nd\n") == "line 2: the quote ' is not closed"
    assert refusal_of(["a", "b", 'c "'], shell=False) == 'commands[2], line 1: the quote " is not closed'


def test_a_character_that_no_command_carries_is_named() -> None:
    assert (
        refusal_of("a\nb\x00") == "line 2: contains the character '\\x00', which is not allowed in a command"
    )


def test_no_text_is_refused() -> None:
    assert refusal_of({"a": 1}) == "commands: should be text or a list of texts"


def test_a_word_beyond_what_the_kernel_takes_is_refused() -> None:
    assert "contains a word of 70000 characters" in refusal_of(f"a {'b' * 70_000}")


def test_a_megabyte_is_split_in_seconds() -> None:
    text = "pcs resource create abcdef ocf:pacemaker:Dummy fake='a b' \\\n  op monitor\n" * 13_000
    began = time.monotonic()
    assert len(words_of(text)) == 13_000
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("pcs resource move a", "'pcs resource move' is not a configuration command; use pacemaker.move"),
        ("pcs node standby ctl1", "'pcs node standby' is not a configuration command; use pacemaker.standby"),
        ("pcs cluster destroy", "'cluster destroy' is not a pcs configuration command"),
        ("ls /usr/lib/ocf", "'ls /usr/lib/ocf' is not a pcs configuration command"),
        ("pcs resource ungroup g", "'pcs resource ungroup' cannot be declared"),
        ("pcs resource create a b -f /etc/passwd", "the option -f is not supported"),
        ("pcs resource create a b --file=x", "the option --file is not supported"),
        ("pcs property set a=", "removes options"),
        ("pcs property unset a", "'pcs property unset' cannot be declared"),
        ("pcs resource defaults set delete a", "removes options"),
        ("pcs resource create", "names nothing to configure"),
        ("pcs resource op add a monitor", "set its operation with 'pcs resource update a op ...'"),
        ("pcs tag update t", "should be 'pcs tag update TAG [add ID...] [remove ID...]'"),
        ("pcs tag update t a add b", "should be 'pcs tag update TAG [add ID...] [remove ID...]'"),
        ("pcs tag update t add a --before", "should be 'pcs tag update TAG [add ID...] [remove ID...]'"),
        ("pcs constraint colocation remove a b", "'remove' of constraints is not supported"),
    ],
)
def test_a_pcs_command_that_does_not_configure_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        pcs_script(line)
    assert str(caught.value).startswith("line 1: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("crm node standby ctl1", "'crm node standby' is not a configuration command; use pacemaker.standby"),
        ("crm resource move a", "use pacemaker.move"),
        ("erase", "'erase' is not a supported statement of crm configure"),
        ("xml <primitive/>", "a xml statement cannot be declared"),
        ("primitive", "'primitive' needs arguments"),
    ],
)
def test_a_crm_statement_that_does_not_configure_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        crm_script(line)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("resource create a b --clone c=d", "resource create a b clone c=d"),
        ("resource create a b --master c=d", "resource create a b promotable c=d"),
        ("resource create a b master c=d", "resource create a b promotable c=d"),
        ("resource create a b params ip=1 op monitor", "resource create a b ip=1 op monitor"),
        ("resource master a", "resource promotable a"),
        ("resource defaults a=b", "resource defaults update a=b"),
        ("resource op defaults a=b", "resource op defaults update a=b"),
    ],
)
def test_old_spellings_are_understood_and_said_to_be_old(old: str, new: str) -> None:
    script = pcs_script(f"pcs {old}")
    assert [" ".join(statement.words) for statement in script.commands] == [new]
    assert len(script.notes) == 1
    assert "is deprecated" in script.notes[0]
    assert not pcs_script(new).notes


def test_waiting_and_the_shell_of_crm_are_left_out() -> None:
    assert pcs_script("sudo pcs resource create a b --wait=60").commands[0].words[-1] == "b"
    script = crm_script("crm\nconfigure\ncrm configure group g a\ncd ..\ncommit\nexit")
    assert [statement.words for statement in script.commands] == [("group", "g", "a")]


def test_a_removal_never_reaches_the_tool() -> None:
    script = pcs_script("resource delete a\nconstraint remove b c")
    assert (script.commands, script.absent) == ((), ("a", "b", "c"))
    assert crm_script("delete a b").absent == ("a", "b")


@pytest.mark.parametrize(
    ("text", "program"),
    [
        ("# how\n$ sudo pcs resource create a b # it's", "pcs"),
        (["", "stonith create a b"], "pcs"),
        ("property set a=b", "pcs"),
        ("tag update t add a", "pcs"),
        ("property a=b", "crm"),
        ("crm configure group g a", "crm"),
    ],
)
def test_a_text_tells_by_its_beginning_whose_it_is(text: object, program: str) -> None:
    assert program_of(text, "text") == program


def test_secrets_are_hidden_and_put_back() -> None:
    hidden = Placeholders("stand-in-")
    words = ("create", "os_password=s3cret", "url=mysql://u:s3cret@db/x", "ip=10.0.0.1")
    shown = hidden.in_statement(Statement(words, "line 1"), lambda value: False).words
    assert "s3cret" not in str(shown)
    assert shown[3] == "ip=10.0.0.1"
    assert hidden.restore({"a": list(shown)}) == {"a": list(words)}


LIVE = cib(
    f"""<clone id="k-clone">{primitive("k")}</clone>
    <clone id="a-clone">{primitive("a")}</clone>
    <group id="g">{primitive("foreign")}{primitive("b")}</group>
    {primitive("f", pairs("instance_attributes", "f-ia", password="s3cret", ip="10.0.0.1"))}
    {primitive("unrelated")}""",
    '<rsc_order id="o" first="k-clone" then="a-clone"/>',
)


def scratch(text: str, live: Cib = LIVE) -> tuple[Cib, Placeholders]:
    hidden = Placeholders("")
    return scratch_of(live, pcs_script(text), hidden), hidden


def resources_of(found: Cib) -> list[str]:
    return [element.get("id") for element in found.section("resources").iter("primitive", "group", "clone")]


@pytest.mark.parametrize(
    ("text", "resources"),
    [
        ("constraint order k-clone then f", ["k-clone", "k", "f"]),
        ("resource create a x clone", []),
        ("resource clone a", ["a"]),
        ("resource group add g b", ["g", "foreign", "b"]),
        ("resource create b x --group g", ["g", "foreign"]),
        ("resource create b x --group g\nresource create foreign x --group g", []),
        ("resource create new x", []),
        ("resource group add g --after foreign b", ["g", "foreign", "b"]),
    ],
)
def test_the_tool_sees_what_the_text_names_and_does_not_make(text: str, resources: list[str]) -> None:
    found, _ = scratch(text)
    assert resources_of(found) == resources
    assert len(found.section("constraints")) == 0
    assert found.node_names() == LIVE.node_names()


def test_the_scratch_of_crm_has_no_group_that_the_text_defines() -> None:
    found = scratch_of(LIVE, crm_script("group g foreign b"), Placeholders(""))
    assert resources_of(found) == ["foreign", "b"]


def test_the_scratch_holds_no_secret_of_the_cluster() -> None:
    found, hidden = scratch("resource update f ip=10.0.0.2")
    xml = found.to_xml().decode()
    assert "s3cret" not in xml
    assert "s3cret" in hidden.restore(xml)
