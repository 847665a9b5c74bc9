"""Salt: a master on ``infra``, a minion on every controller, with this package as a user would install it."""

from __future__ import annotations

import copy
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from . import network
from .host import LOGS, REPOSITORY, RUNTIME, LabError, run, wait_until, write
from .image import SALT_BIN, SITE_PACKAGES
from .nodes import Node

MASTER_UNIT = "salt-master"
MINION_UNIT = "salt-minion"

_PILLAR_FILE = "/srv/pillar/cinder_ha.sls"
_ANSWER_SECONDS = 120.0
_MASTER = {
    "interface": network.internal_address(network.INFRA),
    "auto_accept": True,
    "worker_threads": 3,
    "fileserver_backend": ["roots", "cinder_ha"],
    "log_level": "info",
}
_MINION = {
    "master": network.internal_address(network.INFRA),
    "enable_fqdns_grains": False,
    "log_level": "info",
    "random_reauth_delay": 1,
    "acceptance_wait_time": 1,
}
_QUICK = {
    "report_interval": 5,
    "service_down_time": 30,
    # How soon the schedulers know of a backend or a backup service that has come.
    "periodic_interval": 5,
    "periodic_fuzzy_delay": 5,
    "backend_stats_polling_interval": 10,
    "backup_driver_stats_polling_interval": 10,
}
_UNIT = """\
[Unit]
Description={name}
After=network.target
[Service]
ExecStart={folder}/{name}
KillMode=mixed
LimitNOFILE=100000
Restart=always
RestartSec=200ms
[Install]
WantedBy=multi-user.target
"""


def provision_package(layer: Path) -> None:
    """Install this package, as a wheel built from the checkout, into a layer over the image's Salt."""
    built = RUNTIME / "wheel"
    shutil.rmtree(built, ignore_errors=True)
    source = _copy_of_sources()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    log = LOGS / "package.log"
    run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(source)],
        log=log,
        timeout=300,
    )
    (wheel,) = built.glob("*.whl")
    target = str(layer / SITE_PACKAGES)
    run([*pip, "install", "--no-deps", "--target", target, str(wheel)], log=log, timeout=300)


def _copy_of_sources() -> Path:
    """A copy of what the wheel is built from: setuptools writes into the tree that it builds."""
    copied = RUNTIME / "source"
    shutil.rmtree(copied, ignore_errors=True)
    copied.mkdir(parents=True)
    for name in ("src", "states"):
        shutil.copytree(
            REPOSITORY / name, copied / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__")
        )
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(REPOSITORY / name, copied)
    return copied


def provision_units(layer: Path) -> None:
    """Write the units of Salt's daemons into a layer; neither is enabled."""
    for name in (MASTER_UNIT, MINION_UNIT):
        unit = _UNIT.format(name=name, folder=SALT_BIN)
        write(layer / f"etc/systemd/system/{name}.service", unit)


def provision_master(machine: Node) -> None:
    """Write the master's files, with the lab's pillar."""
    root = machine.provision
    write(root / "etc/salt/master", yaml.safe_dump(_MASTER))
    write(root / "srv/pillar/top.sls", yaml.safe_dump({"base": {"*": ["cinder_ha"]}}))
    write(root / _PILLAR_FILE[1:], yaml.safe_dump(example_pillar()))
    (root / "srv/salt").mkdir(parents=True, exist_ok=True)


def provision_minion(machine: Node) -> None:
    """Write a minion's files."""
    configuration = yaml.safe_dump({**_MINION, "id": machine.name})
    write(machine.provision / "etc/salt/minion", configuration)


def example_pillar() -> dict[str, Any]:
    """The pillar of ``pillar.example``, with the lab's own cloud and without a fencing device.

    The lab has one of its own. Cinder's services report more often, so that tests need not wait for them.
    """
    pillar: dict[str, Any] = yaml.safe_load((REPOSITORY / "pillar.example").read_text())
    site = pillar["cinder_ha"]
    site["cluster"]["extra"]["resources"].pop("fencing")
    infra = network.internal_address(network.INFRA)
    site["database"]["host"] = infra
    site["messaging"]["hosts"] = [f"{infra}:5672"]
    identity = f"http://{infra}:5000/"
    site["identity"] |= {
        "auth_url": identity,
        "www_authenticate_uri": identity,
        "memcached_servers": [f"{infra}:11211"],
    }
    site["endpoints"]["auth"]["auth_url"] = f"{identity}v3"
    # The bench's share is one of root's, and the driver's own test of it takes that for a mistake.
    insecure = {"nas_secure_file_operations": False, "nas_secure_file_permissions": False}
    site["backends"]["nfs1"]["options"] |= insecure
    site["backup"]["options"] |= {"backup_compression_algorithm": "none"}
    site["config"]["DEFAULT"] |= _QUICK
    return pillar


