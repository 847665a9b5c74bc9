"""The settings of the connection: the minion's configuration key ``pacemaker``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..common import fields
from ..common.errors import DeclarationError
from ..common.process import DEFAULT_TIMEOUT

TOOLS = ("auto", "pcs", "crm")
VALIDATIONS = ("auto", "true", "false")
_DEFAULT_NODES = ("ctl1", "ctl2", "ctl3")
_KEYS = ("tool", "cib_file", "sandbox_root", "sandbox_nodes", "timeout", "validate")
_CIB_FILE_VARIABLE = "CIB_file"


@dataclass(frozen=True)
class Settings:
    """The parsed settings.

    :param tool: the tool that executes verbs, one of :data:`TOOLS`
    :param cib_file: the CIB file of the sandbox; None: work on the cluster
    :param sandbox_root: the folder that replaces ``/`` in the sandbox
    :param sandbox_nodes: the nodes of a new sandbox
    :param timeout: seconds for each tool, and for the cluster to settle after a write
    :param validate: whether an agent that is not installed is an error: ``auto`` (on a cluster, not in the
        sandbox), ``true``, or ``false`` (agents and parameters are not checked)
    """

    tool: str = "auto"
    cib_file: str | None = None
    sandbox_root: str | None = None
    sandbox_nodes: tuple[str, ...] = _DEFAULT_NODES
    timeout: float = DEFAULT_TIMEOUT
    validate: str = "auto"

    @property
    def root(self) -> str | None:
        """Return the folder that replaces ``/`` in a sandbox; None on a cluster."""
        return self.sandbox_root if self.cib_file else None


def parse_settings(value: object, environ: Mapping[str, str]) -> Settings:
    """Parse the settings.

    :param value: the mapping under the key ``pacemaker``, None if there is none
    :param environ: the environment; ``CIB_file`` works as for Pacemaker's own tools
    :raises DeclarationError: an unknown key, or a value that is not allowed

    >>> parse_settings({"timeout": 5}, {}).timeout
    5.0
    >>> parse_settings({"validate": "perhaps"}, {})
    Traceback (most recent call last):
        ...
    saltext_cinder_ha.common.errors.DeclarationError: pacemaker.validate: is 'perhaps', but should be \
auto, false or true
    """
    given = fields.Fields(value, "pacemaker", _KEYS)
    cib_file = given.optional("cib_file", _path) or environ.get(_CIB_FILE_VARIABLE) or None
    root = given.optional("sandbox_root", _path)
    if cib_file and not root:
        root = str(Path(cib_file).with_suffix(".root"))
    return Settings(
        tool=given.optional("tool", fields.choice, TOOLS) or "auto",
        cib_file=cib_file,
        sandbox_root=root,
        sandbox_nodes=given.optional("sandbox_nodes", _nodes) or _DEFAULT_NODES,
        timeout=given.optional("timeout", parse_timeout) or DEFAULT_TIMEOUT,
        validate=given.optional("validate", fields.choice, VALIDATIONS) or "auto",
    )


def _path(value: object, path: str) -> str | None:
    if value is None:
        return None
    found = fields.text(value, path)
    if not Path(found).is_absolute():
        raise DeclarationError(path, f"is {fields.what(value)}, but should be an absolute path")
    return found


def _nodes(value: object, path: str) -> tuple[str, ...]:
    items = fields.sequence(value, path)
    if not items:
        raise DeclarationError(path, "is empty, but should name at least one node")
    return tuple(fields.text(item, fields.joined(path, index)) for index, item in enumerate(items))


def parse_timeout(value: object, path: str) -> float:
    """Parse a positive number of seconds; raise :class:`DeclarationError` if it is not one."""
    seconds = float(value) if isinstance(value, (int, float)) else 0.0
    if isinstance(value, bool) or not 0 < seconds < math.inf:
        raise DeclarationError(path, f"is {fields.what(value)}, but should be a number of seconds above 0")
    return seconds
