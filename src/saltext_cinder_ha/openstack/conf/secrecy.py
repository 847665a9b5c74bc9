"""Decide which options of cinder.conf are secret, and mask their values."""

from __future__ import annotations

import re

from ...common import secrets
from ...common.secrets import HIDDEN
from .tables import secret_names

_HOLDS_URL = re.compile(r"(url|uri|connection)$")
# The schemes of oslo.messaging, SQLAlchemy and tooz; anything else may be a password that looks like a URL.
_SCHEME = (
    r"(rabbit|amqps?|kombu|kafka|fake|qpid|zmq|mysql|mariadb|postgresql|sqlite|oracle|mssql|redis|rediss|etcd3?|etcd3gw"
    r"|consul|zookeeper|kazoo|zake|memcached|file|https?)(\+\w+)?"
)
_HOST = r"([\w.-]+|\[[\w.:]+\])?(:\d+)?"
_URL = re.compile(
    rf"(?P<scheme>{_SCHEME})://((?P<user>[^?#]*)@)?(?P<host>{_HOST}(,{_HOST})*(/[\w./%-]*)?)(?P<query>[?#][^@]*)?",
    re.DOTALL,
)


def is_secret(name: str) -> bool:
    """Return whether an option is secret: a release of Cinder flags it, or its name is that of a secret.

    The section does not matter: an option in the wrong section is still secret.

    >>> is_secret("lightos_jwt"), is_secret("approle_role_id"), is_secret("rbd_secret_uuid")
    (True, True, False)
    """
    return secrets.is_secret(name) or name.lower().replace("-", "_") in secret_names()


def shown(name: str, value: str) -> str:
    """Return the value of an option as it may be shown.

    Of a secret that is certainly a URL, scheme, hosts and path are shown.

    >>> shown("transport_url", "rabbit://cinder:x@10.0.0.12:5672//")
    'rabbit://********@10.0.0.12:5672//'
    >>> shown("password", "x://y"), shown("connection", "x://y"), shown("state_path", "/var/lib/cinder")
    ('********', '********', '/var/lib/cinder')
    """
    if not is_secret(name):
        return secrets.without_secrets(value)
    url = _URL.fullmatch(value) if _HOLDS_URL.search(name) else None
    if url is None:
        return HIDDEN
    user = f"{HIDDEN}@" if url["user"] is not None else ""
    query = f"{url['query'][0]}{HIDDEN}" if url["query"] else ""
    return f"{url['scheme']}://{user}{url['host']}{query}"
