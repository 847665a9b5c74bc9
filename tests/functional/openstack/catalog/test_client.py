"""The openstack client finds Block Storage through the catalog, on a real cinder-api of two releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..pillars import Pillar
from ..services import BEFORE, NEWEST, Server, cinder_api, openstack

pytestmark = pytest.mark.one_salt


@pytest.mark.parametrize("venv", [NEWEST, BEFORE], ids=["2026.2", "2026.1"])
@pytest.mark.parametrize(("kind", "path"), [("block-storage", ""), ("volumev3", "/%(project_id)s")])
def test_openstack_client_works_through_the_catalog(
    keystone: Server, auth: dict[str, Any], tmp_path: Path, venv: Path, kind: str, path: str
) -> None:
    with cinder_api(venv, tmp_path / "cinder", keystone) as cinder:
        pillar = Pillar(auth, tmp_path / "cib.xml")
        pillar.services = [{"type": kind, "url": f"{cinder.url}{path}"}]
        assert pillar.apply().result is True
        listed = openstack(keystone, "endpoint", "list", "--service", kind)
        assert {row["Interface"] for row in listed} == {"public", "internal", "admin"}
        shown = openstack(keystone, "catalog", "show", kind)
        assert all(row["url"].startswith(cinder.url) for row in shown["endpoints"])
        assert openstack(keystone, "volume", "service", "list") == []
        assert [status for _, request, status in cinder.requests() if "os-services" in request] == [200]
