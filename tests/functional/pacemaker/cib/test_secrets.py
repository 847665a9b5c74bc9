"""A secret goes into the CIB and nowhere else."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.common.errors import DeclarationError, SaltextError, ToolTimeoutError
from saltext_cinder_ha.common.secrets import HIDDEN
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.errors import CibError
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.pacemaker.store.file import FileStore
from saltext_cinder_ha.pacemaker.transaction.commit import Outcome, Proposal
from saltext_cinder_ha.pacemaker.transaction.summary import changes, describe_outcome, describe_proposal

from ..declaration.bad_declarations import DUMMY
from ..watching import Watch, files_of_pacemaker, told

pytestmark = pytest.mark.one_salt

CHANGED = f"{HIDDEN} (changed)"


@dataclass(frozen=True)
class Secrets:
    """One value per way in which a parameter is known to be secret."""

    named: str
    fence: str
    marked: str
    in_url: str
    assigned: str
    operation: str

    def shown_in(self, text: str | bytes) -> list[str]:
        """The ways whose secret ``text`` gives away."""
        searched = text if isinstance(text, bytes) else text.encode()
        return [way for way, value in vars(self).items() if value.encode() in searched]


def new_secrets() -> Secrets:
    return Secrets(*(f"{way}-{uuid.uuid4().hex}" for way in Secrets.__dataclass_fields__))


def declaration(secrets: Secrets, **marked: Any) -> dict[str, Any]:
    """Each kind of secret once; ``marked`` changes the resource with the one that the user marked."""
    return {
        "properties": {"stonith-enabled": False},
        "resources": {
            "api": {
                "agent": "ocf:openstack:cinder-api",
                "params": {
                    "os_password": secrets.named,
                    "url": f"mysql://cinder:p@ss/{secrets.in_url}@db/cinder",
                    "options": f"vers=3,password={secrets.assigned}",
                },
            },
            "device": {"agent": "stonith:fence_ipmilan", "params": {"password": secrets.fence}},
            "marked": {
                "agent": DUMMY,
                "params": {"fake": secrets.marked},
                "secret": ["fake"],
                "operations": [
                    {"name": "monitor", "interval": "10s", "params": {"passwd": secrets.operation}}
                ],
                **marked,
            },
        },
    }


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(tmp_path / "watch", tmp_path / "sandbox" / "cib.xml", monkeypatch)


@pytest.fixture
def _careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def secrets() -> Secrets:
    return new_secrets()


def cluster(watch: Watch, timeout: float = 60) -> Cluster:
    return Cluster(Settings(cib_file=str(watch.cib), sandbox_nodes=("ctl1",), timeout=timeout))


def apply(watch: Watch, declared: dict[str, Any], *, settle: bool = False) -> Outcome:
    opened = cluster(watch)
    return opened.apply(declared, document="test", writer="minion1", policy=opened.policy(settle=settle))


def told_by(proposal: Proposal) -> str:
    """Everything that is said about a proposal, on purpose or by a careless ``repr``."""
    plan = proposal.plan
    parts = [proposal, plan, plan.patch, plan.target, plan.changes, plan.agents, plan.notes]
    return "\n".join([str(changes(proposal)), describe_proposal(proposal, sandbox=True), *map(repr, parts)])


@pytest.mark.usefixtures("_careless_umask")
def test_no_secret_leaves_by_any_way(
    watch: Watch, secrets: Secrets, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    later = new_secrets()
    said = []
    for declared in (declaration(secrets), declaration(later), {}):
        said.append(repr(parse_declaration(declared)))
        said.append(told_by(cluster(watch).propose(declared, document="test")))
        outcome = apply(watch, declared, settle=True)
        assert outcome.written
        said += [repr(outcome), told_by(outcome.proposal), describe_outcome(outcome, sandbox=True)]
        shown = secrets if declared == declaration(secrets) else later
        assert len(shown.shown_in(watch.cib.read_bytes())) == (6 if declared else 0)
    for known in (secrets, later):
        assert known.shown_in("\n".join(said)) == []
        assert known.shown_in(watch.of_processes()) == []
        assert known.shown_in(caplog.text) == []
        assert [f for f in files_of_pacemaker() if known.shown_in(f)] == []
    assert watch.simulations_in_public() == []
    assert watch.open_files() == []
    assert watch.files_left() == []


def test_what_a_cluster_answers_hides_secrets_unless_they_are_asked_for(
    watch: Watch, secrets: Secrets
) -> None:
    apply(watch, declaration(secrets), settle=True)
    found = cluster(watch)

    def answers(**options: bool) -> str:
        fields = [found.get(name, **options) for name in ("api", "device", "marked")]
        return f"{found.xml(**options)} {fields} {found.export(**options).declaration}"

    assert secrets.shown_in(answers()) == []
    assert len(secrets.shown_in(answers(show_secrets=True))) == 6
    assert secrets.shown_in(repr(found.status()) + str(found.status().to_dict())) == []


@pytest.mark.parametrize(
    ("way", "resource", "field", "before", "after"),
    [
        ("named", "api", "params.os_password", HIDDEN, CHANGED),
        ("fence", "device", "params.password", HIDDEN, CHANGED),
        ("marked", "marked", "params.fake", HIDDEN, CHANGED),
        ("operation", "marked", "operations.monitor-10s.params.passwd", HIDDEN, CHANGED),
        (
            "in_url",
            "api",
            "params.url",
            f"mysql://{HIDDEN}@db/cinder",
            f"mysql://{HIDDEN}@db/cinder (changed)",
        ),
        ("assigned", "api", "params.options", f"vers=3,password={HIDDEN}", f"vers=3,password={CHANGED}"),
    ],
)
def test_another_secret_is_a_change_that_tells_neither(
    way: str, resource: str, field: str, before: str, after: str, watch: Watch, secrets: Secrets
) -> None:
    apply(watch, declaration(secrets))
    other = Secrets(**{**vars(secrets), way: f"other-{uuid.uuid4().hex}"})
    outcome = apply(watch, declaration(other))
    assert changes(outcome.proposal)["resources"] == {
        resource: {"old": {field: before}, "new": {field: after}}
    }


def test_the_same_secret_is_no_change(watch: Watch, secrets: Secrets) -> None:
    apply(watch, declaration(secrets))
    assert not apply(watch, declaration(secrets)).written


@pytest.mark.parametrize(
    "leaving",
    [
        pytest.param(lambda s: {"resources": {}}, id="resource pruned"),
        pytest.param(lambda s: {"absent": ["marked"]}, id="resource absent"),
        pytest.param(lambda s: declaration(s, params={}), id="parameter dropped"),
        pytest.param(lambda s: declaration(s, params={"fake": "x"}, secret=[]), id="mark dropped"),
    ],
)
def test_what_was_marked_secret_once_stays_hidden_when_it_goes(
    leaving: Callable[[Secrets], dict[str, Any]], watch: Watch, secrets: Secrets
) -> None:
    apply(watch, declaration(secrets))
    for document in ("test", "other"):
        proposal = cluster(watch).propose(leaving(secrets), document=document)
        assert secrets.shown_in(told_by(proposal)) == []


def test_a_mark_on_a_parameter_that_is_not_there_is_noted(watch: Watch, secrets: Secrets) -> None:
    proposal = cluster(watch).propose(declaration(secrets, secret=["fkae"]), document=None)
    assert proposal.plan.notes == ("resources.marked.secret: no parameter 'fkae' is given",)


def test_secrets_are_shown_when_they_are_asked_for(watch: Watch, secrets: Secrets) -> None:
    apply(watch, declaration(secrets))
    later = new_secrets()
    proposal = cluster(watch).propose(declaration(later), document="test", show_secrets=True)
    assert len(secrets.shown_in(str(changes(proposal)))) == 6
    assert len(later.shown_in(str(changes(proposal)))) == 6


def test_the_recorded_fingerprint_does_not_depend_on_a_secret(secrets: Secrets) -> None:
    found = {
        parse_declaration(declaration(Secrets(**{**vars(secrets), way: "x"}))).fingerprint
        for way in ("named", "fence", "marked", "operation")
    }
    assert found == {parse_declaration(declaration(secrets)).fingerprint}


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(lambda s: f"password={s}", id="text where a mapping is due"),
        pytest.param(lambda s: [{"password": s}], id="list where a mapping is due"),
        pytest.param(lambda s: {f"password:{s}": None}, id="no blank after the colon"),
        pytest.param(lambda s: {f"password={s}": ""}, id="equals sign for a colon"),
        pytest.param(lambda s: {"password": s.encode()}, id="binary"),
        pytest.param(lambda s: {"password": [s]}, id="list for a value"),
        pytest.param(lambda s: {"password": {"value": s}}, id="mapping for a value"),
        pytest.param(lambda s: {"password": f"{s}\x00"}, id="control character"),
        pytest.param(lambda s: {"password": s, "no_such": "x"}, id="unknown parameter"),
        pytest.param(lambda s: {"password": f"mysql://{HIDDEN}@{s}"}, id="masked"),
    ],
)
def test_an_error_about_a_parameter_does_not_tell_its_value(
    params: Callable[[str], Any], watch: Watch, secrets: Secrets
) -> None:
    declared = {"resources": {"x": {"agent": DUMMY, "params": params(secrets.named)}}}
    with pytest.raises(DeclarationError) as caught:
        apply(watch, declared)
    assert secrets.shown_in(told(caught.value)) == []


def test_a_patch_that_the_real_cibadmin_refuses_is_not_told(watch: Watch, secrets: Secrets) -> None:
    apply(watch, declaration(secrets))
    store = FileStore(watch.cib, ["ctl1"], 30)
    patch = apply_later(watch, new_secrets()).to_xml(store.read().version)
    with pytest.raises(SaltextError, match="schema") as caught:
        store.push(patch.replace(b"nvpair", b"nvpear"))
    assert secrets.shown_in(told(caught.value)) == []
    assert watch.files_left() == []


def apply_later(watch: Watch, later: Secrets) -> Any:
    """The patch of a second resource, to be broken by the test."""
    declared = {"resources": {"x": {"agent": DUMMY, "params": {"fake": later.named}}}}
    return cluster(watch).propose(declared, document=None).plan.patch


@pytest.mark.parametrize("tool", ["cibadmin", "crm_simulate"])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param("tee /dev/stderr; exit 78", id="refuses"),
        pytest.param("tee /dev/stderr; exit 113", id="fails"),
        pytest.param("tee /dev/stderr; kill -SEGV $$", id="crashes"),
        pytest.param("tee /dev/stderr; read line < PIPE", id="hangs"),
    ],
)
def test_a_tool_that_repeats_its_input_is_not_quoted(
    tool: str, script: str, watch: Watch, secrets: Secrets, tmp_path: Path
) -> None:
    apply(watch, declaration(secrets))
    before = watch.cib.read_bytes()
    os.mkfifo(tmp_path / "pipe")
    watch.replace(tool, script.replace("PIPE", str(tmp_path / "pipe")))
    later = new_secrets()
    hurried = cluster(watch, timeout=2)
    with pytest.raises(SaltextError) as caught:
        hurried.apply(declaration(later), document="test", policy=hurried.policy(settle=False))
    assert isinstance(caught.value, ToolTimeoutError) == ("PIPE" in script)
    assert secrets.shown_in(told(caught.value)) == later.shown_in(told(caught.value)) == []
    assert watch.files_left() == []
    assert watch.cib.read_bytes() == before


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda cib: cib[: cib.index(b"</resources>")], id="truncated"),
        pytest.param(lambda cib: cib.replace(b"</resources>", b"<frob/></resources>"), id="invalid"),
        pytest.param(lambda cib: cib.replace(b"nvpair", b"nvpear"), id="invalid pairs"),
        pytest.param(lambda cib: cib.replace(b'value="', b"value="), id="no quotes"),
        pytest.param(
            lambda cib: cib.replace(b'name="os_password" value="', b'name="os_password" value="&'),
            id="entity",
        ),
    ],
)
def test_a_cib_that_cannot_be_read_is_not_quoted(
    spoil: Callable[[bytes], bytes], watch: Watch, secrets: Secrets
) -> None:
    apply(watch, declaration(secrets))
    watch.cib.write_bytes(spoil(watch.cib.read_bytes()))
    with pytest.raises(CibError) as caught:
        apply(watch, declaration(new_secrets()))
    assert secrets.shown_in(told(caught.value)) == []
