"""``state.apply cinder_ha.config`` and its neighbours: files of the node, in a sandbox."""

from __future__ import annotations

import copy
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from saltext_cinder_ha.deploy.cinder_conf import rendered_configuration
from saltext_cinder_ha.site import parse_site

SECRETS = ("CINDER_DBPASS", "RABBIT_PASS", "CINDER_PASS")


@pytest.fixture(scope="module")
def example(repository: Path) -> dict[str, Any]:
    """The pillar that comes with the package, its keys in the order in which the minion's pillar has them."""
    written = yaml.safe_dump(yaml.safe_load((repository / "pillar.example").read_text()))
    return yaml.safe_load(written)


@pytest.fixture
def pillar(example: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(example)


@pytest.fixture
def grains(machine_grains: dict[str, Any]) -> dict[str, Any]:
    return {**machine_grains, "os_family": "Debian", "os": "Debian"}


@pytest.fixture
def conf(cib_file: Path) -> Path:
    """cinder.conf of the sandbox; the root of its files is the folder of its CIB."""
    return cib_file.parent / "etc" / "cinder" / "cinder.conf"


def failures(results: Any) -> list[str]:
    return [result.comment for result in results if result.result is not True]


def changed(results: Any) -> list[str]:
    return [result.id for result in results if result.changes]


def difference(results: Any) -> str:
    (result,) = [result for result in results if result.id == "The difference of cinder.conf"]
    return result.comment


def test_file_is_what_the_pillar_means_and_a_second_apply_changes_nothing(
    modules: Any, conf: Path, pillar: dict[str, Any]
) -> None:
    assert failures(modules.state.apply("cinder_ha.config")) == []
    assert conf.read_text() == rendered_configuration(parse_site(pillar), "zed", node="ctl1")
    assert stat.S_IMODE(conf.stat().st_mode) == 0o640
    shares = conf.with_name("nfs_exports")
    assert shares.read_text() == "10.0.0.20:/srv/cinder\n"
    assert stat.S_IMODE(shares.stat().st_mode) == 0o640
    again = modules.state.apply("cinder_ha.config")
    assert (failures(again), changed(again)) == ([], [])


def test_test_mode_makes_no_file_and_names_each(modules: Any, conf: Path) -> None:
    predicted = modules.state.apply("cinder_ha.config", test=True)
    assert not conf.parent.exists()
    assert False not in [result.result for result in predicted]
    assert changed(predicted) == changed(modules.state.apply("cinder_ha.config"))


def test_difference_shows_what_changes_and_no_secret(
    modules: Any, conf: Path, pillar: dict[str, Any]
) -> None:
    first = modules.state.apply("cinder_ha.config")
    conf.write_text(conf.read_text().replace("report_interval = 10", "report_interval = 99"))
    pillar["cinder_ha"]["database"]["password"] = "hush-4711"
    second = modules.state.apply("cinder_ha.config", pillar=pillar)
    assert "hush-4711" in conf.read_text()
    shown = difference(second)
    assert "-report_interval = 99\n" in shown
    assert "+report_interval = 10\n" in shown
    assert "+connection = mysql+pymysql://********@10.0.0.11/cinder" in shown
    answers = str([result.raw for result in (*first, *second)])
    assert [secret for secret in (*SECRETS, "hush-4711") if secret in answers] == []


def test_every_part_says_that_it_is_a_sandbox(modules: Any) -> None:
    assert "sandbox" in difference(modules.state.apply("cinder_ha.config"))
    (units,) = modules.state.apply("cinder_ha.units")
    assert units.comment == (
        "sandbox: would be controlled by the cluster and disabled at boot: "
        "cinder-api, cinder-scheduler, cinder-volume, cinder-backup"
    )


@pytest.mark.parametrize("place", ["ctl1", "Debian", "default"])
def test_template_of_the_user_wins(
    modules: Any, state_tree: Path, repository: Path, conf: Path, place: str
) -> None:
    own = state_tree / "cinder_ha" / "files" / place / "cinder.conf.jinja"
    own.parent.mkdir(parents=True)
    packaged = (repository / "states/cinder_ha/files/default/cinder.conf.jinja").read_text()
    own.write_text(f"# mine\n{packaged}")
    assert failures(modules.state.apply("cinder_ha.config")) == []
    assert conf.read_text().startswith("# mine\n")
    assert "is as the pillar describes it" in difference(modules.state.apply("cinder_ha.config"))


def test_options_are_data_whose_secrets_are_shown_on_demand_only(modules: Any) -> None:
    assert modules.cinder_ha.config()["database"]["connection"] == "mysql+pymysql://********@10.0.0.11/cinder"
    shown = modules.cinder_ha.config(show_secrets=True)
    assert "CINDER_DBPASS" in shown["database"]["connection"]


class TestDebian:
    @pytest.fixture
    def pillar(self, example: dict[str, Any]) -> dict[str, Any]:
        found = copy.deepcopy(example)
        del found["cinder_ha"]["vips"]["public"]
        return found

    def test_uwsgi_listens_where_the_pillar_says(self, modules: Any, cib_file: Path) -> None:
        results = modules.state.apply("cinder_ha.config")
        assert failures(results) == []
        ini = (cib_file.parent / "etc/cinder/cinder-api-uwsgi.ini").read_text()
        assert "\nhttp-socket = 10.0.0.11:8776\n" in ini
        assert "\nwsgi-file = /usr/bin/cinder-wsgi\n" in ini
        arguments = (cib_file.parent / "etc/default/cinder-api").read_text()
        assert arguments.endswith('DAEMON_ARGS="--ini /etc/cinder/cinder-api-uwsgi.ini"\n')
        assert "sandbox: would be set to 1: net.ipv4.ip_nonlocal_bind" in [r.comment for r in results]

    def test_script_of_wsgi_gives_way_to_its_module(
        self, modules: Any, cib_file: Path, pillar: dict[str, Any]
    ) -> None:
        pillar["cinder_ha"]["release"] = "2026.1"
        modules.state.apply("cinder_ha.config", pillar=pillar)
        ini = (cib_file.parent / "etc/cinder/cinder-api-uwsgi.ini").read_text()
        assert "\nmodule = cinder.wsgi.api:application\n" in ini
        assert "wsgi-file" not in ini

    def test_proxy_binds_the_vip_and_the_api_its_own_address(
        self, modules: Any, cib_file: Path, conf: Path, pillar: dict[str, Any]
    ) -> None:
        pillar["cinder_ha"]["haproxy"]["enabled"] = True
        assert failures(modules.state.apply("cinder_ha.proxy", pillar=pillar)) == []
        proxy = (cib_file.parent / "etc/haproxy/haproxy.cfg").read_text()
        assert "    bind 10.0.0.11:8776\n" in proxy
        assert "    server ctl2 10.0.0.13:8776 check inter 2000 rise 2 fall 5\n" in proxy
        assert "osapi_volume_listen = 10.0.0.12\n" in conf.read_text()


class TestUbuntu:
    @pytest.fixture
    def grains(self, machine_grains: dict[str, Any]) -> dict[str, Any]:
        return {**machine_grains, "os_family": "Debian", "os": "Ubuntu"}

    def test_apache_listens_where_the_pillar_says(
        self, modules: Any, cib_file: Path, pillar: dict[str, Any]
    ) -> None:
        pillar["cinder_ha"]["api"]["listen"] = "10.0.0.12"
        assert failures(modules.state.apply("cinder_ha.config", pillar=pillar)) == []
        site = (cib_file.parent / "etc/apache2/conf-available/cinder-wsgi.conf").read_text()
        assert "\nListen 10.0.0.12:8776\n<VirtualHost 10.0.0.12:8776>\n" in site
        assert "    WSGIScriptAlias / /usr/bin/cinder-wsgi\n" in site


class TestOnACluster:
    """What the SLS become on a node is looked at, not carried out: this machine has no Cinder."""

    @pytest.fixture
    def minion_settings(self) -> dict[str, Any]:
        return {"pacemaker": {}}

    @pytest.fixture(params=[("Debian", "cinder-volume"), ("RedHat", "openstack-cinder-volume")])
    def family(self, request: Any) -> tuple[str, str]:
        return request.param

    @pytest.fixture
    def grains(self, machine_grains: dict[str, Any], family: tuple[str, str]) -> dict[str, Any]:
        return {**machine_grains, "os_family": family[0], "os": family[0]}

    def test_unit_of_the_cluster_starts_by_nobody_else(self, modules: Any, family: tuple[str, str]) -> None:
        unit = family[1]
        states = modules.state.show_sls("cinder_ha.units")
        (disabled,) = [s["service"] for n, s in states.items() if n == f"{unit} is disabled at boot"]
        assert "disabled" in disabled
        (guard,) = [s["file"] for n, s in states.items() if n == f"{unit} starts when Pacemaker starts it"]
        assert {"name": f"/etc/systemd/system/{unit}.service.d/10-cinder-ha.conf"} in guard
        condition = f"ConditionPathExists=/run/systemd/system/{unit}.service.d/50-pacemaker.conf"
        assert condition in str(guard)

    def test_file_belongs_to_root_and_cinder(self, modules: Any) -> None:
        conf = modules.state.show_sls("cinder_ha.config")["cinder.conf"]["file"]
        for expected in ({"name": "/etc/cinder/cinder.conf"}, {"user": "root"}, {"group": "cinder"}):
            assert expected in conf
        assert {"show_changes": False} in conf

    def test_package_is_installed_when_it_is_asked_for(
        self, modules: Any, pillar: dict[str, Any], family: tuple[str, str]
    ) -> None:
        assert "pkg" not in str(modules.state.show_sls("cinder_ha.package"))
        pillar["cinder_ha"]["packages"]["enabled"] = True
        states = modules.state.show_sls("cinder_ha.package", pillar=pillar)
        assert "installed" in states["Cinder's packages are installed"]["pkg"]

    def test_kernel_lets_the_api_listen_on_a_vip_that_is_elsewhere(
        self, modules: Any, pillar: dict[str, Any]
    ) -> None:
        assert "sysctl" not in str(modules.state.show_sls("cinder_ha.api"))
        pillar["cinder_ha"]["api"]["listen"] = "10.0.0.11"
        states = modules.state.show_sls("cinder_ha.api", pillar=pillar)
        assert "present" in states["net.ipv4.ip_nonlocal_bind"]["sysctl"]


class TestSmallestPillar:
    @pytest.fixture
    def pillar(self) -> dict[str, Any]:
        return {"cinder_ha": {"release": "zed", "vips": {"internal": {"ip": "10.0.0.11"}}}}

    def test_part_that_needs_a_key_names_it_and_writes_nothing(self, modules: Any, conf: Path) -> None:
        results = list(modules.state.apply("cinder_ha.config"))
        said = [r.comment for r in results if r.id == "The difference of cinder.conf"]
        assert said == ["cinder_ha.identity.auth_url: is missing, but the part config needs it"]
        assert not conf.exists()

    @pytest.mark.parametrize("part", ["package", "units", "resources"])
    def test_part_that_needs_no_key_can_be_applied_alone(self, modules: Any, part: str) -> None:
        assert failures(modules.state.apply(f"cinder_ha.{part}")) == []

    def test_nothing_starts_that_is_not_configured(self, modules: Any, cib_file: Path) -> None:
        assert failures(modules.state.apply("cinder_ha"))
        assert not cib_file.exists()


class TestWrongPillar:
    @pytest.fixture
    def pillar(self) -> dict[str, Any]:
        return {"cinder_ha": {"databse": {}}}

    @pytest.mark.parametrize("test", [False, True], ids=["apply", "test"])
    @pytest.mark.parametrize("part", ["package", "units", "api", "config", "clean"])
    def test_part_fails_with_one_sentence(self, modules: Any, part: str, test: bool, conf: Path) -> None:
        (result, *others) = modules.state.apply(f"cinder_ha.{part}", test=test)
        assert (result.result, others) == (False, [])
        assert result.comment.startswith("cinder_ha.databse: is not a known key; did you mean 'database'?")
        assert "\n" not in result.comment
        assert not conf.exists()
