"""A plan is told in the words of pcs and of crm, without secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings
from tests.planning import dummies

pytestmark = pytest.mark.one_salt

PASSWORDS = ("S3cretBefore", "S3cretAfter")


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    made = Cluster(Settings(cib_file=str(tmp_path / "cib.xml"), validate="false"))
    made.apply(declaration(PASSWORDS[0]), document="site", policy=made.policy(settle=False))
    return made


def declaration(password: str, **more: Any) -> dict[str, Any]:
    fencing = {"agent": "stonith:fence_x", "params": {"ip": "10.0.0.1", "password": password}}
    return {"resources": {"fence": fencing, **dummies("a"), **more}}


def changed_lines(cluster: Cluster, program: str, wanted: dict[str, Any]) -> list[str]:
    difference = cluster.in_words(cluster.plan(wanted, document="site"), program)
    return [line for line in difference.splitlines()[2:] if line[:1] in "+-"]


@pytest.mark.parametrize(
    ("program", "words"), [("pcs", "Resource: b (class=ocf"), ("crm", "+primitive b ocf:pacemaker:Dummy")]
)
def test_a_new_resource_is_told_as_the_tool_shows_it(cluster: Cluster, program: str, words: str) -> None:
    lines = changed_lines(cluster, program, declaration(PASSWORDS[0], **dummies("b")))
    assert any(words in line for line in lines)
    assert {line[0] for line in lines} == {"+"}
    assert "saltext" not in "".join(lines)


@pytest.mark.parametrize("program", ["pcs", "crm"])
def test_a_changed_secret_is_told_and_not_shown(cluster: Cluster, program: str) -> None:
    told = "\n".join(changed_lines(cluster, program, declaration(PASSWORDS[1])))
    assert "******** (changed)" in told
    assert not [password for password in PASSWORDS if password in told]


@pytest.mark.parametrize("program", ["pcs", "crm"])
def test_no_change_has_no_words(cluster: Cluster, program: str) -> None:
    assert changed_lines(cluster, program, declaration(PASSWORDS[0])) == []
