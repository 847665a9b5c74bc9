"""The demo tells a story that holds, and leaves nothing behind but its folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE_SECONDS = 240
HANGING_TOOL = '#!/bin/sh\necho $$ >>"$RUNNING_TOOLS"\nexec sleep 600\n'
FAILING_TOOL = "#!/bin/sh\necho 'the disk is full' >&2\nexit 70\n"

# Python looks for a module of this name at its start; every salt-call inherits the hook.
RECORDER = """
import os, sys

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.chown", "os.link",
           "os.symlink", "os.truncate", "os.utime", "os.mkfifo", "os.mknod"}

def record(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, int) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
    elif event not in CHANGES or isinstance(arguments[0], int):
        return
    folder = os.getcwd()
    if event in ("os.mkdir", "os.remove", "os.rmdir") and arguments[-1] != -1:
        folder = os.readlink(f"/proc/self/fd/{arguments[-1]}")
    os.write(log, (os.path.join(folder, os.fsdecode(arguments[0])) + "\\n").encode())

log = os.open(os.environ["WRITTEN_PATHS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
sys.addaudithook(record)
"""


@dataclass(frozen=True)
class Told:
    """What the demo said, in a folder of its own."""

    folder: Path
    returncode: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()


@dataclass(frozen=True)
class Stage:
    """A place for the demo, and the environment of those who watch."""

    repository: Path
    folder: Path
    settings: Mapping[str, str]

    @property
    def argv(self) -> list[str]:
        return [sys.executable, str(self.repository / "tools/demo.py"), str(self.folder)]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
        return {**inherited, "TERM": "xterm-256color", **self.settings}

    def with_tool(self, name: str, script: str) -> Stage:
        """Put a program before the real one of the same name."""
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
        path = f"{programs}:{os.environ['PATH']}"
        return Stage(self.repository, self.folder, {**self.settings, "PATH": path})

    def play(self) -> Told:
        done = subprocess.run(
            self.argv,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        return Told(self.folder, done.returncode, done.stdout, done.stderr)


class Terminal:
    """The demo on a terminal, where keys can be pressed."""

    def __init__(self, stage: Stage):
        self.screen = ""
        self._pid, self._handle = pty.fork()
        if self._pid == 0:
            os.execve(stage.argv[0], stage.argv, stage.environment)

    def read_until(self, fulfilled: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not fulfilled():
            assert time.monotonic() < deadline, f"it takes too long:\n{self.screen}"
            assert self._read(), f"it has ended:\n{self.screen}"

    def press_ctrl_c(self) -> None:
        os.write(self._handle, b"\x03")

    def exit_code(self) -> int:
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def close(self) -> None:
        os.close(self._handle)
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._handle], [], [], PATIENCE_SECONDS)
        try:
            content = os.read(self._handle, 65536) if ready else b""
        except OSError:  # how Linux says that nobody is on the other side any more
            content = b""
        self.screen += content.decode(errors="replace")
        return bool(content)


@pytest.fixture(scope="module")
def watched(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A stage on which Python writes down what it changes."""
    folder = tmp_path_factory.mktemp("demo")
    hooks = folder / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(RECORDER)
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    settings = {
        "PYTHONPATH": str(hooks),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WRITTEN_PATHS": str(folder / "written"),
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
    }
    return Stage(repository, folder, settings)


@pytest.fixture(scope="module")
def told(watched: Stage) -> Told:
    """The demo from its begin to its end, without a terminal."""
    return watched.play()


@pytest.fixture
def stage(repository: Path, tmp_path: Path) -> Stage:
    return Stage(repository, tmp_path, {"RUNNING_TOOLS": str(tmp_path / "running")})


def test_every_step_does_what_the_story_says(told: Told) -> None:
    assert (told.returncode, told.stderr) == (0, "")


def test_story_is_short_and_plain_without_a_terminal(told: Told) -> None:
    assert "\x1b" not in told.stdout
    assert "\r" not in told.stdout
    assert len(told.lines) < 100
    assert max(map(len, told.lines)) <= 100 + len(str(told.folder))


def test_story_shows_where_each_resource_runs(told: Told) -> None:
    found = [re.fullmatch(r"   (\S+) +\w+:\S+((?: +(?:runs|-)){3}) *", line) for line in told.lines]
    places = {match[1]: match[2].split() for match in found if match}
    assert places["openstack-cinder-api"] == ["runs", "runs", "runs"]
    assert sorted(places["openstack-cinder-volume"]) == ["-", "-", "runs"]


def test_story_names_no_secret(told: Told) -> None:
    for password in ("FENCE_PASS", "CINDER_DBPASS", "RABBIT_PASS", "ADMIN_PASS"):
        assert password not in told.stdout


def test_nothing_outside_of_its_folder_is_changed(told: Told, watched: Stage) -> None:
    written = set((watched.folder / "written").read_text().splitlines())
    own = tuple(f"{watched.folder}/{name}" for name in (".demo", "tmp/"))
    assert f"{watched.folder}/.demo/minion" in written, "the recorder does not work"
    # A file without a name is made by opening its folder.
    written.discard(f"{watched.folder}/tmp")
    assert sorted(path for path in written if not path.startswith((*own, "/dev/"))) == []
    assert [*(watched.folder / "home").iterdir(), *(watched.folder / "tmp").iterdir()] == []


def test_second_demo_tells_the_same(told: Told, watched: Stage) -> None:
    again = watched.play()
    assert (again.returncode, again.stderr) == (0, "")
    assert without_durations(again.stdout) == without_durations(told.stdout)


def test_commands_can_be_pasted(told: Told, watched: Stage) -> None:
    commands = re.findall(r"^   \$ ((?:.*\\\n)*.*)$", told.stdout, re.MULTILINE)
    predicted = next(command for command in commands if "test=True" in command)
    monitor = next(command for command in commands if "crm_mon" in command)
    assert "restart p_api-ip on ctl1" in output_of(predicted, watched)
    assert "openstack-cinder-volume" in output_of(monitor, watched)


def test_failing_step_is_shown_whole_and_named(stage: Stage) -> None:
    told = stage.with_tool("cibadmin", FAILING_TOOL).play()
    assert told.returncode == 1
    assert "cibadmin" in told.stderr
    assert told.stderr.splitlines()[-1] == ("The demo failed in step 2: state.apply should succeed.")
    assert "Traceback" not in told.stderr


def test_second_demo_in_the_same_folder_is_refused_for_a_while(stage: Stage) -> None:
    handle = os.open(stage.folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    told = stage.play()
    os.close(handle)
    assert told.returncode == 1
    assert told.stderr == ("The demo failed in the preparation: another demo is running in this folder.\n")
    assert not (stage.folder / ".demo").exists()


def test_folder_that_is_not_there_is_one_sentence(stage: Stage) -> None:
    told = Stage(stage.repository, stage.folder / "nowhere", {}).play()
    assert told.returncode == 1
    assert told.stderr.startswith("The demo failed in the preparation: ")
    assert len(told.stderr.splitlines()) == 1


def test_demo_has_colours_on_a_terminal_and_ctrl_c_ends_it_with_all_it_started(
    stage: Stage,
) -> None:
    running = stage.folder / "running"
    terminal = Terminal(stage.with_tool("crm_simulate", HANGING_TOOL))
    try:
        terminal.read_until(lambda: len(written_lines(running)) == 2)
        pressed = time.monotonic()
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 130
        assert time.monotonic() - pressed < 10
    finally:
        terminal.close()
    assert [pid for pid in written_lines(running) if Path("/proc", pid).exists()] == []
    assert terminal.screen.rstrip().endswith("Interrupted. The next demo starts afresh.")
    assert "Traceback" not in terminal.screen
    assert re.search(r"\x1b\[[\d;]*36m", terminal.screen), "no colour"


def test_no_color_is_honoured_on_a_terminal(stage: Stage) -> None:
    terminal = Terminal(Stage(stage.repository, stage.folder, {"NO_COLOR": "1"}))
    try:
        terminal.read_until(lambda: "state.apply ..." in terminal.screen)
        terminal.press_ctrl_c()
        assert terminal.exit_code() == 130
    finally:
        terminal.close()
    assert not re.search(r"\x1b\[[\d;]*3\d[;m]", terminal.screen)


def without_durations(story: str) -> str:
    return re.sub(r"\d+ ms|\d+\.\d s", "TIME", story)


def output_of(command: str, stage: Stage) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=stage.repository,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    return done.stdout


def written_lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
