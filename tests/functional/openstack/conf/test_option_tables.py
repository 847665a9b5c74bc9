"""The tables against what oslo.config's own generator lists of real releases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.openstack.conf.tables import OptionSpec, options_of, table_section

from ..releases import LIBRARIES, VENVS, oslo_config

pytestmark = pytest.mark.one_salt

_TYPES = {
    "string value": "text",
    "multi valued": "text",
    "boolean value": "boolean",
    "integer value": "integer",
    "floating point value": "float",
    "list value": "list",
    "dict value": "mapping",
    "port value": "port",
    "IP address value": "ip",
    "host address value": "host",
    "uri value": "uri",
}
PROCESSORS = "the generator names the processors of the machine that it runs on"
PLUGINS = "the generator lists these sections for one plugin of auth_type, the tables for each"
LATER_KEYSTONEAUTH = "the libraries of this venv are those of the release after"
ALLOWED = {
    "2026.1": {
        ("DEFAULT", "backup_workers"): PROCESSORS,
        ("service_user", "project_id"): PLUGINS,
        ("service_user", "project_name"): PLUGINS,
        **{
            (section, name): LATER_KEYSTONEAUTH
            for section in ("glance", "nova", "service_user")
            for name in ("timeout", "tls_ciphers", "tls_min_version")
        },
    },
    "2026.2": {
        ("DEFAULT", "backup_workers"): PROCESSORS,
        ("service_user", "project_id"): PLUGINS,
        ("service_user", "project_name"): PLUGINS,
    },
}
"""Options about which the two differ, each with the reason."""

UNLISTED = {
    "DEFAULT": "options of programs, which register them when they start",
    "audit_middleware_notifications": "registered by keystonemiddleware.audit, where a paste.ini has it",
    "backend": "drivers that cinder/opts.py forgot",
    "barbican_service_user": PLUGINS,
    "cinder_sys_admin": "registered by cinder.privsep",
    "ext_oauth2_auth": "registered by keystonemiddleware.external_oauth2_token, where a paste.ini has it",
    "glance": PLUGINS,
    "keystone_authtoken": PLUGINS,
    "nova": PLUGINS,
    "os_brick": "in the namespace os_brick.lightos",
    "oslo_messaging_metrics": "not in the library's own list",
    "oslo_messaging_notifications": "routing_config is not in the library's own list",
    "oslo_messaging_tracing": "not in the library's own list",
    "privsep_osbrick": "registered by os_brick.privileged",
    "service_user": PLUGINS,
}
"""Sections in which the tables have options that the generator does not list."""

Names = tuple[str, str]


def listed_by(release: str, repository: Path, folder: Path, *libraries: str) -> dict[Names, OptionSpec]:
    """What the generator lists of the release itself."""
    output = folder / "options.json"
    done = oslo_config(
        repository / VENVS[release] / "bin",
        "generator",
        folder,
        ("cinder", *libraries),
        *("--format", "json", "--output-file", str(output)),
    )
    assert done.returncode == 0, done.stderr
    groups = json.loads(output.read_text())["options"]
    listed = [option(group, facts) for group, held in groups.items() for facts in held["opts"]]
    return {(one.section, one.name): one for one in listed}


def option(group: str, facts: Mapping[str, Any]) -> OptionSpec:
    # A port has its limits by itself.
    is_port = facts["type"] == "port value"
    return OptionSpec(
        table_section(group),
        facts["dest"].replace("-", "_"),
        _TYPES[facts["type"]],
        tuple(word for word, _ in facts["choices"] if word is not None),
        minimum=None if is_port else facts["min"],
        maximum=None if is_port else facts["max"],
        secret=facts["secret"],
        deprecated=facts["deprecated_for_removal"],
        former=tuple(sorted(set(former_names(group, facts)))),
    )


def former_names(group: str, facts: Mapping[str, Any]) -> Iterator[Names]:
    for former in facts["deprecated_opts"]:
        yield (
            table_section(former["group"] or group),
            (former["name"] or facts["dest"]).replace("-", "_"),
        )


def comparable(option: OptionSpec | None) -> tuple[Any, ...] | None:
    """What the generator tells of an option; case and several values are not in its list."""
    if option is None:
        return None
    limits = (None, None) if option.type == "port" else (option.minimum, option.maximum)
    former = tuple(sorted(set(option.former)))
    return option.type, option.choices, limits, option.secret, option.deprecated, former


@pytest.mark.parametrize(("release", "libraries"), [("2026.1", ()), ("2026.2", LIBRARIES)])
def test_tables_say_what_the_release_itself_says(
    release: str, libraries: tuple[str, ...], repository: Path, tmp_path: Path
) -> None:
    listed = listed_by(release, repository, tmp_path, *libraries)
    table = options_of(release)
    differing = {
        names for names, one in listed.items() if comparable(table.option(*names)) != comparable(one)
    }
    assert len(listed) > 900
    assert differing == set(ALLOWED[release])


def test_tables_have_more_only_where_the_generator_is_blind(repository: Path, tmp_path: Path) -> None:
    listed = listed_by("2026.2", repository, tmp_path, *LIBRARIES)
    assert {section for section, _ in set(options_of("2026.2").options) - set(listed)} == set(UNLISTED)
