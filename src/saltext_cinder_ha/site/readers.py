"""Parse one value of the pillar: a reader returns it or raises DeclarationError with its path."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from ..common import fields
from ..common.errors import DeclarationError
from ..common.secrets import Secret, is_masked, is_secret
from ..pacemaker.declaration.resources import parse_agent
from .releases import AUTO, canonical_release, release_names

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 1123, section 2.1; at most 63 characters between two dots.
_HOST_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
_INTERFACE = re.compile(r"[^\s/]{1,15}")
_SECTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
_OPTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_DRIVER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_DATABASE_DRIVER = re.compile(r"[a-z0-9]+(?:\+[a-z0-9]+)?")
_PLACEHOLDERS = ("project_id", "tenant_id", "user_id")
_PLACEHOLDER = re.compile(rf"[%$]\((?:{'|'.join(_PLACEHOLDERS)})\)s")
_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_DURATION_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def text(value: object, path: str) -> str:
    """Return ``value`` if it is text and not empty."""
    if not isinstance(value, str):
        raise DeclarationError(path, f"is {fields.what(value)}, but should be text: quote it")
    if not value.strip():
        raise DeclarationError(path, "is empty, but should be text")
    return value


def secret(value: object, path: str) -> Secret:
    """Return ``value`` as a :class:`Secret`; errors never show it."""
    if not isinstance(value, str):
        raise DeclarationError(path, f"is {fields.kind(value)}, but a secret should be text: quote it")
    if not value:
        raise DeclarationError(path, "is empty, but should be a secret")
    if is_masked(value):
        raise DeclarationError(path, "is masked by Salt or by this package, but the secret itself is needed")
    return Secret(value)


def database_url(value: object, path: str) -> Secret:
    """Return an SQLAlchemy URL as a secret, since it contains a password."""
    url = secret(value, path)
    scheme, separator, rest = url.reveal().partition("://")
    if not separator or not rest or not _DATABASE_DRIVER.fullmatch(scheme):
        raise DeclarationError(
            path, "is not a database URL; allowed: DIALECT+DRIVER://USER:PASSWORD@HOST/NAME"
        )
    return url


def scalar(value: object, path: str) -> str | int | float | bool:
    """Return text, a number or a boolean unchanged; a secret, by its name, should be text."""
    if _is_secret(path) and value != "":
        secret(value, path)
    if not isinstance(value, (str, int, float, bool)):
        raise DeclarationError(path, f"is {fields.kind(value)}, but should be text, a number or a boolean")
    return value


def scalar_or_nothing(value: object, path: str) -> str | int | float | bool | None:
    """Return a scalar, or None for null, which removes the option."""
    return None if value is None else scalar(value, path)


def scalars(value: object, path: str) -> str | int | float | bool | list[Any]:
    """Return a scalar, or a list of them for an option that may be given more than once."""
    if not isinstance(value, (list, tuple)):
        return scalar(value, path)
    return [scalar(item, fields.joined(path, index)) for index, item in enumerate(value)]


def plain_mapping(value: object, path: str) -> dict[str, Any]:
    """Return a mapping as plain dicts and lists; the declaration's parser checks its contents."""
    if not isinstance(value, Mapping):
        raise DeclarationError(path, f"is {fields.kind(value)}, but should be a mapping")
    return {_key(key, path): _plain(item, fields.joined(path, str(key))) for key, item in value.items()}


def release(value: object, path: str) -> str:
    """Return a release as :data:`~.releases.RELEASES` spells it, or ``auto``."""
    # Unquoted, a series such as 2026.1 is a number to YAML.
    word = str(value) if isinstance(value, float) else text(value, path)
    if word.strip().lower() == AUTO:
        return AUTO
    found = canonical_release(word)
    if found is None:
        allowed = (AUTO, *release_names())
        raise DeclarationError(
            path,
            f"is {fields.what(word)}, which is not an OpenStack release; allowed: {', '.join(allowed)}",
        )
    return found


def address(value: object, path: str) -> IPAddress:
    """Return an IP address that can belong to a host."""
    shape = "an IPv4 or IPv6 address such as 10.0.0.11"
    given = fields.what(value)
    if isinstance(value, str) and "/" in value:
        raise DeclarationError(path, f"is {given}, but should be {shape}; the prefix belongs in cidr_netmask")
    try:
        found = ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        raise DeclarationError(path, f"is {given}, but should be {shape}") from None
    if found.is_unspecified or found.is_multicast:
        raise DeclarationError(path, f"is {given}, which cannot belong to a host; allowed: {shape}")
    return found


def prefix_length(value: object, path: str) -> int:
    """Return a network's prefix length; its limit for the address is checked later."""
    number = _integer(value)
    if number is None or not 0 < number <= 128:
        raise DeclarationError(
            path,
            f"is {fields.what(value)}, but should be a prefix length: 1 to 32 for IPv4, 1 to 128 for IPv6",
        )
    return number


def positive_integer(value: object, path: str) -> int:
    """Return a positive whole number."""
    number = _integer(value)
    if number is None or number < 1:
        raise DeclarationError(path, f"is {fields.what(value)}, but should be a positive whole number")
    return number


def port(value: object, path: str) -> int:
    """Return the number of a TCP port."""
    number = _integer(value)
    if number is None or not 0 < number <= 65535:
        raise DeclarationError(path, f"is {fields.what(value)}, but should be a port: 1 to 65535")
    return number


