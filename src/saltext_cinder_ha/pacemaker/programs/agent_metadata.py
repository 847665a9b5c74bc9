"""The metadata of resource agents: their parameters and actions."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from ...common import process
from ...common.errors import ToolFailedError
from ...common.secrets import is_secret

# pacemaker-fenced accepts these for every device (Pacemaker Explained, "Special Meta-Attributes for
# Fencing Resources"); its other options begin with pcmk_.
_FENCING_OPTIONS = frozenset({"priority", "provides", "stonith-timeout"})
_FENCING_PREFIX = "pcmk_"

# Pacemaker itself sets these for each fencing action (same section, pcmk_host_argument).
_FENCING_GIVEN = frozenset({"action", "method", "nodename", "plug", "port"})

# The shell library of resource-agents reads these for every agent (ocf-shellfuncs).
_TRACING = frozenset({"trace_ra", "trace_file", "trace_dir"})

# systemd.unit(5), "Unit File Load Path", for the system manager.
_UNIT_FOLDERS = (
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)
_UNIT_SUFFIXES = (".service", ".socket", ".mount", ".timer", ".path")
_INIT_FOLDER = "/etc/init.d"


@dataclass(frozen=True)
class Parameter:
    """A parameter of an agent. ``replaces`` lists the obsolete parameters that it replaces."""

    name: str
    type: str
    required: bool
    default: str | None
    secret: bool
    replaces: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True)
class AgentAction:
    """An action that an agent supports, with the suggested interval and timeout, such as ``20s``."""

    name: str
    interval: str | None
    timeout: str | None
    role: str | None


@dataclass(frozen=True)
class AgentMetadata:
    """The parameters and actions of an agent. ``agent`` is its full name, ``class:[provider:]type``."""

    agent: str
    parameters: Mapping[str, Parameter]
    actions: tuple[AgentAction, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the metadata as plain data, parameters by name."""
        parameters = {
            name: {**asdict(parameter), "replaces": list(parameter.replaces)}
            for name, parameter in self.parameters.items()
        }
        actions = [asdict(action) for action in self.actions]
        return {"agent": self.agent, "parameters": parameters, "actions": actions}


class _NotInstalledError(Exception):
    """Signals an absent agent; an exception is not cached, so a later installation is noticed."""


def read_metadata(agent: str, *, timeout: float) -> AgentMetadata | None:
    """Return an agent's metadata, None if it is not installed on this machine.

    The metadata is cached until the process ends. Systemd units and init scripts have no parameters, so only
    their files are looked up: neither systemd nor D-Bus has to run.

    :param agent: ``class:[provider:]type``, for example ``ocf:heartbeat:IPaddr2``
    :param timeout: seconds until the agent is terminated
    :raises ToolFailedError: its output is not metadata
    """
    try:
        return _installed(agent, timeout)
    except _NotInstalledError:
        return None


