"""The one rule for what is secret: by name, and inside a value.

Callers add what else they know to be secret (Cinder's own flag, a declaration's ``secret`` list).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "********"
"""Shown instead of a secret."""

# Eight asterisks, or the ten that Salt 3008's pillar.get shows instead of a secret, where a value may stand.
_MASKED = re.compile(r"(?:\A|[=:/?#]\s*)\*{8}(?:\*\*)?(?=[@,;&\s}\])]|\Z)")

_WORD = re.compile(
    r"passw(or)?d|passphrase|passcode|secret|token|credential|cookie|community|(jwt|signature)$"
    r"|(private|priv|api|access|auth|encryption)[_-]?key|[_-]keys?$"
)
_PARTS = frozenset({"pass", "pw", "pwd", "psk"})
# An identifier that alone grants access, such as HashiCorp Vault's.
_SECRET_ID = re.compile(r"(token|secret)[_-]?id$")
# A name with such an ending says where a secret is, how long it is valid or who may use it.
_NO_SECRET_ENDING = re.compile(
    r"(url|uri|file|filename|path|dir|directory|script|command|timeout|interval|time|ttl|length|len|type|id|uuid"
    r"|name|role|roles|required|endpoint|less"
    r"|(public|pub|cert|consumer|repository|otp)[_-]keys?)$"
)
# A name with such a beginning is a switch.
_NO_SECRET_BEGINNING = re.compile(r"(send|allow|enforce)[_-]")

# A name may be quoted (JSON). The look-behinds keep both searches linear.
_ASSIGNMENT = re.compile(r"(?<![\w.-])([\w.-]+)[\"']?\s*[=:]\s*")
_NEXT = r"[\"'{\[(]*[\w.-]+[\"']?\s*[=:](?!//)"
_NEXT_ASSIGNMENT = re.compile(rf"(?<=[,;&\s]){_NEXT}")
_CLOSING = {q: re.compile(rf"(?<!\\){q}(?=[\s}}\])]*(?:\Z|[,;&]\s*{_NEXT}))") for q in "\"'"}
_SEPARATORS = ",;& \t\n\r"
# An address without a scheme, USER:PASSWORD@HOST; not the instance of a unit (systemd:cinder-volume@nfs).
_USER_AND_PASSWORD = re.compile(r"(?!(?:systemd|service):)[^\s:/@]*:\S")


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Return whether the name of an option, a parameter or a key is that of a secret.

    >>> is_secret("os_password"), is_secret("private_key"), is_secret("root_token_id")
    (True, True, True)
    >>> is_secret("password_file"), is_secret("rbd_secret_uuid"), is_secret("send_service_user_token")
    (False, False, False)
    """
    lower = name.lower()
    if _SECRET_ID.search(lower):
        return True
    if _NO_SECRET_ENDING.search(lower) or _NO_SECRET_BEGINNING.match(lower):
        return False
    return bool(_WORD.search(lower)) or not _PARTS.isdisjoint(re.split(r"[^a-z0-9]+", lower))


def is_masked(value: str) -> bool:
    """Return whether a value is or contains a mask instead of a secret: ours or Salt's.

    >>> is_masked("********"), is_masked("mysql://********@db/cinder"), is_masked("*/5 * * * *")
    (True, True, False)
    """
    return bool(_MASKED.search(value))


def shown(name: str, value: str) -> str:
    """Return a value as it may be shown: hidden if its name is that of a secret, else without secrets in it.

    >>> shown("password", "a://b"), shown("auth_url", "http://10.0.0.11:5000/")
    ('********', 'http://10.0.0.11:5000/')
    """
    return HIDDEN if is_secret(name) else without_secrets(value)


def without_secrets(text: str) -> str:
    """Hide the credentials in addresses, and the values assigned to the names of secrets.

    Where the end of such a value is unclear, everything that may belong to it is hidden.

    >>> without_secrets("mysql://cinder:p@ss/word@db/cinder")
    'mysql://********@db/cinder'
    >>> without_secrets("username=cinder,password=x,vers=3.0")
    'username=cinder,password=********,vers=3.0'
    >>> without_secrets("backend_id:b,san_password:a:b c")
    'backend_id:b,san_password:********'
    """
    # Both credentials and assignments need one of these; most values have none.
    if ":" not in text and "=" not in text:
        return text
    return "".join(_without_assigned(_without_user(text)))


def masked_data(value: Any, secret: Collection[str] = ()) -> Any:
    """Return plain data as it may be shown; the list ``secret`` of a mapping names further secrets in it.

    >>> masked_data({"params": {"ip": "::1", "passwd": "x", "frob": "y"}, "secret": ["frob"]})
    {'params': {'ip': '::1', 'passwd': '********', 'frob': '********'}, 'secret': ['frob']}

    :param value: mappings, lists and scalars; keys of mappings are names
    :param secret: further names of secrets
    """
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, (list, tuple)):
        return [masked_data(item, secret) for item in value]
    if not isinstance(value, Mapping):
        return value
    listed = value.get("secret")
    names = {*secret, *map(str, listed)} if isinstance(listed, (list, tuple)) else secret
    return {
        key: item if item is listed else _masked_item(str(key), item, names) for key, item in value.items()
    }


def _masked_item(name: str, item: Any, secret: Collection[str]) -> Any:
    # A mapping is a named object whose values have their own names.
    if item is None or not (name in secret or is_secret(name)) or isinstance(item, Mapping):
        return masked_data(item, secret)
    if isinstance(item, (list, tuple)):
        return [_masked_item(name, one, secret) for one in item]
    return HIDDEN


def _without_user(text: str) -> str:
    """Hide everything between a scheme and the last ``@``: a password may contain any character."""
    head, scheme, rest = text.partition("://")
    if not scheme or _USER_AND_PASSWORD.match(head):
        user, at, host = text.rpartition("@")
        return f"{HIDDEN}@{host}" if at and _USER_AND_PASSWORD.match(user) else text
    user, at, host = rest.rpartition("@")
    # ssh takes no password from its URL.
    if not at or (head.endswith("ssh") and ":" not in user):
        return text
    # This @ may be in front of the host or in a query.
    return f"{head}://{HIDDEN}" if "?" in user or "#" in user else f"{head}://{HIDDEN}@{host}"


def _without_assigned(text: str) -> Iterator[str]:
    at = 0
    for found in _ASSIGNMENT.finditer(text):
        if found.start() >= at and is_secret(found[1]):
            yield text[at : found.end()]
            yield HIDDEN
            at = _end_of_value(text, found.end())
    yield text[at:]


def _end_of_value(text: str, start: int) -> int:
    quote = text[start : start + 1]
    if quote and quote in "\"'":
        closing = _CLOSING[quote].search(text, start + 1)
        return len(text) if closing is None else closing.end()
    following = _NEXT_ASSIGNMENT.search(text, start)
    if following is None:
        return len(text)
    return start + len(text[start : following.start()].rstrip(_SEPARATORS))


class Secret:
    """A text that no log, error or repr shows; only :meth:`reveal` returns it.

    >>> password = Secret("CINDER_PASS")
    >>> print(password, repr(password), password.reveal())
    ******** Secret('********') CINDER_PASS
    """

    __slots__ = ("_text",)

    def __init__(self, text: str):
        self._text = text

    def reveal(self) -> str:
        """Return the secret itself, where it is needed."""
        return self._text

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return f"Secret({HIDDEN!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)
