"""The commands on the page about the sandbox do what the page says, in the order of the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ADDRESS = "10.0.0.11"
NEW_ADDRESS = "10.0.0.77"


@pytest.fixture(scope="module")
def blocks(repository: Path) -> list[str]:
    """The blocks of commands on the page."""
    page = (repository / "docs/sandbox.md").read_text()
    return re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def said(blocks: list[str], repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each block said; they run in one shell that ends at the first error."""
    folder = tmp_path_factory.mktemp("page")
    pillar = (repository / "pillar.example").read_text()
    for name in ("pillar.example", "deployed.sls"):
        (folder / name).write_text(pillar)
    (folder / "proposed.sls").write_text(pillar.replace(f"ip: {ADDRESS}", f"ip: {NEW_ADDRESS}"))
    outputs = [folder / f"{number}.txt" for number in range(len(blocks))]
    script = "".join(
        f"{{\n{preparation_of(block)}{block}}} >{output} 2>&1\n"
        for block, output in zip(blocks, outputs, strict=True)
    )
    salt = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": f"{salt}:{os.environ['PATH']}:/usr/sbin"},
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=240,
    )
    reached = [output for output in outputs if output.exists()]
    assert done.returncode == 0, reached[-1].read_text()
    return {block: output.read_text() for block, output in zip(blocks, outputs, strict=True)}


def preparation_of(block: str) -> str:
    """Return the command that the page asks to run on a node of a cluster."""
    if "live.xml" not in block:
        return ""
    return "CIB_file=sandbox/cib.xml cibadmin --query >live.xml\n"


def output_of(said: dict[str, str], command: str) -> str:
    """Return what the block said that has this command."""
    found = [output for block, output in said.items() if command in block]
    assert len(found) == 1, f"{len(found)} blocks on the page have {command!r}"
    return found[0]


def test_pillar_is_predicted_before_it_is_applied(said: dict[str, str]) -> None:
    output = output_of(said, "sandbox cinder_ha.validate_pillar\n")
    assert re.search(r"valid:\s+True", output)
    assert "would be created" in output


def test_apply_starts_the_site(said: dict[str, str]) -> None:
    output = output_of(said, "sandbox cinder_ha.status\n")
    assert re.search(r"healthy:\s+True", output)


def test_losses_are_survived(said: dict[str, str]) -> None:
    output = output_of(said, "sandbox pacemaker.whatif")
    assert "fence ctl1" in output
    assert len(re.findall(r"^    survives:\s+True", output, re.MULTILINE)) == 3


def test_change_on_the_command_line_is_predicted(said: dict[str, str]) -> None:
    output = output_of(said, "ip: 10.0.0.99")
    assert "The change causes these actions: restart p_api-ip on ctl1" in output


def test_other_tools_show_and_change_the_file(said: dict[str, str]) -> None:
    output = output_of(said, "crm_mon --one-shot")
    assert "Online: [ ctl1 ctl2 ctl3 ]" in output
    assert "start openstack-cinder-scheduler-clone then start openstack-cinder-volume" in output


def test_copy_of_a_cluster_keeps_what_its_operator_set(said: dict[str, str]) -> None:
    assert "ctl2 is in standby" in output_of(said, "install -m 600 live.xml")


def test_ci_shows_what_the_proposed_pillar_does(said: dict[str, str]) -> None:
    output = output_of(said, "cp proposed.sls")
    assert "The change causes these actions: restart p_api-ip on ctl1" in output
    assert "Every resource survives the loss of any one node: " in output
