"""The demo's sandbox: a masterless minion in one folder, whose cluster is a file."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from saltext_cinder_ha.formula import formula_path

CHECKOUT = Path(__file__).resolve().parent.parent
PILLAR = CHECKOUT / "pillar.example"
NODES = ("ctl1", "ctl2", "ctl3")
_LONGEST_CALL_SECONDS = 300
_INTERRUPTS = 10
_SECONDS_PER_INTERRUPT = 0.5


class DemoError(Exception):
    """The demo cannot go on.

    :param sentence: what happened
    :param output: what a program said, to be shown whole
    """

    def __init__(self, sentence: str, output: str = ""):
        super().__init__(sentence)
        self.output = output


@dataclass(frozen=True)
class Answer:
    """What a call of Salt gave back.

    :param value: the function's answer
    :param output: all that Salt said
    :param seconds: how long it took
    :param succeeded: the exit code was 0
    """

    value: Any
    output: str
    seconds: float
    succeeded: bool


@dataclass(frozen=True)
class Sandbox:
    """A minion's configuration and everything that it writes, in one folder."""

    folder: Path

    @property
    def cib(self) -> Path:
        return self.folder / "cib.xml"

    @property
    def pillar(self) -> Path:
        return self.folder / "pillar" / "cinder_ha.sls"

    def make(self) -> None:
        """Write the configuration and the pillar; whatever was in the folder goes."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700)
        # For what the libraries of Keystone and of its clients keep for the next time.
        os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.pillar.parent.mkdir()
        shutil.copyfile(PILLAR, self.pillar)
        self._list_pillars()
        _write_yaml(self.folder / "minion", self._minion_settings())

    @contextlib.contextmanager
    def with_keystone(self, url: str) -> Iterator[None]:
        """Let the pillar name another Keystone than the example does, for a while."""
        auth = {"auth_url": url}
        _write_yaml(self.pillar.with_name("keystone.sls"), {"cinder_ha": {"endpoints": {"auth": auth}}})
        self._list_pillars("keystone")
        yield
        self._list_pillars()

    def command(self, *arguments: str) -> str:
        """Return a call of Salt as a person types it, with the pillar on a line of its own."""
        start = [shown(_salt_call()), "--local", "-c", shown(self.folder)]
        words = " ".join([*map(shlex.quote, start), *map(_quoted, arguments)])
        return words.replace(" pillar=", " \\\n       pillar=")

    def call(self, *arguments: str) -> Answer:
        """Call Salt.

        :raises DemoError: it gave no answer
        """
        options = ["--local", f"--config-dir={self.folder}", "--out=json"]
        begun = time.monotonic()
        done = _run([str(_salt_call()), *options, *arguments])
        seconds = time.monotonic() - begun
        output = f"{done.stdout}{done.stderr}"
        try:
            value = json.loads(done.stdout)["local"]
        except (ValueError, KeyError, TypeError):
            sentence = f"salt-call ended with exit code {done.returncode} and no answer"
            raise DemoError(sentence, output) from None
        return Answer(value, output, seconds, done.returncode == 0)

    def _list_pillars(self, *more: str) -> None:
        _write_yaml(self.pillar.with_name("top.sls"), {"base": {"*": [self.pillar.stem, *more]}})

    def _minion_settings(self) -> dict[str, Any]:
        return {
            "id": NODES[0],
            "file_client": "local",
            "root_dir": str(self.folder / "salt"),
            "file_roots": {"base": [str(formula_path())]},
            "pillar_roots": {"base": [str(self.pillar.parent)]},
            # These ask name servers and the hardware, which the demo has no use for.
            "enable_fqdns_grains": False,
            "enable_gpu_grains": False,
            "pacemaker": {
                "cib_file": str(self.cib),
                "sandbox_root": str(self.folder / "root"),
                "sandbox_nodes": list(NODES),
            },
        }


@contextlib.contextmanager
def only_one_demo(parent: Path) -> Iterator[None]:
    """Keep a second demo out of the same folder for a while.

    :raises DemoError: another one is running
    """
    handle = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise DemoError("another demo is running in this folder") from None
    finally:
        os.close(handle)


def shown(path: Path) -> str:
    """Return a path as a person in the checkout types it."""
    return os.path.relpath(path, CHECKOUT) if path.is_relative_to(CHECKOUT) else str(path)


def _salt_call() -> Path:
    return Path(sys.executable).with_name("salt-call")


def _quoted(argument: str) -> str:
    """Quote the value only, as people do: ``pillar='{..}'``."""
    name, equals, value = argument.partition("=")
    return f"{name}={shlex.quote(value)}" if equals else shlex.quote(argument)


def _run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=_LONGEST_CALL_SECONDS)
    except subprocess.TimeoutExpired:
        stdout, stderr = _end(process)
        sentence = f"salt-call did not answer within {_LONGEST_CALL_SECONDS} s and was ended"
        raise DemoError(sentence, f"{stdout}{stderr}") from None
    except BaseException:
        _end(process)
        raise
    return subprocess.CompletedProcess(argv, process.returncode, stdout, stderr)


def _end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """End Salt by its own way, in which it ends Pacemaker's tools; it may miss the first call."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for _ in range(_INTERRUPTS):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=_SECONDS_PER_INTERRUPT)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False))
