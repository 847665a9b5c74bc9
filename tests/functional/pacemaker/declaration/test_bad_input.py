"""Bad input gives one clear sentence that names the place, and writes nothing."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.common import process
from saltext_cinder_ha.common.errors import (
    DeclarationError,
    SaltextError,
    StorageError,
    ToolFailedError,
    ToolMissingError,
    ToolTimeoutError,
)
from saltext_cinder_ha.pacemaker.actions import parse_allow
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.errors import CibError, ClusterNotRunningError
from saltext_cinder_ha.pacemaker.scheduler import simulated_cluster
from saltext_cinder_ha.pacemaker.settings import parse_settings
from saltext_cinder_ha.pacemaker.store import swap as swap_room
from saltext_cinder_ha.pacemaker.store.file import FileStore
from saltext_cinder_ha.pacemaker.store.live import LiveStore
from saltext_cinder_ha.pacemaker.transaction.commit import AgentCheck, Outcome, Policy, commit

from . import bad_declarations, bad_references
from .bad_declarations import DUMMY, LIVE, Bad, location, order, resource

pytestmark = pytest.mark.one_salt

LONGEST_SENTENCE = 400
NOBODY = 65534


def apply(path: Path, declaration: Any, *, timeout: float = 30, **policy: Any) -> Outcome:
    """What a state does with a declaration, on a CIB file."""
    store = FileStore(path, ["ctl1", "ctl2"], timeout)
    return commit(
        store,
        parse_declaration(declaration),
        Policy(**{"settle": False, "timeout": timeout, **policy}),
        document="test",
    )


def assert_one_sentence(error: BaseException) -> None:
    message = str(error)
    assert message
    assert message.isprintable()
    assert len(message) <= LONGEST_SENTENCE
    assert "Traceback" not in message


@pytest.fixture(scope="module")
def live_cib(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("live") / "cib.xml"
    store = FileStore(path, ["ctl1", "ctl2"], 30)
    commit(store, parse_declaration(LIVE), Policy(settle=False), document=None)
    return path.read_bytes()


@pytest.fixture
def cib(tmp_path: Path, live_cib: bytes) -> Path:
    """A file with :data:`LIVE`, made by somebody else."""
    path = tmp_path / "cib.xml"
    path.write_bytes(live_cib)
    return path


@pytest.fixture
def shims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put shell scripts in front of the real tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    def install(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return install


@pytest.mark.parametrize(
    "bad",
    [
        *bad_declarations.UNKNOWN_KEYS,
        *bad_declarations.IDS,
        *bad_declarations.SHAPES,
        *bad_declarations.VALUES,
        *bad_references.REFERENCES,
        *bad_references.AGENTS,
    ],
)
def test_a_mistake_is_named_with_its_place_and_nothing_is_written(bad: Bad, cib: Path) -> None:
    before = cib.read_bytes()
    with pytest.raises(DeclarationError) as caught:
        apply(cib, bad.declaration)
    assert caught.value.path == bad.path
    assert [word for word in bad.words if word not in caught.value.problem] == []
    assert_one_sentence(caught.value)
    assert cib.read_bytes() == before
    assert os.listdir(cib.parent) == ["cib.xml"]


@pytest.mark.parametrize(
    "declaration",
    [
        pytest.param(order(), id="constraint on live resources"),
        pytest.param(location(node="ctl1"), id="location of a live resource"),
        pytest.param(resource(params={"state": '"quotes" & <angles>'}), id="quotes"),
        pytest.param(resource(params={"state": "12"}, meta={"priority": "+INFINITY"}), id="score"),
        pytest.param({"resources": None, "constraints": None}, id="sections without content"),
        pytest.param(None, id="nothing"),
    ],
)
def test_what_looks_odd_but_is_right_is_accepted(declaration: Any, cib: Path) -> None:
    assert apply(cib, declaration).succeeded


def test_validate_false_lets_an_agent_pass_that_is_not_installed(cib: Path) -> None:
    declaration = resource(agent="ocf:heartbeat:NoSuch", params={"anything": "goes"})
    assert apply(cib, declaration, agent_check=AgentCheck.SKIP).written


def test_the_sandbox_warns_of_an_agent_that_is_not_installed(cib: Path) -> None:
    outcome = apply(cib, resource(agent="ocf:heartbeat:NoSuch"), agent_check=AgentCheck.WARN)
    assert outcome.written
    assert len(outcome.proposal.warnings) == 1
    assert "ocf:heartbeat:NoSuch" in outcome.proposal.warnings[0]


def test_the_sandbox_checks_the_parameters_of_an_agent_that_is_installed(cib: Path) -> None:
    with pytest.raises(DeclarationError, match="no parameter 'stat'; did you mean state"):
        apply(cib, resource(params={"stat": "x"}), agent_check=AgentCheck.WARN)


def test_an_unknown_node_is_noted(cib: Path) -> None:
    outcome = apply(cib, location(node="ctl9"))
    assert outcome.proposal.plan.notes == ("constraints[0].location.node: the cluster has no node 'ctl9'",)


def test_a_property_that_pacemaker_does_not_have_is_noted(cib: Path) -> None:
    outcome = apply(cib, {"properties": {"stonith-enable": False, "hana_prd_site": "east"}})
    assert outcome.proposal.plan.notes == (
        "properties.stonith-enable: Pacemaker has no such option; did you mean stonith-enabled?",
    )


@pytest.mark.parametrize(
    "value",
    ['it\'s "quoted" <b> & ]]>', "&#10; &amp; \\n", "naïve → 𝄞 \u2028", "  edges  ", "$HOME `id` %s"],
)
def test_a_value_comes_out_of_the_real_cibadmin_as_it_went_in(value: str, cib: Path) -> None:
    declaration = resource(params={"state": value})
    assert apply(cib, declaration).written
    query = process.run(["cibadmin", "--query"], settings={"CIB_file": str(cib)})
    found = simulated_cluster.Cib.parse(query.stdout, "test")
    assert found.by_id["x-instance_attributes-state"].get("value") == value
    assert not apply(cib, declaration).written


def test_a_value_of_a_megabyte_is_carried(cib: Path) -> None:
    declaration = resource(params={"state": "x" * 1_000_000})
    assert apply(cib, declaration).written
    assert not apply(cib, declaration).written


def test_a_configuration_that_crashes_the_scheduler_is_refused(
    cib: Path, shims: Callable[[str, str], None]
) -> None:
    # An order of a resource with itself did that to Pacemaker 2.1.5; it is refused earlier now.
    shims("crm_simulate", "kill -ABRT $$")
    before = cib.read_bytes()
    with pytest.raises(ToolFailedError, match=r"crm_simulate crashed \(signal 6\)") as caught:
        apply(cib, resource())
    assert_one_sentence(caught.value)
    assert cib.read_bytes() == before


def test_a_change_that_is_never_taken_is_no_contention(
    cib: Path, shims: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap_room, "_pause", lambda _attempt: None)
    shims("cibadmin", "exit 1")
    with pytest.raises(ToolFailedError, match="no other process has written") as caught:
        apply(cib, resource())
    assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("settings", "path", "words"),
    [
        ([], "pacemaker", "a list"),
        ({"cibfile": "/x"}, "pacemaker.cibfile", "did you mean 'cib_file'?"),
        ({"cib_file": "cib.xml"}, "pacemaker.cib_file", "absolute path"),
        ({"cib_file": "/a\0b"}, "pacemaker.cib_file", "'\\x00'"),
        ({"timeout": 0}, "pacemaker.timeout", "above 0"),
        ({"timeout": "60s"}, "pacemaker.timeout", "seconds"),
        ({"timeout": float("nan")}, "pacemaker.timeout", "nan"),
        ({"timeout": float("inf")}, "pacemaker.timeout", "inf"),
        ({"timeout": True}, "pacemaker.timeout", "seconds"),
        ({"sandbox_nodes": "ctl1"}, "pacemaker.sandbox_nodes", "a list"),
        ({"sandbox_nodes": []}, "pacemaker.sandbox_nodes", "at least one"),
        ({"tool": "crmsh"}, "pacemaker.tool", "auto, crm or pcs"),
        ({"validate": None}, "pacemaker.validate", "null"),
    ],
)
def test_a_mistake_in_the_settings_is_named(settings: Any, path: str, words: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        parse_settings(settings, {})
    assert caught.value.path == path
    assert words in caught.value.problem
    assert_one_sentence(caught.value)


@pytest.mark.parametrize("allow", ["start", 5, None, ["starts"], [None], {"start": True}])
def test_a_mistake_in_allow_is_named(allow: Any) -> None:
    with pytest.raises(DeclarationError, match="start, stop, restart") as caught:
        parse_allow(allow)
    assert caught.value.path == "allow"
    assert_one_sentence(caught.value)


def replaced(attribute: str, value: str) -> Callable[[bytes], bytes]:
    return lambda cib: re.sub(
        rf'{attribute}="[^"]*"'.encode(), f'{attribute}="{value}"'.encode(), cib, count=1
    )


DOCTYPE = b'<!DOCTYPE cib [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BROKEN_FILES: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("empty", lambda _: b"", "is empty"),
    ("blank", lambda _: b" \n", "is empty"),
    ("truncated", lambda cib: cib[:-40], "not well-formed XML"),
    ("twice", lambda cib: cib * 2, "not well-formed XML"),
    ("text", lambda _: b"cluster: ctl1\n", "not well-formed XML"),
    ("compressed", lambda _: b"\x1f\x8b\x08\x00", "not well-formed XML"),
    ("wrong encoding", lambda cib: cib.replace(b"sandbox", b"s\xe4ndbox"), "not well-formed XML"),
    ("other XML", lambda _: b"<html><body/></html>", "contains <html>, not a CIB"),
    ("no configuration", lambda _: b"<cib/>", "has no <configuration>"),
    ("no version", replaced("epoch", "new"), "epoch and num_updates should be numbers"),
    ("document type", lambda cib: DOCTYPE + cib, "declares a document type"),
    (
        "newer schema",
        replaced("validate-with", "pacemaker-9.9"),
        "the schema pacemaker-9.9, but the newest one",
    ),
    ("unknown schema", replaced("validate-with", "nonsense"), "'nonsense'"),
    ("newer Pacemaker", replaced("crm_feature_set", "9.0.0"), "newer Pacemaker"),
    (
        "unknown element",
        lambda cib: cib.replace(b"<constraints>", b"<frob/><constraints>"),
        "the current configuration violates",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "words"), [row[1:] for row in BROKEN_FILES], ids=[row[0] for row in BROKEN_FILES]
)
def test_a_cib_that_cannot_be_read_is_named_and_left_as_it_is(
    spoil: Callable[[bytes], bytes], words: str, cib: Path
) -> None:
    cib.write_bytes(spoil(cib.read_bytes()))
    before = cib.read_bytes()
    with pytest.raises(CibError) as caught:
        apply(cib, resource())
    assert words in str(caught.value)
    assert_one_sentence(caught.value)
    assert cib.read_bytes() == before


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "below a file"])
def test_a_path_that_is_no_file_is_named(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "cib.xml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.write_text("")
        path = path / "cib.xml"
    with pytest.raises(StorageError, match=re.escape(str(path))) as caught:
        apply(path, resource())
    assert_one_sentence(caught.value)


def test_missing_tools_are_named_with_their_package(
    cib: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cib.read_bytes()
    monkeypatch.setenv("PATH", str(tmp_path))
    # The machine has the tools, and these folders are searched whatever PATH says.
    monkeypatch.setattr(process, "_SYSTEM_FOLDERS", ())
    with pytest.raises(ToolMissingError, match="pacemaker-cli-utils") as caught:
        apply(cib, resource())
    assert_one_sentence(caught.value)
    assert cib.read_bytes() == before


def test_a_cluster_that_does_not_run_is_named() -> None:
    with pytest.raises(ClusterNotRunningError, match="start Pacemaker here") as caught:
        LiveStore(30).read()
    assert_one_sentence(caught.value)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user can reach, which the test's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="bad-input-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def as_nobody(function: Callable[[], object]) -> str:
    """Run a function without root's power in a child; return the name and the text of its error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        try:
            answer = f"no error: {function()}"
        except BaseException as error:  # the child must never come back into pytest
            answer = f"{type(error).__name__}: {error}"
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_is_read_only_is_named(exists: bool, open_folder: Path, live_cib: bytes) -> None:
    path = open_folder / "cib.xml"
    if exists:
        path.write_bytes(live_cib)
        path.chmod(0o644)
    open_folder.chmod(0o555)
    answer = as_nobody(lambda: apply(path, resource()))
    assert answer.startswith(f"StorageError: {path} cannot be written: Permission denied")
    assert os.listdir(open_folder) == ["cib.xml"] * exists


