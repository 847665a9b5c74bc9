"""What pcs and crm make of a text becomes a declaration, however often it was applied already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.common import process
from saltext_cinder_ha.common.errors import DeclarationError, StorageError
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.native.cache import Cache
from saltext_cinder_ha.pacemaker.native.compile import compile_text
from tests.canonical import configuration
from tests.functional.pacemaker.watching import Watch
from tests.planning import dummies
from tests.sandboxes import TIMEOUT, Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

DUMMY = "ocf:pacemaker:Dummy"
MONITOR = "op monitor interval=60s --no-default-ops"
PASSWORD = "S3cretOfPcs"
LIVE_PASSWORD = "S3cretOfTheCluster"
FENCING = {
    "resources": {
        "fence": {"agent": "stonith:fence_x", "params": {"ip": "10.0.0.1", "password": LIVE_PASSWORD}},
        **dummies("foreign", "member"),
        "g": {"group": ["member"]},
    }
}
PCS_TEXTS = {
    "an update of what is there": "stonith update fence ip=10.0.0.2 --force",
    "a meta attribute of what is there": "resource meta foreign migration-threshold=3",
    "an operator's option, said by the text": f"resource create a {DUMMY} {MONITOR} --disabled",
    "a clone of what is there": "resource clone foreign interleave=true",
    "a member for somebody else's group": f"resource create a {DUMMY} {MONITOR} --group g --before member",
    "what is there, in a group": "resource group add mine foreign",
    "an operation for what is there": "resource update foreign op monitor interval=7s",
    "an operation for what the text makes": (
        f"resource create a {DUMMY} {MONITOR}\nresource op add a start timeout=33s"
    ),
    "options": "property set batch-limit=10\nresource defaults a=1\nresource op defaults update timeout=90s",
    "a fencing level": "stonith level add 1 ctl1 fence",
    "constraints": (
        "constraint order set foreign member sequential=false\n"
        "constraint colocation add foreign with g -50 id=mine\n"
        "constraint location foreign rule score=50 '#uname' eq ctl1\n"
        "constraint ticket add T foreign loss-policy=stop\n"
    ),
    "a tag": "tag create both foreign member",
    "a removal": "resource delete foreign",
}
VALUES = ["a;b|c&d>e<f", "it's", '"quoted" \\ back', "ünïcode 漢", "*?[x]", "$HOME `id` $(id)"]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    made = new_sandbox(tmp_path)
    made.apply(FENCING, document=None)
    return made


def compiled(program: str, text: Any, live: Cib, cache: Cache | None = None) -> dict[str, Any]:
    found = compile_text(program, text, live, path="text", timeout=TIMEOUT, cache=cache)
    return found.declaration


@pytest.mark.parametrize("case", PCS_TEXTS)
def test_a_text_applied_twice_changes_nothing_and_says_the_same(sandbox: Sandbox, case: str) -> None:
    before = configuration(sandbox.read())
    first = compiled("pcs", PCS_TEXTS[case], sandbox.read())
    assert sandbox.apply(first).written
    assert configuration(sandbox.read()) != before
    second = compiled("pcs", PCS_TEXTS[case], sandbox.read())
    assert not sandbox.propose(second).plan
    assert second == first


def test_what_a_text_no_longer_says_is_removed(sandbox: Sandbox) -> None:
    before = configuration(sandbox.read())
    text = f"resource create a {DUMMY} {MONITOR} meta migration-threshold=3\n"
    sandbox.apply(compiled("pcs", f"{text}constraint location a prefers ctl1", sandbox.read()))
    sandbox.apply(compiled("pcs", text.replace("migration-threshold=3", "priority=1"), sandbox.read()))
    after = sandbox.read()
    assert len(after.section("constraints")) == 0
    assert "migration-threshold" not in after.to_xml().decode()
    sandbox.apply({})
    assert configuration(sandbox.read()) == before


def test_text_of_crm_is_applied_once(sandbox: Sandbox) -> None:
    text = (
        f"primitive a {DUMMY} op monitor interval=30s\n"
        "clone c a meta interleave=true\n"
        "location l c rule -inf: #uname eq ctl3\n"
        "order o Optional: c foreign\n"
        "tag both: c foreign\n"
        "location on-ctl1 both 50: ctl1\n"
        "property batch-limit=10\n"
    )
    first = compiled("crm", text, sandbox.read())
    assert sandbox.apply(first).written
    assert {"c", "l", "o", "both", "on-ctl1"} <= sandbox.read().by_id.keys()
    assert compiled("crm", text, sandbox.read()) == first
    assert not sandbox.propose(first).plan


def test_a_line_may_name_a_tag_that_only_lives_in_the_cluster(sandbox: Sandbox) -> None:
    sandbox.apply({"tags": {"both": ["foreign", "g"]}}, document=None)
    found = compiled("crm", "location on-ctl1 both 50: ctl1", sandbox.read())
    location = {"id": "on-ctl1", "resource": "both", "node": "ctl1", "score": "50"}
    assert found == {"constraints": [{"location": location}]}
    assert sandbox.apply(found).written


TAG_UPDATES = {
    "tag update both add c": {"a", "b", "c"},
    "tag update both add b c": {"a", "b", "c"},
    "tag update both add c --before a": {"a", "b", "c"},
    "tag update both add b --after=a": {"a", "b"},
    "tag update both remove a": {"b"},
    "tag update both remove c a": {"b"},
    "tag update both remove nowhere": {"a", "b"},
    "tag update both add c remove a b": {"c"},
    "tag update both add c\ntag update both remove c": {"a", "b"},
    f"resource create new {DUMMY} {MONITOR}\ntag update both add new remove a b": {"new"},
    "tag create mine a b\ntag update mine add c remove a": {"b", "c"},
}


@pytest.mark.parametrize("text", TAG_UPDATES)
def test_an_update_of_a_tag_may_be_said_again_and_again(tmp_path: Path, text: str) -> None:
    sandbox, cache = new_sandbox(tmp_path), Cache(tmp_path / "cache")
    sandbox.apply({"resources": dummies("a", "b", "c"), "tags": {"both": ["a", "b"]}}, document=None)
    first = compiled("pcs", text, sandbox.read(), cache)
    ((name, bearers),) = first["tags"].items()
    assert set(bearers) == TAG_UPDATES[text]
    sandbox.apply(first)
    assert {ref.get("id") for ref in sandbox.read().by_id[name]} == TAG_UPDATES[text]
    assert not sandbox.propose(compiled("pcs", text, sandbox.read(), cache)).plan
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_an_update_of_a_tag_keeps_what_others_add_to_it(sandbox: Sandbox) -> None:
    sandbox.apply({"tags": {"both": ["foreign"]}}, document=None)
    text = "tag update both add member"
    sandbox.apply(compiled("pcs", text, sandbox.read()))
    sandbox.apply({"tags": {"both": ["foreign", "member", "fence"]}}, document=None)
    assert not sandbox.propose(compiled("pcs", text, sandbox.read())).plan


def test_a_tag_that_bears_no_resources_alone_cannot_be_updated(sandbox: Sandbox) -> None:
    sandbox.apply({"tags": {"both": ["foreign"]}}, document=None)
    live = sandbox.read()
    live.by_id["both"][0].set("id", "an-order-of-others")
    with pytest.raises(DeclarationError, match=r"cannot be declared: tags\.both: names 'an-order-of-others'"):
        compiled("pcs", "tag update both add member", live)


@pytest.mark.parametrize("program", ["pcs", "crm"])
def test_values_that_a_shell_would_take_apart_arrive_whole(sandbox: Sandbox, program: str) -> None:
    assigned = " ".join(
        f"p{n}='{value}'" if "'" not in value else f'p{n}="{value}"' for n, value in enumerate(VALUES)
    )
    line = {
        "pcs": f"resource create a {DUMMY} {assigned} {MONITOR} --force",
        "crm": f"primitive a ocf:not:installed params {assigned}",
    }[program]
    found = compiled(program, line, sandbox.read())["resources"]["a"]["params"]
    assert found == {f"p{n}": value for n, value in enumerate(VALUES)}


@pytest.mark.parametrize(
    ("program", "text", "sentence"),
    [
        (
            "pcs",
            "\nresource create x ocf:heartbeat:IPaddr2 ipp=1",
            "line 2: pcs reports: invalid resource option",
        ),
        ("pcs", "constraint order zz then foreign", "line 1: pcs reports: Resource 'zz' does not exist"),
        ("pcs", "tag update zz add foreign", "line 1: pcs reports: tag 'zz' does not exist"),
        (
            "pcs",
            "tag create t foreign\ntag update t add zz",
            "line 2: pcs reports: bundle/clone/group/resource 'zz' does not exist",
        ),
        (
            "pcs",
            "tag create t foreign\ntag update t remove foreign",
            "line 2: pcs reports: There would be no references left in the tag 't'",
        ),
        ("pcs", "resource create x", "line 1: pcs reports: the syntax is: create <resource id>"),
        ("pcs", "# pcs resource create x y", "text: contains no command; # starts a comment"),
        (
            "pcs",
            "resource create x y\n" * 501,
            "text: contains 501 commands, but at most 500 are allowed",
        ),
        (
            "crm",
            f"primitive a {DUMMY}\n\ngroup g2 a zz",
            "line 3: 'g2' refers to objects that are neither in the text nor",
        ),
        ("crm", f"primitive a {DUMMY}\n\nlocation l a", "line 3: crm reports: "),
        (
            "crm",
            "location l foreign rule 5: a eq ü",
            "line 1: crm would corrupt the non-ASCII characters in 'ü'; use ASCII",
        ),
    ],
)
def test_a_mistake_is_one_sentence(sandbox: Sandbox, program: str, text: str, sentence: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        compiled(program, text, sandbox.read())
    assert str(caught.value).startswith(sentence) or sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_no_declaration_can_say_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(DeclarationError, match=r"cannot be declared: constraints\.cli-ban-x"):
        compiled("pcs", "constraint location add cli-ban-x foreign ctl1 -INFINITY", sandbox.read())
    with pytest.raises(DeclarationError, match=r"cannot be declared: tags\.t: names 'l'"):
        compiled("crm", "location l foreign 50: ctl1\ntag t: l", sandbox.read())


def test_a_megabyte_of_comments_does_not_matter(sandbox: Sandbox) -> None:
    text = "# a comment of some length, as in a paste\n" * 25_000
    assert len(text) > 1_000_000
    found = compiled("crm", f"{text}primitive a {DUMMY}\n{text}", sandbox.read())
    assert list(found["resources"]) == ["a"]


def test_no_secret_reaches_a_tool_or_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "watched"
    watch = Watch(folder, folder / "cib" / "cib.xml", monkeypatch)
    sandbox = new_sandbox(watch.cib.parent)
    sandbox.apply(FENCING, document=None)
    live = sandbox.read()
    cache = Cache(tmp_path / "cache")
    texts = {
        "pcs": f"stonith create f2 fence_x password={PASSWORD} --force\nstonith update fence ip=1 --force",
        "crm": f'primitive f2 stonith:fence_x params password="{PASSWORD}"',
    }
    for program, text in texts.items():
        found = compiled(program, text, live, cache)
        assert found["resources"]["f2"]["params"] == {"password": PASSWORD}
    kept = [file.read_text() for file in (tmp_path / "cache").iterdir()]
    assert len(kept) == 2
    for told in (watch.of_processes(), *kept):
        assert PASSWORD not in told
        assert LIVE_PASSWORD not in told
    assert watch.open_files() == []
    assert watch.files_left() == []


def _refuse_to_run(argv: list[str], **_: object) -> None:
    raise AssertionError(f"{argv[0]} was started")


def test_a_kept_result_starts_no_program(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    text = f"resource create a {DUMMY} passwd=one {MONITOR}\nconstraint order foreign then a"
    first = compiled("pcs", text, sandbox.read(), cache)
    sandbox.apply(first)
    (file,) = (tmp_path / "cache").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    monkeypatch.setattr(process, "run", _refuse_to_run)
    assert compiled("pcs", text, sandbox.read(), cache) == first
    other = compiled("pcs", text.replace("one", "two"), sandbox.read(), cache)
    assert other["resources"]["a"]["params"] == {"passwd": "two"}


def test_a_kept_result_is_not_used_once_what_it_refers_to_changed(tmp_path: Path, sandbox: Sandbox) -> None:
    cache = Cache(tmp_path / "cache")
    text = "resource meta foreign priority=1"
    compiled("pcs", text, sandbox.read(), cache)
    sandbox.apply({"resources": {"foreign": {"meta": {"migration-threshold": 3}}}}, document=None)
    found = compiled("pcs", text, sandbox.read(), cache)
    assert found["resources"]["foreign"]["meta"] == {"migration-threshold": "3", "priority": "1"}


def test_a_cache_that_may_only_be_read_stays_as_it_is(tmp_path: Path, sandbox: Sandbox) -> None:
    folder = tmp_path / "cache"
    compiled("pcs", "property set batch-limit=1", sandbox.read(), Cache(folder, writable=False))
    assert not folder.exists()


def test_a_damaged_result_is_made_anew(tmp_path: Path, sandbox: Sandbox) -> None:
    cache = Cache(tmp_path / "cache")
    first = compiled("crm", "property batch-limit=1", sandbox.read(), cache)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text("{")
    assert compiled("crm", "property batch-limit=1", sandbox.read(), cache) == first


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot store compiled text in"):
        Cache(tmp_path / "file" / "cache").write("key", {})
