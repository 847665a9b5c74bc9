"""A changed file restarts, through the cluster, what reads it on this node: once, and nothing else."""

from __future__ import annotations

import os
import re
import textwrap
import time
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from lxml import etree

from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.restart.instance import restart
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.site import parse_site
from saltext_cinder_ha.states import pacemaker

API, SCHEDULER, VOLUME = (f"openstack-cinder-{name}" for name in ("api", "scheduler", "volume"))
CONF = "[DEFAULT]\nreport_interval = 10\nosapi_volume_workers = 2\n\n[database]\nconnection = mysql://hush\n"
HOUR = 3600
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def site(repository: Path) -> dict[str, Any]:
    content = yaml.safe_load((repository / "pillar.example").read_text())
    content["cinder_ha"]["cluster"]["ordering"] = "relaxed"
    return content


@pytest.fixture
def pillar(site: dict[str, Any]) -> dict[str, Any]:
    return site


@pytest.fixture(scope="module")
def prepared_cib(make_cib: Any, site: dict[str, Any]) -> bytes:
    root = etree.fromstring(make_cib(declaration_of(parse_site(site), os_family="Debian")))
    for operation in root.iter("lrm_rsc_op"):
        operation.set("last-rc-change", str(int(operation.get("last-rc-change")) - HOUR))
    return etree.tostring(root)


@pytest.fixture
def cib(prepared_cib: bytes, place_cib: Any) -> Path:
    return place_cib(prepared_cib)


@pytest.fixture
def conf(cib: Path) -> Path:
    """cinder.conf as it was long before the services started, which was an hour ago."""
    path = cib.parent / "etc/cinder/cinder.conf"
    path.parent.mkdir(parents=True)
    path.write_text(CONF)
    touch(path, -DAY)
    return path


def touch(path: Path, seconds: float) -> None:
    """Make a file as old, or as new, as if it had been written then."""
    when = time.time() + seconds
    os.utime(path, (when, when))


