"""The page for those who come from pcs or crm names verbs that there are, and all of them."""

from __future__ import annotations

import re
from pathlib import Path

from ..docstrings import adapter_functions

_PAGE = Path(__file__).parents[2] / "docs" / "from-pcs-crm.md"
_VERBS = {
    "standby",
    "unstandby",
    "maintenance",
    "move",
    "clear",
    "enable",
    "disable",
    "restart",
    "cleanup",
    "wait",
}


def test_each_verb_is_a_function_and_on_the_page() -> None:
    table = [line for line in _PAGE.read_text().splitlines() if line.startswith("| `pcs ")]
    shown = {found for line in table for found in re.findall(r"`pacemaker\.(\w+)", line)}
    assert shown == _VERBS
    assert {f"pacemaker.{verb}" for verb in _VERBS} <= {f.name for f in adapter_functions("modules")}
