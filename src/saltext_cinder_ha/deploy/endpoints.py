"""Apply the pillar to Keystone's catalog, from one minion at a time."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..openstack.catalog import (
    PART,
    CatalogOutcome,
    CatalogPlan,
    Desired,
    Keystone,
    Patience,
    auth_url_of,
    changes_of,
    desired_catalog,
    look,
    make_plan,
    open_cloud,
    owner_of,
    reconcile,
)
from ..pacemaker.cluster import Cluster
from ..pacemaker.lock.lock import ClusterLocks
from ..site import PILLAR_KEY, Site
from ..site.model import EndpointAuth
from .state_result import StateResult

LOCK = f"{PILLAR_KEY}.{PART}"
_ROUNDS_PER_TIMEOUT = 3


def register_endpoints(
    site: Site,
    cluster: Cluster,
    *,
    owner: str,
    environ: Mapping[str, str],
    test: bool,
    present: bool = True,
) -> StateResult:
    """Apply the pillar to Keystone's catalog, or with ``test`` only predict the changes.

    A cluster-wide lock lets one minion act at a time; the others find nothing left to do. A minion that is in
    no cluster acts without the lock. In a sandbox, only a Keystone on this machine is contacted.

    :param owner: the ID of this minion
    :param present: false removes what the site created, whatever the pillar lists
    :raises SiteError: the pillar lacks a key
    :raises CatalogError: the catalog cannot be read
    :raises SaltextError: the lock was not released in time
    """
    desired = desired_catalog(site) if present else Desired(owner_of(site), ())
    if not site.endpoints.services and site.endpoints.auth == EndpointAuth():
        return StateResult(True, _told(f"The pillar says nothing about {PART}.", (), cluster))
    if not _may_ask(site, cluster):
        return StateResult(True, _told(_unasked(site, desired), desired.warnings, cluster))
    keystone = _keystone(site, cluster, environ)
    plan = make_plan(desired, look(keystone, Patience(cluster.settings.timeout)))
    if test or not plan:
        return _predicted(plan, desired, keystone, cluster)
    with ClusterLocks(cluster, owner).held_or_alone(LOCK, within=cluster.settings.timeout):
        outcome = reconcile(keystone, desired, Patience(cluster.settings.timeout))
    return _done(outcome, desired, keystone, cluster)


def read_endpoints(site: Site, cluster: Cluster, *, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the live Block Storage services, and what applying the pillar would change.

    :return: ``keystone`` (URL), ``asked`` (boolean), ``services``, ``changes``, ``warnings``, ``sandbox``
    :raises SiteError: the pillar lacks a key
    :raises CatalogError: the catalog cannot be read
    """
    desired = desired_catalog(site)
    if not _may_ask(site, cluster):
        return {
            "keystone": auth_url_of(site),
            "asked": False,
            "services": [],
            "changes": {},
            "warnings": list(desired.warnings),
            "sandbox": True,
        }
    keystone = _keystone(site, cluster, environ)
    live = look(keystone, Patience(cluster.settings.timeout))
    plan = make_plan(desired, live)
    return {
        "keystone": keystone.url,
        "asked": True,
        "services": live.to_dict(),
        "changes": changes_of(plan.steps),
        "warnings": [*desired.warnings, *plan.notes],
        "sandbox": cluster.is_sandbox,
    }


def _keystone(site: Site, cluster: Cluster, environ: Mapping[str, str]) -> Keystone:
    # A server that hangs leaves time for another attempt.
    timeout = cluster.settings.timeout / _ROUNDS_PER_TIMEOUT
    return Keystone(open_cloud(site, environ, timeout=timeout))


def _may_ask(site: Site, cluster: Cluster) -> bool:
    """Return whether Keystone may be contacted: in a sandbox, only one on the loopback interface."""
    if not cluster.is_sandbox:
        return True
    url = auth_url_of(site)
    return url is not None and _is_loopback(urlsplit(url).hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _predicted(plan: CatalogPlan, desired: Desired, keystone: Keystone, cluster: Cluster) -> StateResult:
    notes = (*desired.warnings, *plan.notes)
    if not plan:
        return StateResult(True, _told(f"{keystone} already has the declared endpoints.", notes, cluster))
    sentence = f"{keystone} would be changed: {_listed(plan.steps)}."
    return StateResult(None, _told(sentence, notes, cluster), changes_of(plan.steps))


def _done(outcome: CatalogOutcome, desired: Desired, keystone: Keystone, cluster: Cluster) -> StateResult:
    changes = changes_of(outcome.steps)
    if outcome.error is not None:
        after = f" Done before that: {_listed(outcome.steps)}." if outcome.steps else ""
        return StateResult(False, _told(f"{outcome.error}.{after}", (), cluster), changes)
    sentence = (
        f"{keystone} was changed: {_listed(outcome.steps)}."
        if outcome.steps
        else f"Another minion has just applied the declared endpoints to {keystone}."
    )
    return StateResult(True, _told(sentence, (*desired.warnings, *outcome.notes), cluster), changes)


def _unasked(site: Site, desired: Desired) -> str:
    urls = [
        f"{service.label} {endpoint.interface} {endpoint.region} {endpoint.url}"
        for service in desired.services
        for endpoint in service.endpoints
    ]
    return (
        f"Keystone at {auth_url_of(site) or 'an address that the pillar does not give'} is outside the "
        f"sandbox and was not contacted; it should have: {'; '.join(urls) or 'nothing'}."
    )


def _listed(steps: Iterable[object]) -> str:
    return "; ".join(str(step) for step in steps)


def _told(sentence: str, notes: Iterable[str], cluster: Cluster) -> str:
    start = "sandbox: " if cluster.is_sandbox else ""
    return "\n".join([f"{start}{sentence}", *(f"{note[0].upper()}{note[1:]}." for note in notes)])
