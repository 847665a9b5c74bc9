"""The state ``cinder_ha.endpoints_present`` and its function, as Salt loads them, on a real Keystone."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..openstack import services
from ..openstack.pillars import VIP, entries

SDB_PASSWORD = "sdb://secrets/admin"


@pytest.fixture(scope="module")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Server]:
    with services.keystone(tmp_path_factory.mktemp("keystone") / "keystone") as server:
        yield server


@pytest.fixture
def admin(keystone: services.Server) -> services.Rest:
    return services.Rest(keystone.url)


@pytest.fixture
def minion_settings(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "secrets.yaml").write_text(yaml.safe_dump({"admin": services.PASSWORD}))
    return {"secrets": {"driver": "yaml", "files": [str(tmp_path / "secrets.yaml")]}}


@pytest.fixture
def pillar(keystone: services.Server) -> dict[str, Any]:
    auth = {
        "auth_url": keystone.url,
        "username": "admin",
        "password": SDB_PASSWORD,
        "project_name": "admin",
    }
    endpoints = {"auth": auth, "services": [{"type": "block-storage"}]}
    return {"cinder_ha": {"vips": {"internal": {"ip": VIP}}, "endpoints": endpoints}}


def test_state_predicts_makes_and_then_finds_the_endpoints_and_shows_no_secret(
    modules: Any, states: Any, admin: services.Rest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    predicted = states.cinder_ha.endpoints_present("endpoints", test=True)
    assert (predicted.result, admin.catalog()) == (None, [])
    (made,) = modules.state.apply("cinder_ha.endpoints")
    assert (made.result, made.changes) == (True, predicted.changes)
    assert admin.catalog() == entries(f"http://{VIP}:8776/v3")
    again = states.cinder_ha.endpoints_present("endpoints")
    assert (again.result, again.changes) == (True, {})
    shown = modules.cinder_ha.endpoints()
    assert (shown["asked"], shown["changes"], len(shown["services"])) == (True, {}, 1)
    for told in (predicted.raw, made.raw, again.raw, shown, caplog.text):
        assert services.PASSWORD not in str(told)


@pytest.mark.parametrize("url", ["http://10.0.0.11:5000/v3", "https://keystone.example.org/v3"])
def test_keystone_outside_of_the_sandbox_is_not_asked(modules: Any, url: str) -> None:
    other = {"cinder_ha": {"endpoints": {"auth": {"auth_url": url}}}}
    (answer,) = modules.state.apply("cinder_ha.endpoints", pillar=other)
    assert (answer.result, answer.changes) == (True, {})
    assert answer.comment.startswith(f"sandbox: Keystone at {url} is outside the sandbox")


def test_pillar_without_endpoints_is_nothing_to_do(modules: Any) -> None:
    (answer,) = modules.state.apply("cinder_ha.endpoints", pillar={"cinder_ha": {"endpoints": None}})
    assert (answer.result, answer.changes) == (True, {})
    assert answer.comment == "sandbox: The pillar says nothing about endpoints."


def test_type_that_the_installed_cinder_does_not_serve_is_a_warning_that_names_its_release(
    modules: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(services.NEWEST / "bin"), os.environ["PATH"]]))
    outside = {"auth": {"auth_url": "http://10.0.0.11:5000/v3"}, "services": [{"type": "volumev2"}]}
    (answer,) = modules.state.apply(
        "cinder_ha.endpoints", pillar={"cinder_ha": {"release": "auto", "endpoints": outside}}
    )
    assert "The release 2026.2 no longer serves volumev2 (xena removed it)." in answer.comment


def test_missing_openstacksdk_is_one_sentence_that_says_what_to_install(
    states: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The Python that runs the tests has it; so import as one that has not.
    monkeypatch.setitem(sys.modules, "openstack", None)
    answer = states.cinder_ha.endpoints_present("endpoints")
    assert answer.result is False
    assert "install saltext-cinder-ha[openstack] there" in answer.comment
    assert len(answer.comment.splitlines()) == 1
