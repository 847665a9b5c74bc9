"""The scripts behind ``make`` change no more of a machine than they say.

``apt-get`` is a stand-in here: a test must not install packages on the machine it runs on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_salt

INSTALL_ENABLES_A_DAEMON = """
cat "$POLICY_RC_D" >"$SEEN_POLICY"
ln -s /lib/systemd/system/pcsd.service "$SYSTEMD_UNITS/multi-user.target.wants/pcsd.service"
"""


@dataclass(frozen=True)
class Machine:
    """A machine of which only the folders that an installation changes are real."""

    repository: Path
    folder: Path

    @property
    def units(self) -> Path:
        return self.folder / "system"

    @property
    def policy(self) -> Path:
        return self.folder / "policy-rc.d"

    @property
    def policy_meanwhile(self) -> Path:
        return self.folder / "seen-policy"

    @property
    def programs(self) -> Path:
        return self.folder / "bin"

    def enabled(self) -> list[str]:
        return sorted(link.name for link in self.units.rglob("*.service"))

    def enable(self, unit: str) -> None:
        folder = self.units / "multi-user.target.wants"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / unit).symlink_to(f"/lib/systemd/system/{unit}")

    def has_program(self, name: str, script: str) -> None:
        self.programs.mkdir(exist_ok=True)
        program = self.programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def has_apt(self, on_install: str) -> None:
        self.has_program("apt-get", f'[ "$1" = install ] || exit 0\n{on_install}')

    def has_only(self, *names: str) -> None:
        """Take these programs over from the real machine, for a PATH without any other."""
        self.programs.mkdir(exist_ok=True)
        for name in names:
            (self.programs / name).symlink_to(shutil.which(name) or name)

    def install(self, *packages: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
        return run(
            self.repository / "tools/install-system-packages",
            *packages,
            settings={
                "PATH": path or f"{self.programs}:{os.environ['PATH']}",
                "SYSTEMD_UNITS": str(self.units),
                "POLICY_RC_D": str(self.policy),
                "SEEN_POLICY": str(self.policy_meanwhile),
            },
        )


def run(program: Path, *arguments: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *arguments],
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )


@pytest.fixture
def machine(repository: Path, tmp_path: Path) -> Machine:
    machine = Machine(repository, tmp_path)
    machine.enable("cron.service")
    machine.has_program("id", "echo 0")
    machine.has_program("dpkg", "")
    return machine


def test_daemon_that_an_installation_enables_is_disabled_again(machine: Machine) -> None:
    machine.has_apt(INSTALL_ENABLES_A_DAEMON)
    assert machine.install("pcs").returncode == 0
    assert machine.policy_meanwhile.exists()
    assert machine.enabled() == ["cron.service"]


def test_daemon_that_was_enabled_before_stays_enabled(machine: Machine) -> None:
    machine.enable("corosync.service")
    machine.has_apt(INSTALL_ENABLES_A_DAEMON)
    assert machine.install("pcs").returncode == 0
    assert machine.enabled() == ["corosync.service", "cron.service"]


def test_no_daemon_may_start_while_packages_are_installed(machine: Machine) -> None:
    machine.has_apt(INSTALL_ENABLES_A_DAEMON)
    machine.install("pcs")
    assert machine.policy_meanwhile.read_text().endswith("exit 101\n")
    assert not machine.policy.exists()


def test_policy_of_the_machine_is_left_as_it_is(machine: Machine) -> None:
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.has_apt(INSTALL_ENABLES_A_DAEMON)
    machine.install("pcs")
    assert machine.policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_failed_installation_is_reported_and_leaves_no_daemon_enabled(machine: Machine) -> None:
    machine.has_apt(f"{INSTALL_ENABLES_A_DAEMON}\necho 'no space left'; exit 100")
    done = machine.install("pcs")
    assert done.returncode == 1
    assert "no space left" in done.stderr
    assert "apt-get could not install pcs" in done.stderr
    assert machine.enabled() == ["cron.service"]
    assert not machine.policy.exists()


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_interrupted_installation_leaves_no_daemon_enabled(signal: str, machine: Machine) -> None:
    machine.has_apt(f"{INSTALL_ENABLES_A_DAEMON}\nkill -{signal} 0")
    assert machine.install("pcs").returncode == 130
    assert machine.policy_meanwhile.exists()
    assert machine.enabled() == ["cron.service"]
    assert not machine.policy.exists()


def test_nothing_is_installed_when_nothing_is_missing(machine: Machine) -> None:
    machine.has_apt("exit 100")
    done = machine.install()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ordinary_user_without_sudo_is_told_what_to_install(machine: Machine) -> None:
    machine.has_apt("exit 100")
    machine.has_program("id", "echo 1000")
    machine.has_only("bash", "dirname", "readlink")
    done = machine.install("pcs", "crmsh", path=str(machine.programs))
    assert done.returncode == 1
    assert done.stderr == (
        "Missing on this machine: pcs crmsh. Please install them as root: "
        "apt-get install --no-install-recommends pcs crmsh\n"
    )


def test_machine_without_apt_is_told_what_is_missing(machine: Machine) -> None:
    machine.has_only("bash", "dirname", "readlink")
    done = machine.install("pcs", path=str(machine.programs))
    assert done.returncode == 1
    assert done.stderr.startswith("Missing on this machine: pcs (Debian's names). There is no apt-get")


def test_python_that_is_not_there_is_one_sentence(repository: Path, tmp_path: Path) -> None:
    done = run(
        repository / "tools/make-venv",
        str(tmp_path / "venv"),
        "requirements/salt-3008.txt",
        settings={"PYTHON": "python-of-nobody"},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("There is no python-of-nobody")


def test_python_that_is_too_old_is_one_sentence(machine: Machine, tmp_path: Path) -> None:
    machine.has_program("old", '[ "$1" = --version ] || exit 1; echo Python 3.9.2')
    done = run(
        machine.repository / "tools/make-venv",
        str(tmp_path / "venv"),
        "requirements/salt-3008.txt",
        settings={"PYTHON": str(machine.programs / "old")},
    )
    assert done.returncode == 1
    assert "Python 3.9.2, 3.10 or newer is needed" in done.stderr


@pytest.fixture
def checkout(machine: Machine) -> Machine:
    """A source tree whose checks are stand-ins; in it, the user is root."""
    tools = machine.folder / "tools"
    tools.mkdir()
    for name in ("run-tests", "lib.sh"):
        shutil.copy(machine.repository / "tools" / name, tools)
    (machine.folder / "Makefile").write_text("venv-3006 venv-openstack:\n")
    for name in ("tools/lint", *(f"{venv}/bin/{name}" for venv in VENVS for name in ("pytest", "salt"))):
        stand_in(machine.folder / name, "exit 0")
    os.mkfifo(machine.folder / "lab-runs")
    os.mkfifo(machine.folder / "suite-runs")
    return machine


VENVS = (".venv", ".venv-3006")


def stand_in(program: Path, script: str) -> None:
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def run_tests(checkout: Machine) -> subprocess.CompletedProcess[str]:
    path = f"{checkout.programs}:{os.environ['PATH']}"
    return run(checkout.folder / "tools/run-tests", settings={"CI": "true", "PATH": path})


@pytest.mark.parametrize(
    ("code", "closing"), [(0, ""), (3, "FAILED: Tests on three real nodes; see above.\n")]
)
def test_lab_runs_beside_the_suites_and_its_result_counts(checkout: Machine, code: int, closing: str) -> None:
    # Each waits for the other one: one after the other, neither would end.
    stand_in(
        checkout.folder / "tools/lab-tests", f"echo >lab-runs; cat suite-runs; echo the lab; exit {code}"
    )
    stand_in(checkout.folder / ".venv/bin/pytest", "cat lab-runs; echo the suite >suite-runs")
    done = run_tests(checkout)
    assert (done.returncode, done.stderr) == (int(code > 0), closing)
    assert "the suite\nthe lab\n" in done.stdout


def test_interrupt_takes_the_lab_down_before_it_ends(checkout: Machine) -> None:
    # A signal that meets a child between fork and exec is lost to it: the child has to end by itself.
    wait_a_minute = "n=0; while [ $n -lt 600 ] && sleep 0.1; do n=$((n+1)); done"
    lab = f"trap 'echo gone >lab; exit 130' INT; echo >lab-runs; {wait_a_minute}"
    stand_in(checkout.folder / "tools/lab-tests", lab)
    stand_in(checkout.folder / ".venv/bin/pytest", "cat lab-runs; kill -INT 0")
    assert run_tests(checkout).returncode == 130
    assert (checkout.folder / "lab").read_text() == "gone\n"


@pytest.mark.parametrize(
    ("source", "in_ci"),
    [
        pytest.param("def test():\n    pytest.skip('why')\n", "1 failed", id="one test"),
        pytest.param("pytest.skip('why', allow_module_level=True)\n", "1 error", id="one file"),
    ],
)
def test_skip_is_a_failure_in_ci_only(source: str, in_ci: str, repository: Path, tmp_path: Path) -> None:
    shutil.copy(repository / "tests/conftest.py", tmp_path)
    (tmp_path / "test_skip.py").write_text(f"import pytest\n\n{source}")
    assert in_ci in closing_line_of_pytest(tmp_path, ci="true")
    assert "1 skipped" in closing_line_of_pytest(tmp_path, ci="")


def closing_line_of_pytest(folder: Path, ci: str) -> str:
    done = run(
        Path(sys.executable),
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)),
        settings={"CI": ci},
    )
    return done.stdout.strip().splitlines()[-1]
