"""Apply the pillar to Keystone's catalog of services and endpoints.

Belongs here: reading, planning, requests and retries, credentials.
Does not belong here: which minion does it, and under which lock (``deploy``).
May import: ``site``, ``common`` and, inside functions, openstacksdk.
"""

from __future__ import annotations

from .credentials import auth_url_of, open_cloud
from .desired import PART, desired_catalog, owner_of
from .errors import CatalogError, CredentialsError, RefusedError, SdkMissingError, UnavailableError
from .keystone import Keystone
from .model import Catalog, Desired
from .plan import CatalogPlan, Step, changes_of, make_plan
from .reconcile import CatalogOutcome, Patience, look, reconcile

__all__ = [
    "PART",
    "Catalog",
    "CatalogError",
    "CatalogOutcome",
    "CatalogPlan",
    "CredentialsError",
    "Desired",
    "Keystone",
    "Patience",
    "RefusedError",
    "SdkMissingError",
    "Step",
    "UnavailableError",
    "auth_url_of",
    "changes_of",
    "desired_catalog",
    "look",
    "make_plan",
    "open_cloud",
    "owner_of",
    "reconcile",
]
