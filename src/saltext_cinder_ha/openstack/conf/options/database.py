"""Cinder's database."""

from __future__ import annotations

from urllib.parse import quote

from ....site import Site, missing
from ..addresses import in_url
from .model import PART, Options, Target, option


def database_options(target: Target) -> Options:
    """Yield the options of section ``[database]`` (oslo.db, "Configuration Options").

    ``max_retries = -1`` makes a service wait for a database that is unavailable, as while its VIP moves.
    """
    yield option("database", "connection", connection(target.site), "database")
    yield option("database", "max_retries", -1, "database")


def connection(site: Site) -> str:
    """Return the SQLAlchemy URL of the database.

    :raises SiteError: its host or its password is missing
    """
    database = site.database
    if database.url is not None:
        return database.url.reveal()
    if database.host is None:
        raise missing("database.host", PART)
    if database.password is None:
        raise missing("database.password", PART)
    user, password = (quote(text, safe="") for text in (database.user, database.password.reveal()))
    return f"{database.driver}://{user}:{password}@{in_url(database.host)}/{quote(database.name, safe='')}"
