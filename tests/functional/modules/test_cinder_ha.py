"""The functions ``cinder_ha.*`` through Salt's loader, on a sandbox."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from salt.exceptions import CommandExecutionError

from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.site import PILLAR_KEY, parse_site
from tests.functional.observed import observed


@pytest.fixture(scope="module")
def example_pillar(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / "pillar.example").read_text())


@pytest.fixture
def pillar(example_pillar: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(example_pillar)


@pytest.fixture
def grains(machine_grains: dict[str, Any]) -> dict[str, Any]:
    return {**machine_grains, "os_family": "RedHat"}


@pytest.fixture(scope="module")
def applied_cib(make_cib: Any, example_pillar: dict[str, Any]) -> bytes:
    declaration = declaration_of(parse_site(example_pillar), os_family="RedHat")
    return make_cib(declaration, document=PILLAR_KEY)


@pytest.fixture
def applied(applied_cib: bytes, place_cib: Any) -> Path:
    """The sandbox of this test's minion, with the pillar applied."""
    return place_cib(applied_cib)


def _pcs(cib_file: Path, *words: str) -> None:
    subprocess.run(["pcs", "-f", str(cib_file), *words], check=True, capture_output=True)


def test_status_of_an_applied_site_is_healthy(modules: Any, applied: Path) -> None:
    status = modules.cinder_ha.status()
    assert (status["site"], status["healthy"], status["problems"]) == ("east", True, [])
    assert (status["drift"], status["failures"], status["interventions"]) == ({}, [], [])
    assert set(status["services"]) == {"api", "scheduler", "volume", "backup"}
    assert status["services"]["volume"]["resource"] == "openstack-cinder-volume"
    assert status["vips"]["public"]["resource"] == "p_api-ip-public"
    assert status["sandbox"] is True


@pytest.mark.usefixtures("live_tools", "applied")
class TestOnACluster:
    """The live store; its tools are led to a file, as no cluster runs where the tests do."""

    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {"timeout": 20}}

    def test_status_is_of_one_moment(self, modules: Any) -> None:
        with observed() as seen:
            status = modules.cinder_ha.status()
        assert (status["problems"], status["sandbox"]) == ([], False)
        assert seen.programs == ["cibadmin", "crm_mon"]


def test_status_of_a_sandbox_reads_its_file_once(modules: Any, applied: Path) -> None:
    with observed() as seen:
        modules.cinder_ha.status()
    assert seen.openings(applied) == 1
    assert seen.programs == ["crm_mon"]


def test_status_before_the_first_apply_says_what_is_missing(modules: Any, cib_file: Path) -> None:
    status = modules.cinder_ha.status()
    assert status["healthy"] is False
    assert "openstack-cinder-volume (volume) is not in the cluster" in status["problems"]
    assert status["services"]["volume"] == {
        "resource": "openstack-cinder-volume",
        "configured": False,
        "nodes": [],
    }
    assert not cib_file.parent.exists()


def test_status_names_what_somebody_changed(modules: Any, applied: Path) -> None:
    _pcs(applied, "resource", "update", "p_api-ip", "cidr_netmask=32")
    status = modules.cinder_ha.status()
    assert status["healthy"] is False
    assert status["drift"]["resources"]["p_api-ip"] == {
        "old": {"params.cidr_netmask": "32"},
        "new": {"params.cidr_netmask": "24"},
    }
    assert "the configuration differs from the pillar: apply cinder_ha.resources" in status["problems"]


def test_status_names_what_an_operator_set_for_a_while(modules: Any, applied: Path) -> None:
    _pcs(applied, "resource", "disable", "openstack-cinder-volume")
    status = modules.cinder_ha.status()
    assert status["drift"] == {}
    assert "openstack-cinder-volume" in str(status["interventions"])


