"""The types of the names that Salt's loader injects into a module; imported under ``TYPE_CHECKING`` only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__context__: dict[str, Any]
"""Shared by the functions of one state run, or for the lifetime of the minion in an execution module."""

__grains__: dict[str, Any]
"""The minion's grains."""

__opts__: dict[str, Any]
"""The minion configuration, and options of the call such as ``test`` and ``saltenv``."""

__pillar__: dict[str, Any]
"""The minion's pillar."""

__salt__: dict[str, Callable[..., Any]]
"""The minion's execution functions, by name."""
