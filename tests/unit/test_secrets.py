"""Nothing that is shown holds a secret, and what is no secret is shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saltext_cinder_ha.deploy.cinder_conf import options_of, sections_of
from saltext_cinder_ha.openstack.conf.difference import masked_difference
from saltext_cinder_ha.openstack.conf.lint import lint
from saltext_cinder_ha.openstack.conf.options import Option
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.cib.masking import Mask, hide_secrets
from saltext_cinder_ha.pacemaker.native.placeholders import Placeholders
from saltext_cinder_ha.pacemaker.native.tokenizer import Statement
from saltext_cinder_ha.pacemaker.plan.describe import describe
from saltext_cinder_ha.site import RELEASES, SiteError, mistakes, parse_site

from .openstack.conf.test_options import PILLAR

HIDDEN = "********"
MARKER = "MaRkEr"
FROM_HAVANA = RELEASES[RELEASES.index("havana") :]
TABLE = json.loads(
    (files("saltext_cinder_ha.openstack.conf.tables") / "options.json").read_text(encoding="utf-8")
)
FLAGGED: tuple[tuple[str, str], ...] = tuple(
    tuple(row.split(" "))  # type: ignore[misc]
    for row, held in TABLE.items()
    if any(facts.get("secret") for _, _, facts in held)
)
URLS = ("connection", "url")
PIECES = st.sampled_from([*"\"'@=:,#;?&/$ \\[]{}%a1\x0b\x85\u2028", "://", "password=", "x:"])
AROUND = st.lists(PIECES, max_size=6).map("".join)
MARKED = st.builds(lambda before, after: f"{before}{MARKER}{after}", AROUND, AROUND)


def shown_option(section: str, name: str, value: str) -> str:
    """What ``cinder_ha.config`` says of one option of the pillar."""
    pillar = {"cinder_ha": {**PILLAR, "config": {section: {name: value}}}}
    found = mistakes(pillar)
    if found:
        return str(found)
    options = options_of(parse_site(pillar), "zed")
    try:
        shown = sections_of(options, show_secrets=False)[section][name]
    except SiteError as error:
        return str(error)
    assert isinstance(shown, str)
    return shown


@pytest.mark.parametrize(
    ("section", "name", "value", "shown"),
    [
        ("lightos", "lightos_jwt", MARKER, HIDDEN),
        ("vault", "root_token_id", MARKER, HIDDEN),
        ("vault", "approle_role_id", MARKER, HIDDEN),
        ("keystone_authtoken", "password", f"pass://{MARKER}", HIDDEN),
        ("keystone_authtoken", "password", f"{MARKER}://pass@word", HIDDEN),
        ("database", "sql_connection", f"x://{MARKER}", HIDDEN),
        ("database", "connection", f"mysql+pymysql://c:{MARKER}@h/c?ssl_key=x", f"mysql+pymysql://{HIDDEN}@h/c?{HIDDEN}"),
        ("database", "connection", f"mysql+pymysql://c:a/@?:{MARKER}@h/c", HIDDEN),
        ("DEFAULT", "transport_url", f"rabbit://cinder:{MARKER}", HIDDEN),
        ("DEFAULT", "transport_url", f"rabbit://h:1?password=a@{MARKER}", HIDDEN),
        ("coordination", "backend_url", f"redis://h?password=a&b{MARKER}", f"redis://h?{HIDDEN}"),
        ("nfs1", "nfs_mount_options", f"user=c,password={MARKER},ro", f"user=c,password={HIDDEN}"),
        ("nfs1", "nfs_mount_options", f"password={MARKER},vers=3.0", f"password={HIDDEN},vers=3.0"),
        ("database", "connection_parameters", f"ssl_key={MARKER}&charset=x", f"ssl_key={HIDDEN}&charset=x"),
        ("a", "b", f"id:b,san_password:x:{MARKER},pool:p", f"id:b,san_password:{HIDDEN},pool:p"),
        ("a", "b", f'{{"u": "u", "password": "a, b: {MARKER}"}}', f'{{"u": "u", "password": {HIDDEN}}}'),
        ("a", "auth_url", f"http://admin:{MARKER}@10.0.0.11:5000/v3", f"http://{HIDDEN}@10.0.0.11:5000/v3"),
        ("a", "auth_url", f"admin:{MARKER}@10.0.0.11:5000", f"{HIDDEN}@10.0.0.11:5000"),
        ("a", "proxy", f"http://h/?x=1&token={MARKER}&y=2", f"http://h/?x=1&token={HIDDEN}&y=2"),
        ("database", "connection", "sqlite:////var/lib/cinder.db", "sqlite:////var/lib/cinder.db"),
        ("coordination", "backend_url", "etcd3+http://10.0.0.11:2379", "etcd3+http://10.0.0.11:2379"),
        ("keystone_authtoken", "auth_url", "http://10.0.0.11:5000/v3", "http://10.0.0.11:5000/v3"),
        ("ceph", "rbd_secret_uuid", "457eb676-33da-42ec", "457eb676-33da-42ec"),
        ("service_user", "send_service_user_token", "true", "true"),
        ("keystone_authtoken", "token_cache_time", "300", "300"),
        ("keystone_authtoken", "service_token_roles", "service", "service"),
        ("keystone_authtoken", "auth_type", "password", "password"),
        ("nova", "application_credential_id", "x", "x"),
        ("backend", "chap_password_len", "12", "12"),
        ("vault", "token_role", "x", "x"),
        ("cors", "allow_credentials", "true", "true"),
        ("nova", "consumer_key", "x", "x"),
        ("database", "connection_recycle_time", "300", "300"),
    ],
)  # fmt: skip
def test_option_is_shown_without_its_secret_and_else_as_it_is(
    section: str, name: str, value: str, shown: str
) -> None:
    assert shown_option(section, name, value) == shown
    assert f"+{name} = {shown}" in masked_difference("", f"[{section}]\n{name} = {value}\n")
    assert f"-#{name}: {shown}" in masked_difference(f"[{section}]\n#{name}: {value}\n", "")


@pytest.mark.parametrize(
    ("old", "shown"),
    [
        (f"password =\n  {MARKER}\n", [f"password ={HIDDEN}", f"  {HIDDEN}"]),
        (f"# password = x\n#   {MARKER}\n", [f"# password = {HIDDEN}", f"#   {HIDDEN}"]),
        (f";lightos_jwt = x\n;{MARKER}\n", [f";lightos_jwt = {HIDDEN}", f";{HIDDEN}"]),
        (f"password = x\n\n  {MARKER}\n", [f"password = {HIDDEN}", "", f"  {HIDDEN}"]),
        (f"password = x\n{MARKER}\n", [f"password = {HIDDEN}", HIDDEN]),
        (f"password = x\u2028{MARKER}\n", [f"password = {HIDDEN}"]),
        (f"x = http://u:{MARKER}\n  {MARKER}@h\n", [f"x = {HIDDEN}", f"  {HIDDEN}"]),
        (f"# The old token: {MARKER}\n", [f"# The old token: {HIDDEN}"]),
        ("# The password of Cinder's user\ndebug = a,\n  b\n",
         ["# The password of Cinder's user", "debug = a,", "  b"]),
    ],
)  # fmt: skip
def test_line_of_an_old_file_is_shown_without_its_secret(old: str, shown: list[str]) -> None:
    assert masked_difference(old, "")[1:] == [f"-{line}" for line in shown]


def test_line_that_is_the_rest_of_a_secret_in_one_file_is_hidden_in_both() -> None:
    found = masked_difference(f"x = 1\n  {MARKER}\n", f"password = 1\n  {MARKER}\n")
    assert found[1:] == ["-x = 1", f"+password = {HIDDEN}", f"   {HIDDEN}"]


def test_finding_shows_no_secret_inside_a_value() -> None:
    text = f"[database]\nmax_retries = password={MARKER}\nmax_overflow = u:{MARKER}@h\n[vault]\nuse_ssl = x\n"
    findings = lint(text, "zed")
    assert MARKER not in str(findings)
    assert "is 'x', but should be true or false" in str(findings)


@pytest.mark.parametrize(
    "pillar",
    [
        {"identity": {"auth_url": f"admin:{MARKER}@10.0.0.11"}},
        {"identity": {f"password={MARKER}": None}},
        {f"password:{MARKER}": "x"},
        {"config": {"vault": {"root_token_id": {MARKER: 1}}}},
        {"database": {"driver": f"password={MARKER}"}},
        {"endpoints": {"services": [{"internal": f"http://u:{MARKER}@"}]}},
    ],
)
def test_no_error_of_a_pillar_shows_a_secret(pillar: dict[str, Any]) -> None:
    found = mistakes({"cinder_ha": pillar})
    assert found
    assert MARKER not in str(found)


@pytest.mark.parametrize("name", ["root_token_id", "lightos_jwt", "san_password"])
def test_secret_that_is_no_text_is_a_mistake(name: str) -> None:
    (found,) = mistakes({"cinder_ha": {"mode": "ocf", "config": {"a": {name: 12345}}}})
    assert "quote it" in found


@pytest.mark.parametrize("name", ["send_service_user_token", "token_cache_time", "chap_password_len"])
def test_setting_about_a_secret_may_be_a_number_or_a_boolean(name: str) -> None:
    assert mistakes({"cinder_ha": {"mode": "ocf", "config": {"a": {name: 1}}}}) == []


@pytest.mark.parametrize("masked", [HIDDEN, "**********", f"mysql://{HIDDEN}@h/x"])
def test_masked_secret_is_a_mistake_whoever_masked_it(masked: str) -> None:
    (found,) = mistakes({"cinder_ha": {"mode": "ocf", "identity": {"password": masked}}})
    assert "is masked" in found


def in_its_option(name: str, marked: str) -> Iterator[str]:
    """The values of an option of which the marked text is the secret."""
    yield marked
    if name.endswith(URLS):
        yield f"mysql+pymysql://cinder:{marked}@10.0.0.11/cinder"
        yield f"redis://10.0.0.11:6379?ssl=true&password={marked}"


def all_values(marked: str) -> Iterator[tuple[str, str, str]]:
    for section, name in FLAGGED:
        for value in in_its_option(name, marked):
            yield section, name, value


def test_the_tables_flag_what_this_is_about() -> None:
    assert len({name for _, name in FLAGGED}) == 88


@settings(max_examples=60, deadline=None)
@given(MARKED)
def test_what_cinder_flags_is_in_nothing_that_is_shown_of_a_configuration(marked: str) -> None:
    values = list(all_values(marked))
    options = tuple(Option(section, name, (value, value), "key") for section, name, value in values)
    assert MARKER not in str([option.shown() for option in options])
    config: dict[str, Any] = {}
    for section, name, value in values:
        config.setdefault(section, {})[name] = [value]
    pillar = {"cinder_ha": {**PILLAR, "config": config}}
    said = str(mistakes(pillar))
    try:
        said += str(sections_of(options_of(parse_site(pillar), "zed"), show_secrets=False))
    except SiteError as error:
        said += str(error)
    assert MARKER not in said


LINES_AROUND = st.lists(PIECES | st.sampled_from(["\n", "\r\n", "\n# "]), max_size=6).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.builds(lambda before, after: f"{before}{MARKER}{after}", LINES_AROUND, LINES_AROUND))
def test_what_cinder_flags_is_in_no_difference(marked: str) -> None:
    # The lines of a value go on behind a blank, and none is empty.
    continued = re.sub(r"\s*\n\s*", "\n  ", marked).rstrip()
    commented = continued.replace("\n", "\n#")
    live = "".join(f"[{section}]\n{name} = {value}\n" for section, name, value in all_values(continued))
    dead = "".join(f"[{section}]\n#{name}={value}\n" for section, name, value in all_values(commented))
    assert MARKER not in str(masked_difference(live + dead, ""))
    assert MARKER not in str(masked_difference("", live + dead))
    assert MARKER not in str(masked_difference(live, dead))


@settings(max_examples=6, deadline=None)
@given(MARKED, st.sampled_from(FROM_HAVANA))
def test_what_cinder_flags_is_in_no_finding(marked: str, release: str) -> None:
    text = "".join(f"[{section}]\n{name} = {value}\n" for section, name, value in all_values(marked))
    findings = lint(text, release)
    assert findings
    assert MARKER not in "".join(map(str, findings)) + repr(findings)


PARAMETERS = st.sampled_from(
    ["passwd", "os_password", "secret_key", "api_token", "snmp_community", "private_key"]
)


def primitive(name: str, value: str) -> Cib:
    cib = Cib.parse(
        b'<cib><configuration><resources><primitive id="x" class="ocf" provider="p" type="t">'
        b'<instance_attributes id="i"><nvpair id="n"/></instance_attributes></primitive></resources>'
        b"</configuration><status><lrm>"
        b'<lrm_resource id="x"><lrm_rsc_op id="o"><parameters/></lrm_rsc_op></lrm_resource></lrm></status>'
        b"</cib>",
        "test",
    )
    pair, parameters = (next(cib.root.iter(tag)) for tag in ("nvpair", "parameters"))
    pair.attrib.update({"name": name, "value": value})
    parameters.set(name, value)
    return cib


# What a CIB can carry.
IN_CIB = MARKED.filter(lambda text: "\x0b" not in text)


@settings(max_examples=50, deadline=None)
@given(PARAMETERS, IN_CIB)
def test_secret_of_a_parameter_is_in_nothing_that_is_shown_of_a_cib(name: str, marked: str) -> None:
    cib = primitive(name, marked)
    fields = describe(cib.by_id["x"])
    assert MARKER not in str(Mask().fields("x", fields)) + str(Mask().update("x", fields, fields))
    hide_secrets(cib, Mask())
    assert MARKER not in cib.to_xml().decode()
    hidden = Placeholders("")
    statement = Statement(("primitive", "x", "t", f"{name}={marked}"), "line 1")
    assert MARKER not in str(hidden.in_statement(statement, lambda value: False).words)


@settings(max_examples=50, deadline=None)
@given(IN_CIB)
def test_what_a_declaration_calls_secret_is_in_nothing_that_is_shown_of_a_cib(marked: str) -> None:
    cib, mask = primitive("frob", marked), Mask({"x.frob"})
    assert MARKER not in str(mask.fields("x", describe(cib.by_id["x"])))
    hide_secrets(cib, mask)
    assert MARKER not in cib.to_xml().decode()


def test_error_of_a_native_tool_shows_no_secret() -> None:
    statement = Statement(("primitive",), "line 1")
    assert (
        str(statement.fail(f"crm says: no passwd={MARKER} in x")) == f"line 1: crm says: no passwd={HIDDEN}"
    )


def test_instance_of_a_unit_is_no_address_with_a_password() -> None:
    agent = {"agent": "systemd:cinder-volume@nfs"}
    assert Mask().fields("x", agent) == agent
