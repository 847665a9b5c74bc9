"""Rules about connections to the database, RabbitMQ and Keystone, and about authentication."""

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
    """Report URLs of the local host, which is another machine on each node."""
    for entry in subject.file.entries:
        if _LOCAL_URL.search(entry.value):
            why = "points to the local host, which is another machine on each node"
            yield subject.finding(WARNING, entry, why, "write the address that all nodes share")


def unmaintained_mysql_driver(subject: Subject) -> Iterator[Finding]:
    """Report ``mysql://``: SQLAlchemy takes it for MySQL-python, for Python 2 only (SQLAlchemy, "MySQL")."""
    for section, option in (("database", "connection"), ("DEFAULT", "sql_connection")):
        entry = subject.last(section, option)
        if entry is not None and entry.value.startswith("mysql://") and is_since(subject.release, "liberty"):
            why = "names no driver, so that SQLAlchemy uses MySQLdb, which is rarely installed"
            yield subject.finding(WARNING, entry, why, "write mysql+pymysql://")


def identity_of_version_2(subject: Subject) -> Iterator[Finding]:
    """Report options for version 2.0 of Keystone's API, which Keystone removed in Queens."""
    if not is_since(subject.release, "queens"):
        return
    for option in _VERSION_2:
        entry = subject.last(_KEYSTONE, option)
        if entry is not None and subject.option(entry) is not None:
            why = "uses version 2.0 of Keystone's API, which queens removed: every request is rejected"
            yield subject.finding(subject.ignored, entry, why, replacement_of(option) or "")


def service_tokens(subject: Subject) -> Iterator[Finding]:
    """Report that users' tokens are accepted as those of services (OSSA-2023-003)."""
    option = "service_token_roles_required"
    has_section = any(header.name.lower() == _KEYSTONE for header in subject.file.headers)
    if not has_section or subject.table.option(_KEYSTONE, option) is None:
        return
    entry = subject.last(_KEYSTONE, option)
    # True by default since keystonemiddleware 13.
    if subject.is_true(_KEYSTONE, option) or (entry is None and is_since(subject.release, "2026.2")):
        return
    why = "is not true, so that any user's token is accepted as a service's (OSSA-2023-003)"
    yield Finding(WARNING, _KEYSTONE, option, entry.line if entry else 0, why, f"write {option} = true")
