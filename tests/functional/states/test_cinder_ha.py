"""The states ``cinder_ha.*`` through Salt's own state system, on a sandbox."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture
def pillar(repository: Path) -> dict[str, Any]:
    """A small site: what differs from the defaults of one cluster that fences nobody."""
    example = yaml.safe_load((repository / "pillar.example").read_text())["cinder_ha"]
    kept = {key: example[key] for key in ("site", "mode", "vips")}
    return {"cinder_ha": {**kept, "cluster": {"properties": {"stonith-enabled": False}}}}


def test_pillar_becomes_resources_and_a_second_run_changes_nothing(modules: Any, states: Any) -> None:
    first = states.cinder_ha.resources_present("label")
    assert (first.result, first.name) == (True, "label"), first.comment
    assert "openstack-cinder-volume" in first.changes["resources"]
    second = states.cinder_ha.resources_present("another label")
    assert (second.result, second.changes) == (True, {})
    (problem,) = modules.cinder_ha.status()["problems"]
    assert problem.startswith("fencing is off")


def test_test_mode_makes_no_file_and_predicts_the_changes(states: Any, cib_file: Path) -> None:
    predicted = states.cinder_ha.resources_present("label", test=True)
    assert predicted.result is None
    assert not cib_file.parent.exists()
    assert predicted.changes == states.cinder_ha.resources_present("label").changes


def test_allow_of_the_state_refuses(states: Any, cib_file: Path) -> None:
    refused = states.cinder_ha.resources_present("label", allow=["stop"])
    assert (refused.result, refused.changes) == (False, {})
    assert "start openstack-cinder-volume" in refused.comment
    assert not cib_file.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"alow": ["start"]}, "alow: is not a known key; did you mean 'allow'?"),
        ({"allow": "start"}, "allow: should be a list of"),
        ({"rollback": "perhaps"}, "rollback: 'perhaps' is not"),
    ],
)
def test_mistake_is_one_sentence_and_writes_nothing(
    states: Any, cib_file: Path, arguments: dict[str, Any], sentence: str
) -> None:
    result = states.cinder_ha.resources_present("label", **arguments)
    assert (result.result, result.changes) == (False, {})
    assert sentence in result.comment
    assert "\n" not in result.comment
    assert not cib_file.exists()


class TestPillarThatAllowsLittle:
    @pytest.fixture
    def pillar(self, pillar: dict[str, Any]) -> dict[str, Any]:
        narrow = copy.deepcopy(pillar)
        narrow["cinder_ha"]["cluster"]["allow"] = ["stop"]
        return narrow

    def test_allow_of_the_pillar_refuses_and_that_of_the_state_wins(
        self, states: Any, cib_file: Path
    ) -> None:
        assert states.cinder_ha.resources_present("label").result is False
        assert not cib_file.exists()
        assert states.cinder_ha.resources_present("label", allow=["start"]).result is True


def test_service_that_leaves_the_pillar_leaves_the_cluster(
    modules: Any, states: Any, loaders: Any, minion_opts: dict[str, Any], pillar: dict[str, Any]
) -> None:
    states.cinder_ha.resources_present("label")
    del pillar["cinder_ha"]["vips"]["public"]
    fewer = Path(minion_opts["pillar_roots"]["base"][0]) / "site.sls"
    fewer.write_text(yaml.safe_dump(pillar))
    loaders.become(minion_opts, dict(loaders.grains))
    removed = loaders.states.cinder_ha.resources_present("label")
    assert set(removed.changes["resources"]) == {"p_api-ip-public"}
    assert removed.changes["resources"]["p_api-ip-public"]["new"] is None
