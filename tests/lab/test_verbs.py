"""The everyday verbs on real nodes, by pcs and by crm: what is predicted happens, and is reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from .applying import apply, failures
from .cluster import View
from .host import wait_until
from .image import SALT_BIN
from .lab import Depth, Lab
from .nodes import Node
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]
DEPTH = Depth.SALT
LEAVES = DEPTH
VOLUME = "openstack-cinder-volume"
API = "openstack-cinder-api"


class Operator:
    """Somebody on a node who has one of the two tools."""

    def __init__(self, node: Node, tool: str):
        self._node = node
        self._config = f"/run/verbs-{tool}"
        node.run("mkdir", "-p", self._config)
        settings = {"id": node.name, "file_client": "local", "pacemaker": {"tool": tool, "timeout": 120}}
        node.run("tee", f"{self._config}/minion", stdin=yaml.safe_dump(settings))

    def does(self, verb: str, *arguments: str) -> dict[str, Any]:
        """Carry out a verb after predicting it; what came of it has to be what was predicted."""
        predicted = self.call(verb, *arguments, "test=True")
        done = self.call(verb, *arguments)
        assert done["result"] is True, done
        assert done["failures"] == done["missing"] == [], done
        assert done["actions"] == predicted["actions"]
        assert done["sandbox"] is False
        return done

    def call(self, verb: str, *arguments: str) -> dict[str, Any]:
        """Carry out a verb; its answer."""
        done = self._node.run(
            f"{SALT_BIN}/salt-call", "--local", f"--config-dir={self._config}", "--out=json",
            f"pacemaker.{verb}", *arguments, check=False, timeout=300,
        )  # fmt: skip
        found = json.loads(done.stdout)["local"]
        assert isinstance(found, dict), found
        return found


@pytest.fixture(scope="module")
def site(salt: SaltSite, view: View) -> Iterator[bytes]:
    """The example site, running; its configuration."""
    before = view.configuration()
    assert failures(apply(salt)) == []
    view.wait_idle()
    yield view.configuration()
    view.replace_configuration(before)


def by(tool: str, other: str) -> pytest.MarkDecorator:
    """Say which tool the operator of a test has, and which besides when there is time for all."""
    return pytest.mark.parametrize(
        "operator", [tool, pytest.param(other, marks=pytest.mark.soak)], indirect=True
    )


@pytest.fixture
def operator(request: pytest.FixtureRequest, lab: Lab, view: View, site: bytes) -> Iterator[Operator]:
    yield Operator(lab.node("ctl1"), request.param)
    view.replace_configuration(site)


@by("pcs", "crm")
def test_node_in_standby_is_left_and_taken_again(operator: Operator, view: View) -> None:
    (node,) = view.where(VOLUME)
    done = operator.does("standby", node)
    assert node not in view.where(VOLUME)
    assert f"stop {API} on {node}" in done["happened"]
    done = operator.does("unstandby", node)
    assert f"start {API} on {node}" in done["happened"]
    assert len(view.where(API)) == 3


@by("crm", "pcs")
def test_nothing_happens_in_maintenance(operator: Operator, view: View) -> None:
    (node,) = view.where(VOLUME)
    operator.does("maintenance", "True")
    operator.does("standby", node)
    assert view.where(VOLUME) == [node]
    operator.does("unstandby", node)
    operator.does("maintenance", "False")
    assert view.property("maintenance-mode") == "false"


@by("pcs", "crm")
def test_disabled_service_stops_and_starts_again(operator: Operator, view: View) -> None:
    operator.does("disable", API)
    assert view.where(API) == view.where(VOLUME) == []
    operator.does("enable", API)
    assert len(view.where(API)) == 3
    assert len(view.where(VOLUME)) == 1


@by("crm", "pcs")
def test_moved_service_goes_back_when_the_move_lapses_or_is_cleared(operator: Operator, view: View) -> None:
    (node,) = view.where(VOLUME)
    goal = next(name for name in ("ctl1", "ctl2", "ctl3") if name != node)
    done = operator.does("move", VOLUME, goal, "lifetime=1h")
    assert view.where(VOLUME) == [goal]
    assert [found["node"] for found in done["constraints"]] == [goal]
    operator.does("clear", VOLUME)
    assert "cli-" not in view.configuration().decode()


@by("pcs", "crm")
def test_restart_takes_one_node_at_a_time(operator: Operator, view: View) -> None:
    before = view.configuration()
    done = operator.does("restart", API)
    restarted = [action for action in done["happened"] if action.startswith(f"restart {API} ")]
    assert restarted == [f"restart {API} on {node}" for node in ("ctl1", "ctl2", "ctl3")]
    assert view.configuration() == before


@by("crm", "pcs")
def test_cleanup_forgets_a_failure_and_wait_ends(operator: Operator, lab: Lab, view: View) -> None:
    (name,) = view.where(VOLUME)
    lab.node(name).run("systemctl", "kill", "--signal=KILL", "cinder-volume")
    wait_until(lambda: f'name="fail-count-{VOLUME}' in _status(view), "the failure is seen", within=90)
    # By the time that it waits, less is left to do than was predicted.
    assert operator.call("wait")["result"] is True
    done = operator.does("cleanup", VOLUME)
    assert done["changes"]["failures"]
    assert f'name="fail-count-{VOLUME}' not in _status(view)


def _status(view: View) -> str:
    return view.node.run("cibadmin", "--query", "--scope", "status").stdout