def interface(value: object, path: str) -> str:
    """Return the name of a network interface (Linux: up to 15 characters)."""
    name = text(value, path)
    if not _INTERFACE.fullmatch(name):
        raise DeclarationError(
            path,
            f"is {fields.what(name)}, but an interface's name has up to 15 characters, "
            "without spaces and slashes",
        )
    return name


def duration(value: object, path: str) -> timedelta:
    """Return a duration such as ``7d``."""
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or not int(found.group(1)):
        raise DeclarationError(
            path,
            f"is {fields.what(value)}, but should be a positive whole number and a unit "
            "(s, m, h, d or w) such as 7d",
        )
    try:
        return timedelta(**{_DURATION_UNITS[found.group(2)]: int(found.group(1))})
    except OverflowError:
        raise DeclarationError(path, f"is {fields.what(value)}, which is too long for any backup") from None


def url(value: object, path: str) -> str:
    """Return an HTTP URL."""
    found = text(value, path)
    if not _is_http_url(found):
        raise DeclarationError(
            path, f"is {fields.what(found)}, but should be a URL such as http://10.0.0.11:5000/"
        )
    return found


def endpoint_url(value: object, path: str) -> str:
    r"""Return the URL of an endpoint, whose path may contain Keystone's placeholders.

    Keystone replaces them with a project or a user ("Identity API v3, Service catalog and endpoints").

    >>> endpoint_url(r"http://10.0.0.11:8776/v3/%\(project_id\)s", "url")
    'http://10.0.0.11:8776/v3/%(project_id)s'
    """
    # The HA guide has these backslashes for the shell.
    found = re.sub(r"\\([()$%])", r"\1", url(value, path))
    bare = _PLACEHOLDER.sub("", found)
    if re.search(r"[%$]\(|\\", bare):
        allowed = ", ".join(f"%({name})s" for name in _PLACEHOLDERS)
        raise DeclarationError(
            path, f"is {fields.what(found)}, but the only placeholders that Keystone fills in are {allowed}"
        )
    return found


def host_and_port(value: object, path: str) -> str:
    """Return ``HOST`` or ``HOST:PORT``; an IPv6 address with a port needs brackets."""
    found = text(value, path)
    host, port = _split_port(found)
    if not _is_host(host) or not (port is None or _is_port(port)):
        raise DeclarationError(
            path,
            f"is {fields.what(found)}, but should be HOST or HOST:PORT, "
            "an IPv6 address with a port as [ADDRESS]:PORT",
        )
    return found


def agent(value: object, path: str) -> str:
    """Return a resource agent's name."""
    return str(parse_agent(value, path))


def driver(value: object, path: str) -> str:
    """Return a driver's short name or the full path of its class."""
    return _matching(_DRIVER, "a short name such as nfs or the full path of a class", value, path)


def database_driver(value: object, path: str) -> str:
    """Return an SQLAlchemy dialect with its driver."""
    return _matching(_DATABASE_DRIVER, "a dialect and its driver such as mysql+pymysql", value, path)


def backend_name(value: object, path: str) -> str:
    """Return the name of a backend, which becomes a section of cinder.conf."""
    name = section_name(value, path)
    if name.lower() in ("default", "backend_defaults"):
        raise DeclarationError(path, f"{name!r} is a section with another purpose and cannot name a backend")
    return name


def section_name(value: object, path: str) -> str:
    """Return the name of a section of cinder.conf."""
    shape = "the name of a section: letters, digits, '_', '.', ':' and '-'"
    return _matching(_SECTION, shape, value, path)


def option_name(value: object, path: str) -> str:
    """Return the name of an option."""
    shape = "the name of an option: letters, digits, '_', '.' and '-'"
    return _matching(_OPTION, shape, value, path)


def volume_host(value: object, path: str) -> str:
    """Return the host part of a volume service's name, which is ``HOST@BACKEND#POOL`` in Cinder."""
    name = text(value, path)
    if re.search(r"[\s@#]", name):
        raise DeclarationError(
            path,
            f"is {fields.what(name)}, but should not contain a space, '@' or '#': "
            "Cinder appends @BACKEND#POOL to it",
        )
    return name


def _matching(pattern: re.Pattern[str], shape: str, value: object, path: str) -> str:
    found = text(value, path)
    if not pattern.fullmatch(found):
        raise DeclarationError(path, f"is {fields.what(found)}, but should be {shape}")
    return found


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) else None


def _is_secret(path: str) -> bool:
    return is_secret(re.sub(r"(\[\d+\])+$", "", path).rpartition(".")[2])


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise DeclarationError(path, f"has the key {fields.what(key)}, but keys should be text: quote it")
    return key


def _plain(value: object, path: str) -> Any:
    if isinstance(value, Mapping):
        return plain_mapping(value, path)
    if isinstance(value, (list, tuple)):
        return [_plain(item, fields.joined(path, index)) for index, item in enumerate(value)]
    return scalar_or_nothing(value, path)


def _is_http_url(found: str) -> bool:
    try:
        parts = urlsplit(found)
        _ = parts.port
    except ValueError:
        return False
    blank = any(character.isspace() for character in found)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not blank


def _split_port(found: str) -> tuple[str, str | None]:
    bracketed = re.fullmatch(r"\[(.*)\](?::(.*))?", found)
    if bracketed:
        return bracketed.group(1), bracketed.group(2)
    if found.count(":") == 1:
        host, _, port = found.partition(":")
        return host, port
    return found, None


def _is_host(host: str) -> bool:
    if _HOST_NAME.fullmatch(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_port(port: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,5}", port)) and 0 < int(port) <= 65535
