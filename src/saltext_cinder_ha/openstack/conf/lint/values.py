"""The rule about values that the option's type does not allow (``oslo_config/types.py``)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from ..tables import OptionSpec
from .model import ERROR, Finding, Subject

_BOOLEANS = ("true", "1", "on", "yes", "false", "0", "off", "no")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_HIGHEST_PORT = 65535


def mistyped_values(subject: Subject) -> Iterator[Finding]:
    """Report values with which a service fails: the option's type does not allow them."""
    for entry in subject.file.entries:
        option = subject.option(entry)
        # Only oslo.config can resolve `$other`.
        if option is None or "$" in entry.value:
            continue
        allowed = refusal(option, entry.value)
        if allowed is not None:
            yield subject.finding(ERROR, entry, f"is {subject.shown(entry)}, but should be {allowed}")


def refusal(option: OptionSpec, value: str) -> str | None:
    """Return what the option allows if the value is invalid, else None.

    >>> from ..tables import options_of
    >>> refusal(options_of("zed").option("oslo_messaging_rabbit", "heartbeat_rate"), "banana")
    'a whole number'
    """
    if option.choices:
        return _choice(option, value)
    return _CHECKS[option.type](option, value) if option.type in _CHECKS else None


def _choice(option: OptionSpec, value: str) -> str | None:
    words = [str(choice) for choice in option.choices]
    matches = value.lower() in [word.lower() for word in words] if option.ignore_case else value in words
    return None if matches else f"one of {', '.join(word or repr(word) for word in words)}"


def _boolean(_option: OptionSpec, value: str) -> str | None:
    return None if value.lower() in _BOOLEANS else "true or false"


def _integer(option: OptionSpec, value: str) -> str | None:
    return _number(int, "a whole number", option, value)


def _float(option: OptionSpec, value: str) -> str | None:
    return _number(float, "a number", option, value)


def _number(read: Callable[[str], float], what: str, option: OptionSpec, value: str) -> str | None:
    if not value.strip():
        return None
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("from", option.minimum), ("to", option.maximum))
        if limit is not None
    ]
    try:
        number = read(value.strip())
    except ValueError:
        return " ".join([what, *limits])
    too_low = option.minimum is not None and number < option.minimum
    too_high = option.maximum is not None and number > option.maximum
    return " ".join([what, *limits]) if too_low or too_high else None


def _port(option: OptionSpec, value: str) -> str | None:
    if not value.strip():
        return None
    try:
        fits = 0 <= int(value) <= _HIGHEST_PORT
    except ValueError:
        fits = False
    return None if fits and _integer(option, value) is None else f"a port from 0 to {_HIGHEST_PORT}"


def _address(_option: OptionSpec, value: str) -> str | None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return "an IP address"
    return None


def _host(option: OptionSpec, value: str) -> str | None:
    if _address(option, value) is None or _HOST.fullmatch(value):
        return None
    return "a host name or an IP address"


def _uri(_option: OptionSpec, value: str) -> str | None:
    try:
        fits = not value or bool(urlsplit(value).scheme)
    except ValueError:
        fits = False
    return None if fits else "a URL"


def _mapping(_option: OptionSpec, value: str) -> str | None:
    return None if not value.strip() or ":" in value else "a list of KEY:VALUE"


_CHECKS: dict[str | None, Callable[[OptionSpec, str], str | None]] = {
    "boolean": _boolean,
    "integer": _integer,
    "float": _float,
    "port": _port,
    "ip": _address,
    "host": _host,
    "uri": _uri,
    "mapping": _mapping,
}
