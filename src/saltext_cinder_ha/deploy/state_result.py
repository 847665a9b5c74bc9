"""The result of a state of the formula, whatever it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StateResult:
    """A result in the words of Salt.

    :param result: None: something would be done; False: it is refused, or failed
    """

    result: bool | None
    comment: str
    changes: Mapping[str, Any] = field(default_factory=dict)
