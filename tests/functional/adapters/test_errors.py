"""What goes wrong is a sentence for whoever called, and a bug of ours is none."""

from __future__ import annotations

from typing import Any

import pytest
from salt.exceptions import CommandExecutionError

from saltext_cinder_ha.adapters.errors import raises_for_salt, returns_state
from saltext_cinder_ha.common.errors import DeclarationError


def test_mistake_in_a_function_is_an_error_that_salt_shows_as_a_sentence() -> None:
    @raises_for_salt
    def function() -> None:
        raise DeclarationError("down", "there is no such node")

    with pytest.raises(CommandExecutionError, match=r"^down: there is no such node$"):
        function()


def test_mistake_in_a_state_is_a_failed_state() -> None:
    @returns_state
    def state(name: str) -> None:
        raise DeclarationError("", "there is no such thing")

    failed = {"name": "x", "result": False, "changes": {}, "comment": "there is no such thing"}
    assert state("x") == failed


def test_bug_of_ours_is_not_swallowed() -> None:
    @returns_state
    def state(name: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        state("x")


def test_state_gets_its_arguments_without_those_of_salt() -> None:
    @returns_state
    def state(name: str, size: int, color: str = "red") -> dict[str, Any]:
        return {"name": name, "size": size, "color": color}

    assert state("x", size=1, __sls__="a") == {"name": "x", "size": 1, "color": "red"}
    assert state("x")["comment"] == "size: is missing"
    assert "colr: is not a known key; did you mean 'color'?" in state("x", size=1, colr=2)["comment"]
