"""Say what Keystone's answers, and the lack of one, mean: one sentence each."""

from __future__ import annotations

import errno
import json
import os
import ssl
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from .errors import CatalogError, GoneError, RefusedError, UnavailableError

_REDIRECTS = (301, 302, 303, 305, 307, 308)
# 409: somebody else has just created it.
_WORTH_ANOTHER_LOOK = (408, 409, 429, 500, 502, 503, 504)
_LONGEST_MESSAGE = 200
# X509_STORE_CTX_get_error(3): self-signed, self-signed in the chain, no issuer, no leaf signature.
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)


def inspect_answer(response: Any, *_rest: Any, **_options: Any) -> None:
    """Raise an error for every answer of Keystone that is not what was asked for; a hook of requests.

    :param response: a ``requests.Response``
    :raises RefusedError: to ask again would not help
    :raises UnavailableError: it might
    """
    status = response.status_code
    where = f"Keystone at {shown(response.request.url)}"
    if status in _REDIRECTS:
        target = shown(response.headers.get("Location", "nowhere"))
        raise RefusedError(f"{where} redirects to {target}; if that is Keystone, say so in auth_url")
    if status < 400:
        if response.content and _json(response) is None:
            kind = response.headers.get("Content-Type", "something").partition(";")[0]
            raise RefusedError(f"{where} answers with {kind} instead of JSON; is the auth_url right?")
        return
    if status == HTTPStatus.UNAUTHORIZED:
        raise RefusedError(
            f"{where} does not accept the credentials: user name, password, project or domain is wrong (401)"
        )
    if status == HTTPStatus.FORBIDDEN:
        raise RefusedError(f"{where} does not let this user manage the catalog (403): {_message(response)}")
    if status == HTTPStatus.NOT_FOUND and response.request.method in ("GET", "POST"):
        raise RefusedError(f"{where} has no Identity API v3 there (404); is the auth_url right?")
    sentence = f"{where} refuses {response.request.method} ({status}): {_message(response)}"
    if status == HTTPStatus.NOT_FOUND:
        raise GoneError(sentence)
    if status in _WORTH_ANOTHER_LOOK:
        raise UnavailableError(sentence, _retry_after(response))
    raise RefusedError(sentence)


def error_of(error: Exception, url: str, timeout: float) -> CatalogError:
    """Return the error that stands for one of keystoneauth.

    :param error: a ``keystoneauth1.exceptions.ClientException``
    :param url: Keystone's URL
    :param timeout: seconds that a request had
    """
    from keystoneauth1.exceptions import connection as exceptions

    where = f"Keystone at {shown(url)}"
    for inner in _chain(error):
        if isinstance(inner, ssl.SSLError):
            return RefusedError(f"{where} {_tls_failure(inner)}")
    # requests calls a time limit within the body of an answer a broken connection.
    if isinstance(error, exceptions.ConnectTimeout) or any(map(_is_time_limit, _chain(error))):
        return UnavailableError(f"{where} did not answer within {timeout:g} s")
    if isinstance(error, exceptions.ConnectionError):
        return UnavailableError(f"{where} cannot be reached ({_reason(error) or 'the connection broke'})")
    return RefusedError(f"{where} cannot be used: {_short(str(error))}")


def shown(url: str) -> str:
    """Return a URL without what a log should not have.

    >>> shown("https://admin:secret@10.0.0.11:5000/v3?token=x")
    'https://10.0.0.11:5000/v3'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _json(response: Any) -> Any:
    try:
        found = json.loads(response.content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _message(response: Any) -> str:
    found = (_json(response) or {}).get("error")
    text = found.get("message") if isinstance(found, dict) else None
    return _short(str(text or response.reason or "without a reason"))


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}..."


def _retry_after(response: Any) -> float | None:
    """Seconds or a date (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        date, now = parsedate_to_datetime(text), parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError, TypeError):
        return None
    return max(0.0, (date - now).total_seconds())


def _tls_failure(error: ssl.SSLError) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"does not speak TLS as it should ({error.reason or 'it ended'}); is the auth_url right?"
    reason = error.verify_message.rstrip(".")
    advice = "; name the certificate of its authority in cacert"
    return f"cannot be trusted ({reason}){advice if error.verify_code in _UNKNOWN_AUTHORITY else ''}"


def _reason(error: BaseException) -> str | None:
    """Return the operating system's own words."""
    for inner in _chain(error):
        if isinstance(inner, OSError) and inner.errno is not None and inner.errno in errno.errorcode:
            return os.strerror(inner.errno)
    return None


def _is_time_limit(error: BaseException) -> bool:
    """Ours, in contrast to the operating system's ETIMEDOUT."""
    return isinstance(error, TimeoutError) and error.errno is None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, and all that led to it."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        inner = todo.pop()
        if isinstance(inner, BaseException) and inner not in seen:
            seen.append(inner)
            yield inner
            todo += [inner.__cause__, inner.__context__, getattr(inner, "reason", None), *inner.args]
