"""A pillar with endpoints, and what comes of applying it in a sandbox with a real Keystone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saltext_cinder_ha.deploy.endpoints import register_endpoints
from saltext_cinder_ha.deploy.state_result import StateResult
from saltext_cinder_ha.openstack.catalog import CatalogError
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.site import SiteError, parse_site

from .services import PASSWORD

VIP = "10.0.0.11"


class Pillar:
    """The parts of a pillar that matter here, to be changed by a test."""

    def __init__(self, auth: dict[str, Any], cib: Path):
        self.vips: dict[str, Any] = {"internal": {"ip": VIP}}
        self.auth = auth
        self.services: list[dict[str, Any]] = [{"type": "block-storage", "name": "cinder"}]
        self.rest: dict[str, Any] = {}
        self.environ: Mapping[str, str] = {}
        self.timeout = 60
        self._cib = cib

    def predict(self) -> StateResult:
        return self._register(test=True)

    def apply(self, owner: str = "ctl1") -> StateResult:
        return self._register(test=False, owner=owner)

    def withdraw(self) -> StateResult:
        """Remove what the site made."""
        return self._register(test=False, present=False)

    def _register(self, *, test: bool, owner: str = "ctl1", present: bool = True) -> StateResult:
        endpoints = {"auth": self.auth, "services": self.services}
        site = parse_site({"cinder_ha": {"vips": self.vips, "endpoints": endpoints, **self.rest}})
        cluster = Cluster(Settings(cib_file=str(self._cib), timeout=self.timeout))
        before = dict(os.environ)
        os.environ.update(self.environ)
        try:
            return register_endpoints(
                site, cluster, owner=owner, environ=os.environ, test=test, present=present
            )
        finally:
            for name in self.environ:
                del os.environ[name]
            os.environ.update(before)


def sentence_of(pillar: Pillar) -> str:
    """What comes of applying a pillar that cannot be applied."""
    try:
        answer = pillar.apply()
    except (CatalogError, SiteError) as error:
        found = str(error)
    else:
        assert answer.result is False
        found = answer.comment
    assert len(found.splitlines()) == 1
    assert PASSWORD not in found
    return found


def entries(
    url: str, region: str = "RegionOne", kind: str = "block-storage", name: str = "cinder"
) -> list[tuple[str, ...]]:
    """What ``Rest.catalog`` should show of one service."""
    return [(kind, name, interface, region, url) for interface in ("admin", "internal", "public")]
