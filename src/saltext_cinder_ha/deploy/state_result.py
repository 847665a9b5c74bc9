"""The result of a state of the formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StateResult:
    """The result of a state, in Salt's terms.

    :param result: None: something would change; False: it was refused or failed
    """

    result: bool | None
    comment: str
    changes: Mapping[str, Any] = field(default_factory=dict)