def check_parameters(metadata: AgentMetadata, params: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each unknown parameter and each required one that is missing.

    A required parameter may be given under the name of one that it replaces.

    >>> ip = Parameter("ip", "string", True, None, False, (), False)
    >>> metadata = AgentMetadata("ocf:heartbeat:IPaddr2", {"ip": ip}, ())
    >>> check_parameters(metadata, {"ipp": "10.0.0.1"})[0]
    "ocf:heartbeat:IPaddr2 has no parameter 'ipp'; did you mean ip?"
    >>> check_parameters(metadata, {})
    ('ocf:heartbeat:IPaddr2 needs the parameter ip',)
    """
    unknown = (_unknown(metadata, name) for name in params if not _is_known(metadata, name))
    return (*unknown, *_missing(metadata, params))


@cache
def _installed(agent: str, timeout: float) -> AgentMetadata:
    standard, _, name = agent.partition(":")
    if standard in _FILE_CHECKS:
        if not _FILE_CHECKS[standard](name):
            raise _NotInstalledError
        return AgentMetadata(agent, {}, ())
    completed = process.run(["crm_resource", f"--show-metadata={agent}"], timeout=timeout)
    if completed.returncode != 0:
        raise _NotInstalledError
    return _parse(agent, completed.stdout)


def _parse(agent: str, xml: bytes) -> AgentMetadata:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise ToolFailedError(f"the metadata of {agent} is not well-formed: {error.msg}") from None
    parameters = map(_parameter, root.iterfind("parameters/parameter"))
    return AgentMetadata(
        agent=agent,
        parameters={p.name: p for p in parameters},
        actions=tuple(map(_action, root.iterfind("actions/action"))),
    )


def _parameter(element: etree._Element) -> Parameter:
    name = element.get("name", "")
    content = element.find("content")
    deprecation = element.find("deprecated")
    return Parameter(
        name=name,
        type=content.get("type", "string") if content is not None else "string",
        required=_flag(element, "required"),
        default=content.get("default") if content is not None else None,
        secret=is_secret(name),
        replaces=tuple(filter(None, [element.get("obsoletes")])),
        deprecated=_flag(element, "deprecated") or deprecation is not None,
    )


def _action(element: etree._Element) -> AgentAction:
    return AgentAction(
        name=element.get("name", ""),
        interval=element.get("interval"),
        timeout=element.get("timeout"),
        role=element.get("role"),
    )


def _flag(element: etree._Element, name: str) -> bool:
    return element.get(name, "0").lower() in ("1", "true", "yes")


def _is_fencing(metadata: AgentMetadata) -> bool:
    return metadata.agent.startswith("stonith:")


def _is_known(metadata: AgentMetadata, name: str) -> bool:
    if name in metadata.parameters:
        return True
    if _is_fencing(metadata):
        return name.startswith(_FENCING_PREFIX) or name in _FENCING_OPTIONS
    return metadata.agent.startswith("ocf:") and name in _TRACING


def _unknown(metadata: AgentMetadata, name: str) -> str:
    allowed = [p.name for p in metadata.parameters.values() if not p.deprecated]
    close = difflib.get_close_matches(name, allowed, n=1)
    if close:
        hint = f"; did you mean {close[0]}?"
    else:
        hint = f"; allowed are {', '.join(sorted(allowed))}" if allowed else "; it has none"
    return f"{metadata.agent} has no parameter {name!r}{hint}"


def _missing(metadata: AgentMetadata, params: Mapping[str, str]) -> Iterable[str]:
    given_by_pacemaker = _FENCING_GIVEN if _is_fencing(metadata) else frozenset()
    replaced = {old for p in metadata.parameters.values() for old in p.replaces}
    for parameter in metadata.parameters.values():
        names = {parameter.name, *parameter.replaces}
        if not parameter.required or parameter.name in replaced or parameter.deprecated:
            continue  # of an old name and its replacement, only the replacement is required
        if names.isdisjoint(params) and names.isdisjoint(given_by_pacemaker):
            yield f"{metadata.agent} needs the parameter {parameter.name}"


def _has_unit(name: str) -> bool:
    unit = name if name.endswith(_UNIT_SUFFIXES) else f"{name}.service"
    template = re.sub(r"@[^@]*(\.\w+)$", r"@\1", unit)
    return any(Path(folder, file).is_file() for folder in _unit_folders() for file in (unit, template))


def _unit_folders() -> tuple[str, ...]:
    # systemd.unit(5): the variable replaces the list; a colon at its end appends the list.
    given = os.environ.get("SYSTEMD_UNIT_PATH", "")
    own = tuple(filter(None, given.split(":")))
    return (*own, *_UNIT_FOLDERS) if not given or given.endswith(":") else own


def _has_init_script(name: str) -> bool:
    return os.access(Path(_INIT_FOLDER, name), os.X_OK)


_FILE_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "systemd": _has_unit,
    "lsb": _has_init_script,
    "service": lambda name: _has_unit(name) or _has_init_script(name),
}