class SaltSite:
    """The master and its minions, while they are up."""

    def __init__(self, master: Node, minions: Iterable[Node]):
        self.master = master
        self.minions = tuple(minions)

    def wait_ready(self) -> None:
        """Wait until every minion answers."""
        names = {minion.name for minion in self.minions}
        wait_until(
            lambda: {k for k, v in self._ping().items() if v is True} == names,
            f"{', '.join(sorted(names))} answer to the master",
            within=_ANSWER_SECONDS,
        )

    def _ping(self) -> dict[str, Any]:
        done = self._salt("--timeout=3", "*", "test.ping", check=False)
        return _merged(done) if done.strip().startswith("{") else {}

    def call(
        self,
        function: str,
        *arguments: str,
        target: str = "*",
        timeout: float = _ANSWER_SECONDS,
        **named: Any,
    ) -> dict[str, Any]:
        """Run a function on minions at the same moment, and return each one's answer.

        :param timeout: seconds
        """
        given = [f"{key}={json.dumps(value)}" for key, value in named.items()]
        answer = self._salt(f"--timeout={timeout:g}", target, function, *arguments, *given)
        return _merged(answer)

    def submit(self, function: str, *arguments: str, target: str) -> None:
        """Have minions run a function, and do not wait for it."""
        self.master.run(f"{SALT_BIN}/salt", "--async", target, function, *arguments)

    def _salt(self, *arguments: str, check: bool = True) -> str:
        salt = [f"{SALT_BIN}/salt", "--static", "--out=json", "--hide-timeout"]
        # Exit code 1 says that some state is False; the answer says which.
        done = self.master.run(*salt, *arguments, check=False, timeout=2 * _ANSWER_SECONDS)
        if check and not done.stdout.strip().startswith("{"):
            raise LabError(f"salt {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def read_pillar(self) -> dict[str, Any]:
        """Return the site's pillar as it is."""
        found: dict[str, Any] = yaml.safe_load(self.master.run("cat", _PILLAR_FILE).stdout)
        return found

    def write_pillar(self, pillar: Mapping[str, Any]) -> None:
        """Replace the site's pillar; every later call uses it."""
        self.master.run("tee", _PILLAR_FILE, stdin=yaml.safe_dump(copy.deepcopy(dict(pillar))))

    def write_state(self, name: str, states: Mapping[str, Any]) -> None:
        """Write an SLS file into the master's ``file_roots``."""
        self.master.run("tee", f"/srv/salt/{name}.sls", stdin=yaml.safe_dump(dict(states)))


def salt_call(node: Node, function: str, *arguments: str, timeout: float = 60, **settings: Any) -> str:
    """Run a function on one machine without its minion, also with other settings; what it printed.

    :param settings: of the minion; ``TMPDIR`` is the folder for temporary files
    """
    temporary = settings.pop("TMPDIR", "/tmp")
    folder = "/run/lab-salt"
    node.run("mkdir", "--parents", folder)
    node.run("tee", f"{folder}/minion", stdin=yaml.safe_dump({"id": node.name, **settings}))
    call = [f"{SALT_BIN}/salt-call", "--local", f"--config-dir={folder}", "--out=json", function]
    done = node.run("env", f"TMPDIR={temporary}", *call, *arguments, check=False, timeout=timeout)
    return done.stdout + done.stderr


def _merged(answer: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer)
    return found


def states_of(answer: Any) -> list[dict[str, Any]]:
    """Return the states of one minion's answer to ``state.apply``.

    :raises LabError: the answer is an error
    """
    if not isinstance(answer, dict):
        raise LabError(f"no states, but: {answer}")
    return list(answer.values())
