"""Run ``cinder-manage``: for the installed release, and for the tables and data of the database."""

from __future__ import annotations

import functools
import os
import pwd
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..common import process
from ..common.errors import ToolFailedError
from ..site.releases import RELEASES

PROGRAM = "cinder-manage"
USER = "cinder"

# Cinder's versions are dates up to Kilo, and count from 7 since Liberty (Cinder's release notes).
_FIRST_COUNTED = ("liberty", 7)
_BY_YEAR = {
    "2012.2": "folsom",
    "2013.1": "grizzly",
    "2013.2": "havana",
    "2014.1": "icehouse",
    "2014.2": "juno",
}
_BY_YEAR |= {"2015.1": "kilo"}
_ONLINE_DONE, _ONLINE_MORE = 0, 1  # cinder/cmd/manage.py, DbCommands.online_data_migrations
_ONLINE_ROUNDS = 100
_DOWN = "XXX"
_STEP = r"(?m)^{} *= *['\"](\w+)['\"]"
_FIND_CINDER = "import importlib.util as u; s = u.find_spec('cinder'); print(s.origin if s else '')"


@dataclass(frozen=True)
class CinderManage:
    """``cinder-manage`` with one configuration file.

    :param configuration: path of cinder.conf, which has the database's password, so that no argument needs it
    :param timeout: seconds that each run may take
    """

    configuration: Path
    timeout: float

    def schema(self) -> str | None:
        """Return the version of the database's tables, None if it has none yet.

        :raises ToolFailedError: the database cannot be queried
        """
        lines = self._run("db", "version").splitlines()
        # The log may go to the same stream.
        versions = [line for line in lines if re.fullmatch(r"[0-9a-f]{12}|[0-9]+|None", line)]
        if not versions:
            raise ToolFailedError(
                "cinder-manage db version does not print the version of the database's tables"
            )
        return None if versions[-1] in ("None", "0") else versions[-1]

    def newest_schema(self) -> str | None:
        """Return the version to which :meth:`sync` upgrades the tables, None if Alembic does not manage them.

        It reads the installed migrations (``cinder/db/migrations``, since Xena), not the database.
        """
        steps = [path.read_text(encoding="utf-8") for path in _migrations(timeout=self.timeout)]
        made = {name for step in steps for name in re.findall(_STEP.format("revision"), step)}
        left = {name for step in steps for name in re.findall(_STEP.format("down_revision"), step)}
        return (made - left).pop() if len(made - left) == 1 else None

    def sync(self) -> None:
        """Upgrade the database's tables to the installed release.

        :raises ToolFailedError: it failed
        """
        self._run("db", "sync")

    def migrate_data(self) -> None:
        """Migrate the data to the installed release, while the services run.

        :raises ToolFailedError: it failed
        """
        for _ in range(_ONLINE_ROUNDS):
            done = self._started("db", "online_data_migrations")
            if done.returncode == _ONLINE_DONE:
                return
            if done.returncode != _ONLINE_MORE:
                break
        raise self._failure(done, "db online_data_migrations")

    def services_down(self) -> tuple[str, ...]:
        """Return the enabled services that have not reported to the database lately, as ``BINARY@HOST``.

        :raises ToolFailedError: the database cannot be queried
        """
        rows = [line.split() for line in self._run("service", "list").splitlines()]
        return tuple(f"{row[0]}@{row[1]}" for row in rows if _DOWN in row and "disabled" not in row)

    def _run(self, *words: str) -> str:
        done = self._started(*words)
        if done.returncode != 0:
            raise self._failure(done, " ".join(words))
        return done.stdout.decode(errors="replace")

    def _started(self, *words: str) -> process.Completed:
        argv = [PROGRAM, "--config-file", str(self.configuration), *words]
        return process.run([*_as_cinder(), *argv], timeout=self.timeout)

    def _failure(self, done: process.Completed, words: str) -> ToolFailedError:
        # Its output may show the database's URL.
        return ToolFailedError(
            f"cinder-manage {words} failed with the exit code {done.returncode}; run it on this node to see "
            f"why: {PROGRAM} --config-file {self.configuration} {words}"
        )


def installed_release(*, timeout: float = process.DEFAULT_TIMEOUT) -> str:
    """Return the release of the Cinder that is installed on this machine, as the pillar would name it.

    :raises ToolMissingError: none is installed
    :raises ToolFailedError: its version or its release is unknown
    """
    return release_of(installed_version(timeout=timeout))


def installed_version(*, timeout: float) -> str:
    """Return the version of the Cinder that is installed on this machine, for example ``21.3.1``.

    :raises ToolMissingError: none is installed
    """
    return _version(*identity(), timeout=timeout)


def identity() -> tuple[str, int, int]:
    """Return what identifies an installed ``cinder-manage``: path, mtime and size.

    :raises ToolMissingError: none is installed
    """
    path = os.path.realpath(process.find_program(PROGRAM))
    status = os.stat(path)
    return path, status.st_mtime_ns, status.st_size


def release_of(version: str) -> str:
    """Return the release that a version of Cinder belongs to.

    >>> release_of("21.3.1"), release_of("29.0.0"), release_of("2013.2.4")
    ('zed', '2026.2', 'havana')

    :raises ToolFailedError: no release known here has that version
    """
    by_year = _BY_YEAR.get(".".join(version.split(".")[:2]))
    if by_year:
        return by_year
    first, number = _FIRST_COUNTED
    known = RELEASES[RELEASES.index(first) :]
    major = version.partition(".")[0]
    position = int(major) - number if major.isdecimal() else -1
    if not 0 <= position < len(known):
        raise ToolFailedError(
            f"the installed Cinder {version} belongs to no known release; set the release in the pillar"
        )
    return known[position]


@functools.lru_cache(maxsize=1)
def _version(path: str, _changed: int, _size: int, *, timeout: float) -> str:
    done = process.run([path, "--version"], timeout=timeout)
    # Cinder writes it to different streams up to Zed and later.
    for line in (*done.stdout.decode(errors="replace").splitlines(), *done.stderr.splitlines()):
        if re.fullmatch(r"\d+\.\d+(\.\w+)*", line.strip()):
            return line.strip()
    raise ToolFailedError("cinder-manage --version does not print Cinder's version")


def _migrations(*, timeout: float) -> Sequence[Path]:
    """Return the migrations of the Cinder of ``cinder-manage``, found by the Python in its first line."""
    with open(process.find_program(PROGRAM), "rb") as script:
        first = script.readline().decode(errors="replace")
    if not re.match(r"#!.*python", first):
        return ()  # a wrapper of the real script
    interpreter = first.removeprefix("#!").split()
    done = process.run([*interpreter, "-I", "-c", _FIND_CINDER], timeout=timeout)
    package = done.stdout.decode(errors="replace").strip()
    return sorted(Path(package).parent.glob("db/migrations/versions/*.py")) if package else ()


def _as_cinder() -> Sequence[str]:
    """Return the command to run as Cinder's user, who should own the files it creates, such as its log."""
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return ()
    return ("runuser", "-u", USER, "--") if os.geteuid() == 0 else ()
