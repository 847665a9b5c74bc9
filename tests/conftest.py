"""What every test shares: the source tree, and the rule that CI leaves nothing out."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# A machine that is shared is slow at times; that is no failure.
hypothesis.settings.register_profile(
    "no-deadline", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("no-deadline")

# A shell's background job ignores interrupts, and so would every program whose interrupt is tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent
_NOTHING_LEFT_OUT = os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def salt_factories_config() -> Iterator[dict[str, Any]]:
    """Where Salt's daemons keep their files: short, as the name of a socket has 107 bytes."""
    root = Path(tempfile.mkdtemp(prefix="sf"))
    yield {"code_dir": str(REPOSITORY), "root_dir": str(root), "start_timeout": 120}
    shutil.rmtree(root)


def pytest_unconfigure() -> None:
    """Empty Salt's early log handler, which else writes to a closed stream after the last line."""
    logging = sys.modules.get("salt._logging")
    if logging is not None:
        logging.shutdown_temp_handler()


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
