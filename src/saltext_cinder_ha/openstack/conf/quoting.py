"""Options as cinder.conf spells them: no value can become anything but its own option's value."""

from __future__ import annotations

import re

from ...site import SiteError

_NOT_IN_A_LINE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DOLLAR = re.compile(r"(\\?)\$")


def written(value: str, key: str) -> str:
    r"""Return a value as it stands behind ``OPTION =``, so that oslo.config reads the value itself.

    oslo.config strips blanks and one pair of quotes around a value, and puts other options in the place of
    ``$NAME`` unless the dollar is doubled or, later than Havana, has a backslash before it.

    >>> written("a$b", "cinder_ha.config.DEFAULT.x"), written(" a", "cinder_ha.config.DEFAULT.x")
    ('a$$b', '" a"')

    :param key: the pillar's key, for the error
    :raises SiteError: it holds a line break or another character that no line can carry
    """
    found = _NOT_IN_A_LINE.search(value)
    if found:
        problem = f"holds the character {found.group()!r}, which a line of cinder.conf cannot carry"
        raise SiteError(key, problem)
    escaped = _DOLLAR.sub(lambda match: r"\\$" if match.group(1) else "$$", value)
    return f'"{escaped}"' if _needs_quotes(escaped) else escaped


def _needs_quotes(value: str) -> bool:
    return value != value.strip() or (value[:1] in ("'", '"') and value[:1] == value[-1:])
