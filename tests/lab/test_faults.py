"""Every fault does what it says and can be undone; and what applies make of some of them.

The former is about the lab alone, which few changes touch: it is left to the soak.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest

from .cluster import View
from .host import wait_until
from .lab import Depth, Lab
from .nodes import Node
from .salt_site import SaltSite, salt_call

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_PORT = 8080
_LISTEN = f"python3 -m http.server {_PORT}"
_DELAY_MILLISECONDS = 300
_LOST_PERCENT = 50


@pytest.fixture
def infra(lab: Lab) -> Iterator[Node]:
    """A machine that is not in the cluster, so that nobody is fenced for its faults."""
    yield lab.infra
    lab.infra.heal()


def _answered(node: Node, peer: str, times: int = 3) -> int:
    """How many of so many pings come back, each within a second."""
    done = node.run("ping", "-q", "-n", "-c", str(times), "-i", "0.05", "-W", "1", peer, check=False)
    found = re.search(r"(\d+) received", done.stdout)
    assert found, done.stdout
    return int(found[1])


def _heard(node: Node, act: Callable[[], object]) -> int:
    """How many pings arrive at a node while something is done."""
    before = _echo_requests(node)
    act()
    return _echo_requests(node) - before


def _echo_requests(node: Node) -> int:
    names, values = (
        line.split()
        for line in node.run("cat", "/proc/net/snmp").stdout.splitlines()
        if line.startswith("Icmp:")
    )
    return int(values[names.index("InEchos")])


@pytest.mark.soak
def test_cut_stops_both_ways_to_that_peer_only(lab: Lab, infra: Node) -> None:
    infra.cut("ctl1")
    assert _answered(infra, "ctl1") == 0
    assert _answered(lab.node("ctl1"), "infra") == 0
    assert _answered(infra, "ctl2") == 3
    infra.heal()
    assert _answered(infra, "ctl1") == 3


@pytest.mark.soak
def test_deaf_machine_is_heard_and_hears_nothing(lab: Lab, infra: Node) -> None:
    infra.deafen("ctl1")
    arrived = _heard(lab.node("ctl1"), lambda: _answered(infra, "ctl1"))
    assert arrived == 3
    assert _heard(infra, lambda: _answered(lab.node("ctl1"), "infra")) == 0
    infra.heal()
    assert _answered(infra, "ctl1") == 3


@pytest.mark.soak
def test_part_of_the_packets_is_lost(infra: Node) -> None:
    infra.lose(_LOST_PERCENT, "ctl1")
    # One of four comes through both ways; none or all of sixty is out of the question.
    assert 0 < _answered(infra, "ctl1", times=60) < 60
    assert _answered(infra, "ctl2") == 3


@pytest.mark.soak
def test_what_is_delayed_comes_later_and_complete(infra: Node) -> None:
    infra.delay(_DELAY_MILLISECONDS, "ctl1")
    assert _DELAY_MILLISECONDS <= _round_trip(infra, "ctl1") < _DELAY_MILLISECONDS + 200
    assert _round_trip(infra, "ctl2") < _DELAY_MILLISECONDS
    infra.heal()
    assert _round_trip(infra, "ctl1") < _DELAY_MILLISECONDS


def _round_trip(node: Node, peer: str) -> float:
    """The shortest of three, in milliseconds; none of them is lost."""
    done = node.run("ping", "-q", "-n", "-c", "3", peer)
    found = re.search(r" 0% packet loss.*min/avg/max/mdev = ([\d.]+)", done.stdout, re.DOTALL)
    assert found, done.stdout
    return float(found[1])


@pytest.fixture
def service(lab: Lab) -> Iterator[Node]:
    """A service at a port of ``infra``."""
    lab.infra.run("systemd-run", "--unit=lab-service", "--working-directory=/srv", *_LISTEN.split())
    wait_until(lambda: _reached(lab.node("ctl1")), "the service answers", within=20)
    yield lab.infra
    lab.infra.heal()
    lab.infra.run("systemctl", "stop", "lab-service")


def _reached(caller: Node, seconds: float = 2) -> bool:
    address = f"http://infra:{_PORT}/"
    return caller.run("curl", "-sf", "-m", f"{seconds:g}", address, check=False).returncode == 0


@pytest.mark.soak
def test_service_is_gone_and_the_machine_is_not(lab: Lab, service: Node) -> None:
    service.silence(_PORT)
    assert not _reached(lab.node("ctl1"))
    assert _answered(lab.node("ctl1"), "infra") == 3
    service.heal()
    assert _reached(lab.node("ctl1"))


@pytest.mark.soak
def test_service_is_slow_for_one_caller_only(lab: Lab, service: Node) -> None:
    caller = lab.node("ctl1")
    caller.delay(2000, "infra", port=_PORT)
    assert not _reached(caller)
    assert _reached(caller, seconds=20)
    assert _answered(caller, "infra") == 3
    assert _reached(lab.node("ctl2"))
    caller.heal()
    assert _reached(caller)


@pytest.mark.soak
def test_full_folder_can_be_read_and_not_written(infra: Node) -> None:
    infra.run("sh", "-c", "mkdir -p /srv/full && echo before >/srv/full/file")
    infra.fill("/srv/full")
    assert infra.run("cat", "/srv/full/file").stdout == "before\n"
    write = ("cp", "/usr/bin/bash", "/srv/full")
    assert "No space left on device" in infra.run(*write, check=False).stderr
    infra.heal()
    infra.run(*write)


def test_apply_completes_on_a_network_that_is_slow_and_loses(lab: Lab, salt: SaltSite, view: View) -> None:
    one, two, _ = lab.controllers
    one.lose(5, two.name)
    two.delay(50, one.name)
    configuration, before = view.configuration(), view.epoch()
    try:
        answers = salt.call("pacemaker.apply", _properties("lab-slow"), document="lab-faults")
        written = view.epoch() - before
    finally:
        one.heal()
        two.heal()
        view.replace_configuration(configuration)
    assert [answer["result"] for answer in answers.values()] == [True] * 3
    assert sum(answer["written"] for answer in answers.values()) == 1
    assert written == 1


def test_full_folder_for_temporary_files_is_passed_by(lab: Lab) -> None:
    node = lab.node("ctl1")
    node.run("mkdir", "--parents", "/srv/tmp")
    node.fill("/srv/tmp")
    try:
        answer = salt_call(node, "pacemaker.plan", _properties("lab-full"), TMPDIR="/srv/tmp")
    finally:
        node.heal()
    assert json.loads(answer)["local"]["comment"].startswith("1 would be created.")


def _properties(name: str) -> str:
    """A declaration of one property."""
    return f'{{"properties": {{"{name}": 1}}}}'


def test_frozen_daemon_is_told_within_the_timeout(lab: Lab, view: View) -> None:
    node = lab.node("ctl3")
    node.suspend("pacemaker-based")
    try:
        answer = salt_call(node, "pacemaker.status", pacemaker={"timeout": 3})
    finally:
        node.resume("pacemaker-based")
    assert "cibadmin did not answer within 3 s" in answer
    assert "Traceback" not in answer
    View(node).wait_online()
    view.wait_idle()
