"""Turn Keystone's error responses, and failed requests, into errors of one sentence."""

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
# 409: someone else has just created it.
_WORTH_ANOTHER_LOOK = (408, 409, 429, 500, 502, 503, 504)
_LONGEST_MESSAGE = 200
# X509_STORE_CTX_get_error(3): self-signed, self-signed in the chain, no issuer, no leaf signature.
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)


def inspect_answer(response: Any, *_rest: Any, **_options: Any) -> None:
    """Raise an error for every response of Keystone that is not a success; a hook for requests.

    :param response: a ``requests.Response``
    :raises RefusedError: a retry would not help
    :raises UnavailableError: a retry may help
    """
    status = response.status_code
    where = f"Keystone at {shown(response.request.url)}"
    if status in _REDIRECTS:
        target = shown(response.headers.get("Location", "nowhere"))
        raise RefusedError(f"{where} redirects to {target}; if that is Keystone, set auth_url to it")
    if status < 400:
        if response.content and _json(response) is None:
            kind = response.headers.get("Content-Type", "something").partition(";")[0]
            raise RefusedError(f"{where} answers with {kind} instead of JSON; check auth_url")
        return
    if status == HTTPStatus.UNAUTHORIZED:
        raise RefusedError(
            f"{where} does not accept the credentials (401): check user name, password, project and domains"
        )
    if status == HTTPStatus.FORBIDDEN:
        raise RefusedError(f"{where} does not let this user manage the catalog (403): {_message(response)}")
    if status == HTTPStatus.NOT_FOUND and response.request.method in ("GET", "POST"):
        raise RefusedError(f"{where} has no Identity API v3 at that path (404); check auth_url")
    sentence = f"{where} refuses {response.request.method} ({status}): {_message(response)}"
    if status == HTTPStatus.NOT_FOUND:
        raise GoneError(sentence)
    if status in _WORTH_ANOTHER_LOOK:
        raise UnavailableError(sentence, _retry_after(response))
    raise RefusedError(sentence)


def error_of(error: Exception, url: str, timeout: float) -> CatalogError:
    """Return our error for one of keystoneauth.

    :param error: a ``keystoneauth1.exceptions.ClientException``
    :param url: Keystone's URL
    :param timeout: the time limit of a request in seconds
    """
    from keystoneauth1.exceptions import connection as exceptions

    where = f"Keystone at {shown(url)}"
    for inner in _chain(error):
        if isinstance(inner, ssl.SSLError):
            return RefusedError(f"{where} {_tls_failure(inner)}")
    # requests reports a timeout within the body of a response as a broken connection.
    if isinstance(error, exceptions.ConnectTimeout) or any(map(_is_time_limit, _chain(error))):
        return UnavailableError(f"{where} did not answer within {timeout:g} s")
    if isinstance(error, exceptions.ConnectionError):
        return UnavailableError(f"{where} cannot be reached ({_reason(error) or 'the connection was lost'})")
    return RefusedError(f"{where} cannot be used: {_short(str(error))}")


def shown(url: str) -> str:
    """Return a URL without the parts that no log should show.

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
    return _short(str(text or response.reason or "no reason given"))


def _short(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[:_LONGEST_MESSAGE]}..."


def _retry_after(response: Any) -> float | None:
    """Return the seconds to wait, from seconds or a date (RFC 9110, section 10.2.3)."""
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
        return f"does not answer with valid TLS ({error.reason or 'connection closed'}); check auth_url"
    reason = error.verify_message.rstrip(".")
    advice = "; set cacert to the certificate of its authority"
    return f"cannot be trusted ({reason}){advice if error.verify_code in _UNKNOWN_AUTHORITY else ''}"


def _reason(error: BaseException) -> str | None:
    """Return the operating system's error message."""
    for inner in _chain(error):
        if isinstance(inner, OSError) and inner.errno is not None and inner.errno in errno.errorcode:
            return os.strerror(inner.errno)
    return None


def _is_time_limit(error: BaseException) -> bool:
    """Return whether it is our own time limit, not the operating system's ETIMEDOUT."""
    return isinstance(error, TimeoutError) and error.errno is None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all its causes."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        inner = todo.pop()
        if isinstance(inner, BaseException) and inner not in seen:
            seen.append(inner)
            yield inner
            todo += [inner.__cause__, inner.__context__, getattr(inner, "reason", None), *inner.args]
