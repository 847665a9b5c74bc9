"""No value of a pillar can be more in cinder.conf than its own option's value; oslo.config is the judge."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from oslo_config import cfg

from saltext_cinder_ha.deploy.cinder_conf import options_of, rendered_configuration, sections_of
from saltext_cinder_ha.openstack.conf.difference import describe, masked_difference
from saltext_cinder_ha.openstack.conf.options import Option
from saltext_cinder_ha.site import Site, SiteError, mistakes, parse_site

from .test_options import PILLAR

# Where a text of the pillar ends up in the file.
PLACES: tuple[tuple[str | int, ...], ...] = (
    ("database", "password"),
    ("database", "user"),
    ("database", "name"),
    ("messaging", "password"),
    ("messaging", "user"),
    ("messaging", "vhost"),
    ("identity", "password"),
    ("identity", "username"),
    ("identity", "project_name"),
    ("identity", "cafile"),
    ("identity", "auth_url"),
    ("backends", "nfs1", "options", "nfs_mount_options"),
    ("backends", "ceph", "options", "rbd_pool"),
    ("backends", "nfs1", "shares", 0),
    ("volume_host",),
    ("coordination", "url"),
    ("backup", "options", "backup_posix_path"),
    ("config", "DEFAULT", "state_path"),
    ("config", "nova", "interface", 0),
    ("config", "nova", "interface", 1),
)
TEXT = st.text(
    st.one_of(st.sampled_from("\n\r\t []#;=:$%{}\\\"'aA"), st.characters()), min_size=1, max_size=12
)


def with_text(place: tuple[str | int, ...], text: str) -> dict[str, Any]:
    """The pillar with a text in one place."""
    pillar = copy.deepcopy(PILLAR)
    pillar["coordination"] = {"url": "file:///var/lib/cinder"}
    pillar["backup"] = {"driver": "posix", "options": {"backup_posix_path": "/srv"}}
    pillar["config"] = {"DEFAULT": {"state_path": "/srv"}, "nova": {"interface": ["a", "b"]}}
    pillar["backends"]["nfs1"]["options"] = {"nfs_mount_options": "v4"}
    found: Any = pillar
    for step in place[:-1]:
        found = found[step]
    found[place[-1]] = text
    return {"cinder_ha": pillar}


def parsed(text: str, options: tuple[Option, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    """What oslo.config makes of a file: every option that is in it, as the service reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cinder.conf"
        path.write_text(text, encoding="utf-8")
        sections: dict[str, dict[str, list[str]]] = {}
        cfg.ConfigParser(str(path), sections).parse()
        conf = cfg.ConfigOpts()
        for option in options:
            group = None if option.section == "DEFAULT" else option.section
            conf.register_opt(cfg.MultiStrOpt(option.name), group=group)
        conf([], project="cinder", default_config_files=[str(path)], default_config_dirs=[])
        return {
            (section, name): tuple((conf if section == "DEFAULT" else conf[section])[name])
            for section, names in sections.items()
            for name in names
        }


def meant(options: tuple[Option, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(option.section, option.name): option.values for option in options}


def file_of(site: Site) -> tuple[str, tuple[Option, ...]]:
    return rendered_configuration(site, "zed"), options_of(site, "zed")


@given(st.sampled_from(PLACES), TEXT)
def test_no_value_adds_or_changes_another_option(place: tuple[str | int, ...], text: str) -> None:
    pillar = with_text(place, text)
    if mistakes(pillar):
        return
    try:
        rendered, options = file_of(parse_site(pillar))
    except SiteError:
        return
    found = parsed(rendered, options)
    event("rendered")
    assert found == meant(options)
    assert set(found) == set(meant(file_of(parse_site(with_text(("volume_host",), "plain")))[1]))


@pytest.mark.parametrize(
    "value",
    ["$my_ip", "a$$b", r"\$x", r"\\$x", "50%", '"x"', "'", '"', " x ", "[DEFAULT]", "# x", "${a}", ""],
)
def test_value_reaches_the_service_as_it_stands_in_the_pillar(value: str) -> None:
    rendered, options = file_of(parse_site(with_text(("config", "DEFAULT", "state_path"), value)))
    assert parsed(rendered, options)["DEFAULT", "state_path"] == (value,)


@pytest.mark.parametrize("value", ["a\nhost = x", "a\r\nb", "a\x00", "a\u2028b", "a\n"])
def test_value_that_no_line_can_carry_is_refused_by_its_key(value: str) -> None:
    site = parse_site(with_text(("config", "DEFAULT", "state_path"), value))
    with pytest.raises(
        SiteError, match=r"^cinder_ha\.config\.DEFAULT\.state_path: contains the character '\\"
    ):
        rendered_configuration(site, "zed")


def test_secrets_are_masked_unless_they_are_asked_for() -> None:
    secrets = {
        ("database", "password"): "hush1",
        ("messaging", "password"): "hush2",
        ("identity", "password"): "hush3",
        ("backends", "ceph", "options"): {"san_password": "hush4", "lightos_jwt": "hush5"},
        ("config", "nova"): {"password": "hush6", "url": "http://u:hush7@h/"},
        ("coordination", "url"): "redis://h?password=hush8",
    }
    for place, value in secrets.items():
        options = options_of(parse_site(with_text(place, value)), "zed")  # type: ignore[arg-type]
        assert "hush" not in str(sections_of(options, show_secrets=False))
        assert "hush" in str(sections_of(options, show_secrets=True))
        assert "hush" not in repr(options)


def test_difference_shows_the_lines_that_differ_and_no_secret() -> None:
    old, new = (
        rendered_configuration(parse_site(with_text(("database", "password"), word)), "zed")
        for word in ("hush1", "hush2")
    )
    shown = masked_difference(old + "# password = hush3\n", new.replace("= v4", "= v3"))
    assert "hush" not in str(shown)
    assert "-connection = mysql+pymysql://********@10.0.0.11/cinder" in shown
    assert "+connection = mysql+pymysql://********@10.0.0.11/cinder" in shown
    assert "+nfs_mount_options = v3" in shown
    assert "-# password = ********" in shown


def test_difference_hides_the_second_line_of_a_value() -> None:
    shown = masked_difference("[a]\npassword = x\n  hush\n", "[a]\n")
    assert "hush" not in str(shown)


def test_file_that_is_right_or_missing_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "cinder.conf"
    assert describe(path, "[a]\n") == f"{path} does not exist yet"
    path.write_text("[a]\n")
    assert describe(path, "[a]\n") == f"{path} is as the pillar describes it"
