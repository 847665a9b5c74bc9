"""The database is brought to the installed release once, by a real cinder-manage on SQLite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from saltext_cinder_ha.common.errors import SaltextError, StorageError, ToolFailedError
from saltext_cinder_ha.deploy.database import DatabaseSync
from saltext_cinder_ha.openstack.cinder_manage import CinderManage, installed_release
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings

from ..observed import observed

pytestmark = pytest.mark.one_salt

LONG = 120.0


@pytest.fixture
def _programs(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cinder from PyPI; and no cluster, whatever the machine of the tests has."""
    for tool in ("cibadmin", "crm_node"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 102\n")
        (tmp_path / tool).chmod(0o755)
    folders = [str(tmp_path), str(repository / ".venv-openstack/bin")]
    monkeypatch.setenv("PATH", os.pathsep.join([*folders, os.environ["PATH"]]))


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "cinder.conf"
    path.write_text(
        f"[DEFAULT]\nstate_path = {tmp_path}\ntransport_url = fake:/\n"
        f"[database]\nconnection = sqlite:///{tmp_path}/cinder.db\n"
    )
    return path


def database(conf: Path, node: str, cluster: Cluster | None = None) -> DatabaseSync:
    memory = conf.with_name(f"{node}.json")
    return DatabaseSync(cluster or Cluster(Settings()), CinderManage(conf, LONG), node, memory)


@pytest.mark.usefixtures("_programs")
def test_first_node_makes_the_tables_and_the_others_find_them_as_it_was_predicted(conf: Path) -> None:
    predicted = database(conf, "ctl1").sync_tables(test=True)
    assert predicted.result is None
    assert "here or on another node that gets the lock first" in predicted.comment
    assert sorted(path.suffix for path in conf.parent.iterdir() if path.suffix) == [".conf"]

    first = database(conf, "ctl1").sync_tables(test=False)
    assert first.result is True
    assert first.changes == predicted.changes
    assert first.changes["tables"]["old"] is None

    predicted = database(conf, "ctl2").sync_tables(test=True)
    assert (predicted.result, predicted.changes) == (True, {})
    second = database(conf, "ctl2").sync_tables(test=False)
    assert second == predicted
    had = "already had the tables of the installed release"
    assert f"{had} ({first.changes['tables']['new']})" in second.comment

    with observed() as seen:
        again = database(conf, "ctl1").sync_tables(test=False)
        assert database(conf, "ctl1").migrate_data(test=False).comment == "There is no data to migrate."
    assert (again.result, again.changes) == (True, {})
    assert seen.programs == []


@pytest.mark.usefixtures("_programs")
def test_release_is_that_of_the_installed_cinder() -> None:
    assert installed_release(timeout=LONG) == "2026.2"


@pytest.mark.usefixtures("_programs")
def test_failure_is_one_sentence_without_the_password(conf: Path) -> None:
    conf.write_text("[database]\nconnection = nosuch://cinder:hush@127.0.0.1/cinder\n")
    with pytest.raises(ToolFailedError) as raised:
        database(conf, "ctl1").sync_tables(test=False)
    assert "run it on this node to see why: cinder-manage --config-file" in str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.usefixtures("_programs")
def test_missing_file_says_what_to_apply_first(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"apply cinder_ha\.config first"):
        database(tmp_path / "none.conf", "ctl1").sync_tables(test=False)


@pytest.mark.usefixtures("_programs")
def test_what_the_same_run_puts_there_first_is_no_mistake_of_a_prediction(
    tmp_path: Path, conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = "after Cinder and its configuration are installed on this node"
    without_file = database(tmp_path / "none.conf", "ctl1").sync_tables(test=True)
    assert (without_file.result, later in without_file.comment) == (None, True)
    monkeypatch.setenv("PATH", "/nowhere")
    assert database(conf, "ctl1").sync_tables(test=True) == without_file
    assert database(conf, "ctl1").migrate_data(test=True).comment == "There is no data to migrate."


def test_in_the_sandbox_it_is_only_predicted(conf: Path) -> None:
    cluster = Cluster(Settings(cib_file=str(conf.with_name("cib.xml"))))
    with observed() as seen:
        answers = [
            database(conf, "ctl1", cluster).sync_tables(test=False),
            database(conf, "ctl1", cluster).migrate_data(test=False),
        ]
    assert seen.programs == []
    assert {(answer.result, "sandbox" in answer.comment) for answer in answers} == {(True, True)}


class UpgradedCinder(CinderManage):
    """Stands in for two releases with different tables, of which one machine has one only."""

    down: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()

    def note(self, call: str) -> None:
        object.__setattr__(self, "calls", (*self.calls, call))

    def schema(self) -> str:
        return "new" if "sync" in self.calls else "old"

    def newest_schema(self) -> str:
        return "new"

    def sync(self) -> None:
        self.note("sync")

    def services_down(self) -> tuple[str, ...]:
        return self.down

    def migrate_data(self) -> None:
        self.note("migrate")


@pytest.mark.usefixtures("_programs")
def test_data_are_migrated_once_after_an_upgrade_and_never_while_a_service_is_down(conf: Path) -> None:
    manage = UpgradedCinder(conf, LONG)
    node = DatabaseSync(Cluster(Settings()), manage, "ctl1", conf.with_name("ctl1.json"))
    conf.with_name("cinder.db").touch()
    predicted = [node.sync_tables(test=True).changes, node.migrate_data(test=True).changes]
    assert node.sync_tables(test=False).changes == {"tables": {"old": "old", "new": "new"}}
    object.__setattr__(manage, "down", ("cinder-volume@ctl2",))
    refused = node.migrate_data(test=False)
    assert (refused.result, refused.changes) == (False, {})
    assert "cinder-volume@ctl2" in refused.comment
    object.__setattr__(manage, "down", ())
    assert node.migrate_data(test=True).result is None
    assert [{"tables": {"old": "old", "new": "new"}}, node.migrate_data(test=False).changes] == predicted
    assert node.migrate_data(test=False).changes == {}
    assert node.migrate_data(test=True).changes == {}
    assert manage.calls == ("sync", "migrate")


def test_without_cinder_the_package_is_named(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SaltextError, match="cinder-manage is not installed on this machine; install"):
        database(conf, "ctl1").sync_tables(test=False)
