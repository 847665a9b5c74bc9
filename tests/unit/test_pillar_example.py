"""The example of a pillar: free of mistakes, and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from saltext_cinder_ha.site import mistakes, schema

EXAMPLE = Path(__file__).parents[2] / "pillar.example"
CHOSEN_NAMES = {
    "cinder_ha.vips": "<vip>",
    "cinder_ha.backends": "<backend>",
    "cinder_ha.cluster.services": "<service>",
}


def with_alternatives() -> Any:
    """The example with the keys behind a # too."""
    return yaml.safe_load(re.sub(r"(?m)^( +)# (?=[a-z_]+: )", r"\1", EXAMPLE.read_text()))


def paths_in(value: Any, path: str) -> Iterator[str]:
    """The paths of everything in a pillar, written as the schema does."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths_in(item, f"{path}.{CHOSEN_NAMES.get(path, key)}")
    if isinstance(value, list):
        for item in value:
            yield from paths_in(item, f"{path}[]")


def test_the_example_is_a_pillar_without_mistakes() -> None:
    pillar = yaml.safe_load(EXAMPLE.read_text())
    assert list(pillar) == ["cinder_ha"]
    assert mistakes(pillar) == []


def test_the_example_shows_every_key() -> None:
    shown = set(paths_in(with_alternatives()["cinder_ha"], "cinder_ha"))
    assert {info.path for info in schema()} - shown == set()


def test_the_examples_alternatives_contradict_what_they_stand_beside_and_nothing_else() -> None:
    found = {sentence.partition(":")[0] for sentence in mistakes(with_alternatives())}
    assert found == {
        "cinder_ha.vips.internal.cidr_netmask",
        "cinder_ha.vips.internal.nic",
        "cinder_ha.database.host",
        "cinder_ha.database.password",
    }