def change(path: Path, old: str, new: str) -> None:
    """A change after the services started."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def restarted(result: Any) -> list[str]:
    assert result.result is not False, result.comment
    return sorted(result.changes)


@pytest.fixture
def current(states: Any, conf: Path) -> Any:
    def run(**options: Any) -> Any:
        return states.cinder_ha.services_current(str(conf), **options)

    assert run().changes == {}
    return run


def test_services_that_started_with_their_files_are_left_alone(current: Any, cib: Path) -> None:
    before = cib.read_bytes()
    result = current()
    assert (result.result, result.changes) == (True, {})
    assert "runs with the present contents of its files" in result.comment
    assert "sandbox" in result.comment
    assert cib.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "services"),
    [
        ("report_interval = 10", "report_interval = 20", [SCHEDULER, VOLUME]),
        # The API takes the scheduler along, which is bound to it.
        ("osapi_volume_workers = 2", "osapi_volume_workers = 4", [API, SCHEDULER]),
        ("mysql://hush", "mysql://other", [API, SCHEDULER, VOLUME]),
        ("[database]", "# a comment\n[database]", []),
    ],
)
def test_only_what_reads_the_changed_option_is_restarted_and_only_once(
    current: Any, conf: Path, old: str, new: str, services: list[str]
) -> None:
    change(conf, old, new)
    assert restarted(current()) == services
    assert restarted(current()) == []


def test_another_file_restarts_the_services_that_read_it(current: Any, conf: Path) -> None:
    shares = conf.with_name("nfs_shares")
    shares.write_text("a:/b\n")
    touch(shares, -DAY)
    files = {str(shares): ["volume"]}
    assert restarted(current(files=files)) == []
    change(shares, "a:/b", "a:/c")
    assert restarted(current(files=files)) == [VOLUME]


def test_file_that_the_formula_writes_counts_without_being_named(current: Any, conf: Path) -> None:
    shares = conf.with_name("nfs_exports")
    shares.write_text("a:/b\n")
    assert restarted(current()) == [VOLUME]
    assert restarted(current()) == []


def test_minion_that_was_killed_before_the_restart_restarts_at_its_next_run(current: Any, conf: Path) -> None:
    change(conf, "report_interval = 10", "report_interval = 20")
    # Nothing but the file has changed: the run that changed it did not come to the restart.
    assert restarted(current()) == [SCHEDULER, VOLUME]


def test_service_that_the_cluster_started_since_is_not_restarted(current: Any, conf: Path) -> None:
    change(conf, "report_interval = 10", "report_interval = 20")
    touch(conf, -2 * HOUR)
    assert restarted(current()) == []


def test_service_that_came_here_by_a_failover_is_not_restarted_by_what_it_does_not_read(
    states: Any, conf: Path
) -> None:
    # No run has seen these services before the one that changes the file.
    noted = states.cinder_ha.services_noted(str(conf))
    assert (noted.result, noted.changes) == (True, {})
    change(conf, "osapi_volume_workers = 2", "osapi_volume_workers = 4")
    assert restarted(states.cinder_ha.services_current(str(conf))) == [API, SCHEDULER]


def test_service_that_started_with_an_edit_by_hand_is_restarted_when_the_edit_is_undone(
    current: Any, conf: Path, cib: Path
) -> None:
    change(conf, "report_interval = 10", "report_interval = 99")
    assert restart(Cluster(Settings(cib_file=str(cib))), VOLUME, "ctl1").performed
    change(conf, "report_interval = 99", "report_interval = 10")
    touch(conf, 2)  # later than the second of the start
    assert restarted(current()) == [VOLUME]


def test_damaged_file_is_no_reason_to_restart_and_hinders_no_prediction(
    current: Any, states: Any, conf: Path
) -> None:
    conf.write_text("no option\n")
    refused = current()
    assert (refused.result, refused.changes) == (False, {})
    assert f"{conf}: " in refused.comment
    assert states.cinder_ha.services_noted(str(conf)).result is True
    assert states.cinder_ha.services_current(str(conf), test=True).result is None


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def actions(result: Any, verb: str) -> list[str]:
    """What a comment says that the cluster did, or would do."""
    found = re.findall(rf"The cluster {verb}: (.*?)\.(?: |$)", result.comment)
    assert found
    return [action for sentence in found for action in sentence.split(", ")]


class TestPrediction:
    """The file that is predicted is the one that the pillar means, so the formula's own parts apply it."""

    @pytest.fixture
    def pillar(self, repository: Path) -> dict[str, Any]:
        return yaml.safe_load((repository / "pillar.example").read_text())

    @pytest.fixture
    def grains(self, machine_grains: dict[str, Any]) -> dict[str, Any]:
        return {**machine_grains, "os_family": "Debian", "os": "Debian"}

    @pytest.fixture
    def applied(self, modules: Any, cib_file: Path) -> Path:
        results = modules.state.apply("cinder_ha.services")
        assert [result.comment for result in results if result.result is not True] == []
        return cib_file

    @pytest.mark.parametrize(
        ("part", "key", "value", "services"),
        [
            ("backends", "nfs1", {"driver": "nfs", "shares": ["10.0.0.77:/srv"]}, [VOLUME]),
            # The guide's chain takes the others along.
            ("api", "port", 8777, [API, SCHEDULER, VOLUME]),
            ("database", "password", "another", [API, SCHEDULER, VOLUME]),
        ],
        ids=["share", "port", "password"],
    )
    def test_test_mode_predicts_what_then_happens_and_touches_nothing(
        self,
        modules: Any,
        applied: Path,
        pillar: dict[str, Any],
        part: str,
        key: str,
        value: Any,
        services: list[str],
    ) -> None:
        def apply(**options: Any) -> Any:
            results = modules.state.apply("cinder_ha.services", pillar=pillar, **options)
            return next(result for result in results if result.id == "Cinder's services are up to date")

        pillar["cinder_ha"][part][key] = value
        before = files_of(applied.parent)
        predicted = apply(test=True)
        assert predicted.result is None
        assert files_of(applied.parent) == before
        real = apply()
        assert real.result is True
        assert real.changes == predicted.changes
        assert actions(real, "did") == actions(predicted, "would")
        assert sorted(real.changes) == services
        assert apply().changes == {}

    @pytest.mark.parametrize("test", [True, False])
    def test_nothing_is_restarted_for_a_file_that_does_not_land(
        self, modules: Any, applied: Path, pillar: dict[str, Any], test: bool
    ) -> None:
        pillar["cinder_ha"]["database"]["password"] = "another"
        pillar["cinder_ha"]["config"]["DEFAULT"]["report_interval"] = "banana"
        before = files_of(applied.parent)
        results = modules.state.apply("cinder_ha.services", pillar=pillar, test=test)
        by_id = {result.id: result for result in results}
        assert by_id["cinder.conf has no mistakes"].result is False
        current = by_id["Cinder's services are up to date"]
        assert (current.result, current.changes) == (False, {})
        assert files_of(applied.parent) == before


def test_maintenance_is_said_and_respected(current: Any, conf: Path, cib: Path) -> None:
    Cluster(Settings(cib_file=str(cib))).apply({"properties": {"maintenance-mode": True}}, document=None)
    change(conf, "report_interval = 10", "report_interval = 20")
    result = current()
    assert (result.result, result.changes) == (True, {})
    assert "not restarted: the cluster is in maintenance mode" in result.comment


