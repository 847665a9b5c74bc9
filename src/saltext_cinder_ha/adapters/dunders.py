"""The types of the names that Salt's loader gives to a module; imported under ``TYPE_CHECKING`` only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__context__: dict[str, Any]
"""What the functions of one run share: a run of states, or the minion's life in an execution module."""

__grains__: dict[str, Any]
"""The facts about this minion's machine."""

__opts__: dict[str, Any]
"""The minion's configuration, and how it was called: ``test``, ``saltenv``."""

__pillar__: dict[str, Any]
"""The minion's pillar."""

__salt__: dict[str, Callable[..., Any]]
"""Every execution function of the minion, by its name."""
