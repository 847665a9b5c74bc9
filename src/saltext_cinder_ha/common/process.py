"""The only place that starts programs: argument list, bounded wait, no process left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import ToolMissingError, ToolTimeoutError

DEFAULT_TIMEOUT = 60.0
"""Seconds that a program may take by default."""

_PACKAGES = {
    "cibadmin": "pacemaker-cli-utils (Debian, Ubuntu) or pacemaker-cli (RHEL, SUSE)",
    "crm_simulate": "pacemaker-cli-utils (Debian, Ubuntu) or pacemaker-cli (RHEL, SUSE)",
    "crm_mon": "pacemaker-cli-utils (Debian, Ubuntu) or pacemaker-cli (RHEL, SUSE)",
    "crm_resource": "pacemaker-cli-utils (Debian, Ubuntu) or pacemaker-cli (RHEL, SUSE)",
    "crm_node": "pacemaker",
    "cinder-manage": "cinder-common (Debian, Ubuntu) or openstack-cinder (RHEL, SUSE)",
    "pcs": "pcs",
    "crm": "crmsh",
}

# The PATH of a minion that cron or a minimal unit started may lack the system directories of these tools.
_SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")

# They would silently redirect a read of the cluster to something else.
_FOREIGN_SETTINGS = ("CIB_shadow", "CIB_file", "CIB_shadow_dir", "PCMK_trace_functions")

_running: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Completed:
    """The exit code and the output of a program that has ended."""

    program: str
    returncode: int
    stdout: bytes = field(repr=False)
    stderr: str = field(repr=False)


def find_program(name: str) -> str:
    """Return the absolute path of the program ``name``.

    :raises ToolMissingError: it is not installed; the message names its package
    """
    found = shutil.which(name, path=_search_path())
    if found is None:
        package = _PACKAGES.get(name)
        hint = f"; install the package {package}" if package else ""
        raise ToolMissingError(f"the program {name} is not installed on this machine{hint}")
    return found


def run(
    argv: Sequence[str],
    *,
    stdin: bytes | None = None,
    settings: Mapping[str, str] | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Completed:
    """Run a program until it ends and return its output, whatever its exit code.

    :param argv: the program's name and its arguments; no secrets, since any user can list them
    :param stdin: bytes for its standard input; secrets belong here
    :param settings: environment variables in addition to the inherited ones
    :param timeout: seconds until the program and its children are killed
    :raises ToolMissingError: it is not installed
    :raises ToolTimeoutError: it took longer than ``timeout``
    """
    program = find_program(argv[0])
    process = subprocess.Popen(
        [program, *argv[1:]],
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(settings or {}),
        start_new_session=True,
    )
    _running.add(process)
    try:
        stdout, stderr = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        raise ToolTimeoutError(f"{argv[0]} did not answer within {timeout:g} s and was killed") from None
    except BaseException:
        _end(process)
        raise
    finally:
        _running.discard(process)
    return Completed(argv[0], process.returncode, stdout, stderr.decode(errors="replace"))


def end_running() -> None:
    """Kill every program that a thread waits for; an interrupt reaches only the main thread."""
    for process in tuple(_running):
        _kill(process)


def _search_path() -> str:
    inherited = os.environ.get("PATH", "").split(os.pathsep)
    extra = [folder for folder in _SYSTEM_FOLDERS if folder not in inherited]
    return os.pathsep.join([*filter(None, inherited), *extra])


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k not in _FOREIGN_SETTINGS}
    return {**inherited, "LC_ALL": "C.UTF-8", "PATH": _search_path(), **settings}


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and its children; it has its own session, so its process group is exactly these."""
    _kill(process)
    process.communicate()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended
        os.killpg(process.pid, signal.SIGKILL)
