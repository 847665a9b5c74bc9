"""A real master and a real minion; the minion's cluster is a sandbox in a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Salt's own five seconds are few on a machine that does other things, too.
_PATIENCE_SECONDS = 60
_LOG_EVERYTHING = {"log_level_logfile": "all"}


@pytest.fixture(scope="package")
def cib_file(salt_factories_config: dict[str, Any]) -> Path:
    """The sandbox's CIB; not made yet."""
    return Path(salt_factories_config["root_dir"]) / "sandbox" / "cib.xml"


@pytest.fixture(scope="package")
def master(salt_factories: Any) -> Iterator[Any]:
    """A master that takes the formula out of the installed package."""
    daemon = salt_factories.salt_master_daemon(
        "master", overrides={**_LOG_EVERYTHING, "fileserver_backend": ["roots", "cinder_ha"]}
    )
    with daemon.started():
        yield daemon


@pytest.fixture(scope="package")
def minion(master: Any, cib_file: Path) -> Iterator[Any]:
    settings = {
        "cib_file": str(cib_file),
        "sandbox_root": str(cib_file.parent),
        "sandbox_nodes": ["ctl1", "ctl2", "ctl3"],
    }
    overrides = {**_LOG_EVERYTHING, "pacemaker": settings, "enable_fqdns_grains": False}
    daemon = master.salt_minion_daemon("ctl1", overrides=overrides)
    with daemon.started():
        yield daemon


@pytest.fixture(scope="package")
def salt_cli(master: Any, minion: Any) -> Any:
    """``salt``, for example ``salt_cli.run("test.ping", minion_tgt="ctl1").data``."""
    return master.salt_cli(timeout=_PATIENCE_SECONDS)


@pytest.fixture(scope="package")
def salt_run_cli(master: Any) -> Any:
    """``salt-run`` on the master."""
    return master.salt_run_cli(timeout=_PATIENCE_SECONDS)


@pytest.fixture(scope="package")
def salt_call_cli(minion: Any) -> Any:
    """``salt-call`` on the minion."""
    return minion.salt_call_cli(timeout=_PATIENCE_SECONDS)
