"""What the documentation shows is accepted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.openstack.catalog import desired_catalog
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.native import crm, pcs
from saltext_cinder_ha.pacemaker.native.tokenizer import split_commands
from saltext_cinder_ha.pacemaker.settings import parse_settings
from saltext_cinder_ha.site import parse_site

_REPOSITORY = Path(__file__).parents[2]


def _yaml_blocks(page: str) -> list[Any]:
    text = (_REPOSITORY / page).read_text()
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


@pytest.mark.parametrize("block", _yaml_blocks("docs/declaration.md"), ids=lambda b: next(iter(b)))
def test_each_declaration_of_the_reference_is_accepted(block: dict[str, Any]) -> None:
    parsed = parse_declaration(block)
    for key in block:
        assert getattr(parsed, key)


@pytest.mark.parametrize("block", _yaml_blocks("docs/endpoints.md"))
def test_each_pillar_of_the_page_about_endpoints_is_accepted(block: dict[str, Any]) -> None:
    assert desired_catalog(parse_site(block)).services


def test_each_text_of_the_page_about_native_text_is_taken() -> None:
    (states,) = _yaml_blocks("docs/native-text.md")
    (commands,) = states["cinder"]["pacemaker.pcs_commands"]
    assert len(pcs.read_script(split_commands(commands["commands"], "commands", shell=True)).commands) == 4
    (text,) = states["address"]["pacemaker.crm_configured"]
    assert len(crm.read_script(split_commands(text["text"], "text", shell=False)).commands) == 1


def test_the_smallest_pillar_of_the_readme_is_accepted() -> None:
    pillars = [block for block in _yaml_blocks("README.md") if "cinder_ha" in block]
    assert [parse_site(pillar).site for pillar in pillars] == ["east"]


def test_the_minion_settings_of_the_readme_are_accepted() -> None:
    settings = [block["pacemaker"] for block in _yaml_blocks("README.md") if "pacemaker" in block]
    assert [parse_settings(value, {}).validate for value in settings] == ["auto"]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_the_paths_that_a_page_for_developers_names_are_there(page: str) -> None:
    text = (_REPOSITORY / page).read_text()
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", text)
    places = (_REPOSITORY, _REPOSITORY / "src" / "saltext_cinder_ha")
    # A name alone, as in "`settle.py`, `commit.py`", is in the folder of the one before it.
    missing, folder = [], _REPOSITORY
    for name in named:
        found = [place / name for place in (*places, folder) if (place / name).exists()]
        missing += [] if found else [name]
        folder = found[0].parent if found else folder
    assert named
    assert missing == []
