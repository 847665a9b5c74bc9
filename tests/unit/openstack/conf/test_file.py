"""A file means to us what it means to oslo.config."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oslo_config import cfg, iniparser

from saltext_cinder_ha.openstack.conf.file import parse
from saltext_cinder_ha.openstack.errors import ConfFileError

Values = dict[str, dict[str, list[str]]]

PIECES = st.sampled_from(
    [
        *("[DEFAULT]", "[", "]", "[]", "[nfs1]", "=", ":", " ", "\t", "#", ";", "\n", "\r\n", "\r", "\n\n"),
        *("debug", "x", '"', "'", "a = b", "a: b", "\n  more", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "é"),
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60)


def as_oslo_config_reads(text: str) -> Values | None:
    """The values by section and option; None where oslo.config refuses the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cinder.conf"
        path.write_bytes(text.encode())
        sections: Values = {}
        try:
            cfg.ConfigParser(str(path), sections).parse()
        except iniparser.ParseError:
            return None
    return sections


def as_we_read(text: str) -> Values | None:
    try:
        found = parse(text)
    except ConfFileError:
        return None
    values: Values = {header.name: {} for header in found.headers}
    for entry in found.entries:
        values[entry.section].setdefault(entry.option, []).append(entry.value)
    return values


@given(TEXTS.filter(lambda text: text.isprintable() or text.encode(errors="ignore").decode() == text))
@example("[DEFAULT]\na = 1\n\n b\n")
@example("[DEFAULT]\na = 1\n# no\n b\n")
@example("[DEFAULT]\na = 'b\n")
@example('[DEFAULT]\na = "\n')
@example("a = 1\n[DEFAULT]\n")
def test_every_text_has_the_values_that_oslo_config_finds_or_is_refused_by_both(text: str) -> None:
    assert as_we_read(text) == as_oslo_config_reads(text)


def test_entries_know_the_lines_where_they_begin() -> None:
    found = parse("# c\n[DEFAULT]\n\na = 1\n  2\nb: 3\n[x]\na = 4\n")
    assert [(entry.section, entry.option, entry.line) for entry in found.entries] == [
        ("DEFAULT", "a", 4),
        ("DEFAULT", "b", 6),
        ("x", "a", 8),
    ]


def test_section_is_found_in_any_case_but_default_is_not() -> None:
    found = parse("[Database]\nconnection = x\n[default]\ndebug = 1\n")
    assert found.values("database", "connection") == ("x",)
    assert found.values("DEFAULT", "debug") == ()


def test_option_given_twice_has_both_values() -> None:
    assert parse("[d]\na = 1\na = 2\n").values("d", "a") == ("1", "2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rabbit_host = x\n", "line 1: option 'rabbit_host' is before any section"),
        ("[DEFAULT]\nnonsense\n", "line 2: is not an assignment"),
        ("[DEFAULT\n", "line 1: begins a section, but does not end with ]"),
        ("[]\n", "line 1: begins a section without a name"),
        ("[DEFAULT]\n= 3\n", "line 2: assigns a value, but names no option"),
        ("[DEFAULT]\n\n  3\n", "line 3: begins with a space"),
    ],
)
def test_refusal_names_the_line_and_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfFileError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)


def test_no_repr_and_no_error_shows_a_value() -> None:
    text = "[DEFAULT]\ntransport_url = rabbit://u:RABBIT_PASS@h/\n"
    assert "RABBIT_PASS" not in repr(parse(text))
    with pytest.raises(ConfFileError) as caught:
        parse("a = RABBIT_PASS\n")
    assert "RABBIT_PASS" not in str(caught.value)
