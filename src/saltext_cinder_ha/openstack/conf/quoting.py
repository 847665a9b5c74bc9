"""Quote values for cinder.conf, so that oslo.config reads exactly the same value."""

from __future__ import annotations

import re

from ...site import SiteError

_NOT_IN_A_LINE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DOLLAR = re.compile(r"(\\?)\$")


def written(value: str, key: str) -> str:
    r"""Return a value as written after ``OPTION =``, so that oslo.config reads the value itself.

    oslo.config strips spaces and one pair of quotes around a value, and replaces ``$NAME`` with another
    option unless the dollar sign is doubled or, since Icehouse, preceded by a backslash.

    >>> written("a$b", "cinder_ha.config.DEFAULT.x"), written(" a", "cinder_ha.config.DEFAULT.x")
    ('a$$b', '" a"')

    :param key: the pillar's key, for the error
    :raises SiteError: it contains a line break or another character that is not possible in a line
    """
    found = _NOT_IN_A_LINE.search(value)
    if found:
        problem = f"contains the character {found.group()!r}, which is not possible in cinder.conf"
        raise SiteError(key, problem)
    escaped = _DOLLAR.sub(lambda match: r"\\$" if match.group(1) else "$$", value)
    return f'"{escaped}"' if _needs_quotes(escaped) else escaped


def _needs_quotes(value: str) -> bool:
    return value != value.strip() or (value[:1] in ("'", '"') and value[:1] == value[-1:])