def test_status_says_that_fencing_is_off(modules: Any, applied: Path) -> None:
    _pcs(applied, "property", "set", "stonith-enabled=false")
    status = modules.cinder_ha.status()
    assert status["healthy"] is False
    assert [
        problem for problem in status["problems"] if problem.startswith("fencing is off (stonith-enabled")
    ]


def test_declaration_follows_the_os_family_and_hides_secrets(modules: Any) -> None:
    declaration = modules.cinder_ha.declaration()
    resources = declaration["resources"]
    assert resources["openstack-cinder-api"]["agent"] == "systemd:openstack-cinder-api"
    assert resources["fencing"]["params"]["password"] == "********"
    shown = modules.cinder_ha.declaration(show_secrets=True)
    assert shown["resources"]["fencing"]["params"]["password"] == "FENCE_PASS"


def test_declaration_is_what_the_formula_applies(modules: Any, applied: Path) -> None:
    declaration = modules.cinder_ha.declaration(show_secrets=True)
    assert modules.pacemaker.plan(declaration, document=PILLAR_KEY)["changes"] == {}


def test_example_of_a_pillar_is_valid(modules: Any) -> None:
    assert modules.cinder_ha.validate_pillar() == {"valid": True, "mistakes": []}


def test_formula_path_holds_the_formula(modules: Any) -> None:
    assert Path(modules.cinder_ha.formula_path(), "cinder_ha", "init.sls").is_file()


def test_argument_that_is_no_boolean_is_one_sentence(modules: Any) -> None:
    with pytest.raises(CommandExecutionError, match=r"^show_secrets: 'perhaps' is not"):
        modules.cinder_ha.declaration(show_secrets="perhaps")


class TestWrongPillar:
    @pytest.fixture
    def pillar(self, example_pillar: dict[str, Any]) -> dict[str, Any]:
        wrong = copy.deepcopy(example_pillar)
        wrong["cinder_ha"]["mode"] = "windows"
        wrong["cinder_ha"]["cluster"]["odering"] = "guide"
        return wrong

    def test_every_mistake_is_named(self, modules: Any) -> None:
        found = modules.cinder_ha.validate_pillar()
        assert found["valid"] is False
        assert len(found["mistakes"]) == 2
        assert [m for m in found["mistakes"] if m.startswith("cinder_ha.mode: ")]
        assert [m for m in found["mistakes"] if m.startswith("cinder_ha.cluster.odering: ")]

    @pytest.mark.parametrize("function", ["status", "declaration"])
    def test_what_needs_the_pillar_says_what_is_wrong(self, modules: Any, function: str) -> None:
        with pytest.raises(CommandExecutionError, match=r"^cinder_ha\.[^\n]*$"):
            getattr(modules.cinder_ha, function)()


class TestWrongDeclarationInThePillar:
    @pytest.fixture
    def pillar(self, example_pillar: dict[str, Any]) -> dict[str, Any]:
        wrong = copy.deepcopy(example_pillar)
        wrong["cinder_ha"]["cluster"]["extra"]["resources"]["fencing"]["agnt"] = "x"
        return wrong

    def test_it_is_named_by_the_key_of_the_pillar(self, modules: Any) -> None:
        found = modules.cinder_ha.validate_pillar()
        assert found["valid"] is False
        (mistake,) = found["mistakes"]
        assert mistake.startswith("cinder_ha.cluster.extra.resources.fencing.agnt: is not a known key")


class TestWithoutThePillar:
    @pytest.fixture
    def pillar(self) -> dict[str, Any]:
        return {}

    @pytest.mark.parametrize("function", ["status", "declaration"])
    def test_what_needs_it_says_so_in_one_sentence(self, modules: Any, function: str) -> None:
        with pytest.raises(CommandExecutionError, match=r"^[^\n]*cinder_ha[^\n]*$"):
            getattr(modules.cinder_ha, function)()

    def test_it_is_not_valid(self, modules: Any) -> None:
        found = modules.cinder_ha.validate_pillar()
        assert found["valid"] is False
        assert "cinder_ha" in str(found["mistakes"])
