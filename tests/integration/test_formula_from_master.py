"""The formula reaches a minion out of the package that is installed on the master."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_master_lists_the_files_of_the_formula(salt_run_cli: Any, repository: Path) -> None:
    listed = salt_run_cli.run("fileserver.file_list", backend="cinder_ha").data
    formula = repository / "states"
    expected = {str(f.relative_to(formula)) for f in formula.rglob("*") if f.is_file()}
    assert set(listed) == expected


def test_minion_gets_a_file_of_the_formula_unchanged(salt_cli: Any, repository: Path) -> None:
    served = salt_cli.run("cp.get_file_str", "salt://cinder_ha/init.sls", minion_tgt="ctl1").data
    assert served == (repository / "states/cinder_ha/init.sls").read_text()


def test_file_in_file_roots_wins_over_the_formula(master: Any, salt_cli: Any) -> None:
    with master.state_tree.base.temp_file("cinder_ha/init.sls", "mine:\n  test.nop\n"):
        served = salt_cli.run("cp.get_file_str", "salt://cinder_ha/init.sls", minion_tgt="ctl1").data
    assert served == "mine:\n  test.nop\n"
