"""Where the database, RabbitMQ and Keystone are, and how Cinder authenticates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....site.releases import is_since
from .model import WARNING, Finding, Subject
from .replacements import replacement_of

_KEYSTONE = "keystone_authtoken"
_LOCAL_URL = re.compile(r"\w[\w+.-]*://([^/]*[@,])?(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/,]|$)")
_VERSION_2 = ("identity_uri", "auth_host", "admin_user", "admin_password", "admin_tenant_name", "admin_token")


def local_urls(subject: Subject) -> Iterator[Finding]:
    """Find URLs of the node itself, which mean another place on each node."""
    for entry in subject.file.entries:
        if _LOCAL_URL.search(entry.value):
            why = "leads to the node itself, which is another one on each node"
            yield subject.finding(WARNING, entry, why, "write the address that all nodes share")


def unmaintained_mysql_driver(subject: Subject) -> Iterator[Finding]:
    """``mysql://`` is MySQL-python to SQLAlchemy, which exists for Python 2 only (SQLAlchemy, "MySQL")."""
    for section, option in (("database", "connection"), ("DEFAULT", "sql_connection")):
        entry = subject.last(section, option)
        if entry is not None and entry.value.startswith("mysql://") and is_since(subject.release, "liberty"):
            why = "names no driver, so that SQLAlchemy looks for MySQLdb, which is seldom there"
            yield subject.finding(WARNING, entry, why, "write mysql+pymysql://")


def identity_of_version_2(subject: Subject) -> Iterator[Finding]:
    """Find options for version 2.0 of Keystone's API, which Keystone dropped in Queens."""
    if not is_since(subject.release, "queens"):
        return
    for option in _VERSION_2:
        entry = subject.last(_KEYSTONE, option)
        if entry is not None and subject.option(entry) is not None:
            why = "speaks version 2.0 of Keystone's API, which is gone since queens: every request is refused"
            yield subject.finding(subject.ignored, entry, why, replacement_of(option) or "")


def service_tokens(subject: Subject) -> Iterator[Finding]:
    """Require that no user's token passes for a service's (OSSA-2023-003)."""
    option = "service_token_roles_required"
    has_section = any(header.name.lower() == _KEYSTONE for header in subject.file.headers)
    if not has_section or subject.table.option(_KEYSTONE, option) is None:
        return
    entry = subject.last(_KEYSTONE, option)
    # True is the default from keystonemiddleware 13 on.
    if subject.is_true(_KEYSTONE, option) or (entry is None and is_since(subject.release, "2026.2")):
        return
    why = "is not true, so that any user's token passes for a service's (OSSA-2023-003)"
    yield Finding(WARNING, _KEYSTONE, option, entry.line if entry else 0, why, f"write {option} = true")
