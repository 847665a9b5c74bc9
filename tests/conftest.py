"""What every test shares: the places of the source tree, and the rule that CI leaves nothing out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
_NOTHING_LEFT_OUT = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def salt_factories_config() -> Iterator[dict[str, Any]]:
    """Where pytest-salt-factories keeps its daemons: short, as the name of a socket has 107 bytes."""
    root = Path(tempfile.mkdtemp(prefix="sf"))
    yield {"code_dir": str(REPOSITORY), "root_dir": str(root), "start_timeout": 120}
    shutil.rmtree(root)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse_skip((yield))


def _refuse_skip(report: Any) -> Any:
    """Turn a skip into a failure where nothing may be left out; an expected failure is none."""
    if _NOTHING_LEFT_OUT and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"left out, although CI=true: {reason}"
    return report