def test_what_is_kept_on_the_node_tells_no_secret(current: Any, cib: Path) -> None:
    (kept,) = (cib.parent / "var/lib/saltext-cinder-ha").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert "hush" not in kept.read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"files": {"/x": ["volumes"]}}, "files./x: is 'volumes', but should be"),
        ({"files": ["/x"]}, "files: is a list"),
        ({"files": {"/x": {"contents": []}}}, "files./x.services: is missing"),
        (
            {"files": {"/x": {"services": ["api"], "sorce": []}}},
            "files./x.sorce: is not a known key; did you",
        ),
        ({"family": ["/x"]}, "family: is a list"),
        ({"family": {"server": "uwsgi"}}, "family.uwsgi: is missing"),
        ({"within": "long"}, "within: is 'long', but should be a number of seconds"),
        ({"within": 0}, "within: is 0"),
    ],
)
def test_mistake_is_one_sentence(states: Any, conf: Path, arguments: dict[str, Any], sentence: str) -> None:
    result = states.cinder_ha.services_current(str(conf), **arguments)
    assert (result.result, result.changes) == (False, {})
    assert sentence in result.comment


class TestWatch:
    @pytest.fixture
    def pillar(self) -> dict[str, Any]:
        return {}

    @pytest.fixture
    def apply_sls(self, modules: Any, state_tree: Path, cib: Path, tmp_path: Path) -> Any:
        def apply(text: str, state: dict[str, Any], **options: Any) -> dict[str, Any]:
            content = {
                "the file": {"file.managed": [{"name": str(tmp_path / "watched")}, {"contents": text}]},
                **{
                    name: {function: [*arguments, {"watch": [{"file": "the file"}]}]}
                    for name, (function, arguments) in state.items()
                },
            }
            (state_tree / "case.sls").write_text(yaml.safe_dump(content, sort_keys=False))
            return {result.id: result for result in modules.state.apply("case", **options)}

        return apply

    RESOURCE: ClassVar = {"app": ("pacemaker.resource_present", [{"agent": "ocf:pacemaker:Dummy"}])}

    def test_changed_file_restarts_the_instance_on_this_node(self, apply_sls: Any) -> None:
        on_ctl1 = {
            **self.RESOURCE,
            "here": (
                "pacemaker.location_present",
                [{"resource": "app"}, {"node": "ctl1"}, {"score": "INFINITY"}],
            ),
        }
        assert apply_sls("one", on_ctl1)["app"].result is True
        assert apply_sls("one", self.RESOURCE)["app"].changes == {}
        predicted = apply_sls("two", self.RESOURCE, test=True)["app"]
        assert predicted.result is None
        assert "The cluster would: restart app on ctl1." in predicted.comment
        result = apply_sls("two", self.RESOURCE)["app"]
        assert result.changes == {"app": {"old": "running on ctl1", "new": "restarted"}}
        assert "The cluster did: restart app on ctl1." in result.comment

    def test_example_of_the_documentation_restarts_what_it_shows(
        self, modules: Any, state_tree: Path, cib: Path, tmp_path: Path, repository: Path
    ) -> None:
        (documented,) = re.findall(r"(?s)```yaml\n(.*?)```", (repository / "docs/services.md").read_text())
        docstring = textwrap.dedent(str(pacemaker.mod_watch.__doc__))
        example = textwrap.dedent(docstring.partition(".. code-block:: yaml\n\n")[2])
        assert yaml.safe_load(example) == yaml.safe_load(documented)

        file = str(tmp_path / "app.conf")
        sls = state_tree / "example.sls"
        sls.write_text(example.replace("/etc/app.conf", file))
        assert [r.result for r in modules.state.apply("example")] == [True, True]
        cluster = Cluster(Settings(cib_file=str(cib)))
        here = {"constraints": [{"location": {"resource": "app", "node": "ctl1", "score": "INFINITY"}}]}
        assert cluster.apply(here, document=None).succeeded
        assert [r.changes for r in modules.state.apply("example") if r.changes] == []
        sls.write_text(sls.read_text().replace("answer=42", "answer=43"))
        _, app = modules.state.apply("example")
        assert app.changes == {"app": {"old": "running on ctl1", "new": "restarted"}}

    def test_nothing_is_restarted_where_it_does_not_run(self, apply_sls: Any) -> None:
        elsewhere = {
            **self.RESOURCE,
            "there": (
                "pacemaker.location_present",
                [{"resource": "app"}, {"node": "ctl2"}, {"score": "INFINITY"}],
            ),
        }
        assert apply_sls("one", elsewhere)["app"].result is True
        result = apply_sls("two", self.RESOURCE)["app"]
        assert (result.result, result.changes) == (True, {})
        assert "app on ctl1 is not restarted: it is not running on ctl1." in result.comment

    def test_state_that_is_about_no_resource_says_what_to_name(self, apply_sls: Any) -> None:
        state = {"batch-limit": ("pacemaker.property_present", [{"value": 5}])}
        apply_sls("one", state)
        result = apply_sls("two", state)["batch-limit"]
        assert result.result is False
        assert "name one or more in restart" in result.comment
