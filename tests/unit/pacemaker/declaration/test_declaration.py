"""A declaration becomes values that say what was given, and nothing that was not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.pacemaker.declaration import Clone, Declaration, parse_declaration
from tests.planning import DUMMY
from tests.strategies import declarations


def resource(**parts: Any) -> Any:
    (found,) = parse_declaration({"resources": {"a": {"agent": DUMMY, **parts}}}).resources
    return found


def test_what_is_not_given_is_none_and_what_is_given_empty_is_not() -> None:
    assert (resource().params, resource().meta, resource().operations) == (None, None, None)
    empty = resource(params={}, meta={}, operations=[])
    assert (empty.params, empty.meta, empty.operations) == ({}, {}, ())


@pytest.mark.parametrize(
    ("given_clone", "clone"),
    [
        (True, Clone()),
        (False, None),
        ({}, Clone()),
        ({"promotable": True}, Clone(promotable=True)),
        ({"meta": {"interleave": True}}, Clone(meta={"interleave": "true"})),
    ],
)
def test_a_clone_may_be_said_shortly(given_clone: Any, clone: Clone | None) -> None:
    assert resource(clone=given_clone).clone == clone


def test_scalars_become_the_text_that_pacemaker_reads() -> None:
    params = resource(params={"a": True, "b": 5, "c": "x", "d": 1.5}).params
    assert params == {"a": "true", "b": "5", "c": "x", "d": "1.5"}


def test_a_secret_is_no_part_of_the_fingerprint_or_of_what_is_printed() -> None:
    one, other = (
        parse_declaration({"resources": {"a": {"params": {"os_password": p, "frob": p}, "secret": ["frob"]}}})
        for p in ("hunter1", "hunter2")
    )
    assert one.fingerprint == other.fingerprint
    assert "hunter1" not in repr(one)


def test_credentials_in_a_url_are_no_part_of_the_fingerprint() -> None:
    one, other = (
        parse_declaration({"resources": {"a": {"params": {"url": f"mysql://cinder:{word}@db/cinder"}}}})
        for word in ("hush", "hush-hush")
    )
    assert one.fingerprint == other.fingerprint


def test_another_content_has_another_fingerprint() -> None:
    one, other = (
        parse_declaration({"resources": {"a": {"params": {"ip": ip}}}}) for ip in ("10.0.0.1", "10.0.0.2")
    )
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize("value", ["é&", "漢 <b>", "naïve 'quote'"])
def test_a_value_of_which_pacemaker_would_make_broken_xml_is_a_mistake(value: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        resource(params={"fake": value})
    assert caught.value.path == "resources.a.params.fake"


@pytest.mark.parametrize("value", ["&é", "<'\"&>", "é漢"])
def test_a_value_that_pacemaker_can_write_is_none(value: str) -> None:
    assert resource(params={"fake": value}).params == {"fake": value}


@given(declarations())
def test_every_valid_declaration_is_read_the_same_twice(declaration: dict[str, Any]) -> None:
    found = parse_declaration(declaration)
    assert isinstance(found, Declaration)
    assert found == parse_declaration(declaration)
    assert {r.id for r in found.resources} == set(declaration["resources"])