def test_a_folder_for_temporary_files_that_is_read_only_is_named(
    cib: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cib.read_bytes()
    monkeypatch.setattr(tempfile, "tempdir", "/proc")
    with pytest.raises(StorageError, match=r"cannot create a temporary directory: .*TMPDIR") as caught:
        apply(cib, resource())
    assert_one_sentence(caught.value)
    assert cib.read_bytes() == before


def test_a_file_that_may_not_be_read_is_named(open_folder: Path, live_cib: bytes) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a file that belongs to somebody else")
    path = open_folder / "cib.xml"
    path.write_bytes(live_cib)
    path.chmod(0o600)
    answer = as_nobody(lambda: apply(path, resource()))
    assert answer == f"StorageError: {path} cannot be read: Permission denied"


def test_a_tool_that_hangs_is_ended_with_its_children(
    cib: Path, tmp_path: Path, shims: Callable[[str, str], None]
) -> None:
    before = cib.read_bytes()
    pids, never = tmp_path / "pids", tmp_path / "never"
    os.mkfifo(never)
    shims("cibadmin", f"read line < {never} & echo $$ $! > {pids}\nwait")
    with pytest.raises(ToolTimeoutError, match="cibadmin did not answer within 1 s") as caught:
        apply(cib, resource(), timeout=1)
    assert_one_sentence(caught.value)
    assert [pid for pid in pids.read_text().split() if runs(pid)] == []
    assert cib.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["bin", "cib.xml", "never", "pids"]


def runs(pid: str) -> bool:
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("code", [2, 76, 78, 102, 105, 113])
def test_whatever_a_tool_prints_with_an_error_is_not_repeated(
    code: int, cib: Path, shims: Callable[[str, str], None]
) -> None:
    before = cib.read_bytes()
    shims("cibadmin", f"cat >&2; exit {code}")
    with pytest.raises(SaltextError) as caught:
        FileStore(cib, ["ctl1"], 30).push(b"<diff><password>hunter2</password></diff>")
    assert "hunter2" not in f"{caught.value!r} {caught.value}"
    assert_one_sentence(caught.value)
    assert cib.read_bytes() == before


def test_the_dummy_agent_of_these_tests_is_installed(cib: Path) -> None:
    """Or else many of the rows above would fail for another reason than theirs."""
    assert apply(cib, resource(agent=DUMMY)).written
