"""One Keystone for all tests of this folder, emptied before each, and a pillar that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import services
from .pillars import Pillar


@pytest.fixture(scope="package")
def running_keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[services.Server]:
    with services.keystone(tmp_path_factory.mktemp("openstack") / "keystone") as server:
        yield server


@pytest.fixture(scope="package")
def admin(running_keystone: services.Server) -> services.Rest:
    return services.Rest(running_keystone.url)


@pytest.fixture
def keystone(running_keystone: services.Server, admin: services.Rest) -> services.Server:
    """A Keystone whose catalog has nothing but Keystone itself."""
    running_keystone.fails_with()
    for service in admin.services():
        admin.call("DELETE", f"/services/{service['id']}")
    running_keystone.forget_requests()
    return running_keystone


@pytest.fixture
def auth(keystone: services.Server) -> dict[str, Any]:
    """The pillar's ``endpoints.auth`` for that Keystone."""
    return {
        "auth_url": keystone.url,
        "username": "admin",
        "password": services.PASSWORD,
        "project_name": "admin",
    }


@pytest.fixture
def pillar(auth: dict[str, Any], tmp_path: Path) -> Pillar:
    return Pillar(auth, tmp_path / "cib.xml")
