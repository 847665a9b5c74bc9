"""Unit tests are pure Python: no program is started and no Salt is loaded by them."""

from __future__ import annotations

import subprocess
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(argv: Any, *_rest: Any, **_options: Any) -> NoReturn:
        pytest.fail(f"a unit test starts a program: {argv}; move it to tests/functional")

    monkeypatch.setattr(subprocess, "Popen", refuse)
