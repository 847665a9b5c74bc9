"""A value is refused where oslo.config's own type refuses it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oslo_config import types

from saltext_cinder_ha.openstack.conf.lint.values import refusal
from saltext_cinder_ha.openstack.conf.tables import OptionSpec

VALUES = (
    st.sampled_from(
        ["", " ", "0", "1", "-1", "65535", "65536", "1.5", "1e3", "true", "ON", "maybe", "banana"]
    )
    | st.sampled_from(["keystone", "KEYSTONE", "10.0.0.11", "::1", "10.0.0", "host.example", "a b", "x:1"])
    | st.integers(-70000, 70000).map(str)
    | st.text(alphabet="abc019.:-_ ", max_size=8)
)
PAIRS = [
    (OptionSpec("s", "o", "boolean"), types.Boolean()),
    (OptionSpec("s", "o", "integer"), types.Integer()),
    (OptionSpec("s", "o", "integer", minimum=1, maximum=9), types.Integer(min=1, max=9)),
    (OptionSpec("s", "o", "float", minimum=0), types.Float(min=0)),
    (OptionSpec("s", "o", "port"), types.Port()),
    (OptionSpec("s", "o", "ip"), types.IPAddress()),
    (
        OptionSpec("s", "o", "text", choices=("keystone", "noauth")),
        types.String(choices=["keystone", "noauth"]),
    ),
    (
        OptionSpec("s", "o", "text", choices=("keystone",), ignore_case=True),
        types.String(choices=["keystone"], ignore_case=True),
    ),
]


def oslo_config_refuses(kind: types.ConfigType, value: str) -> bool:
    try:
        kind(value)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(("option", "kind"), PAIRS, ids=lambda pair: repr(pair)[:60])
@given(value=VALUES)
@example(value=":: ")
def test_same_values_are_refused(option: OptionSpec, kind: types.ConfigType, value: str) -> None:
    assert (refusal(option, value) is not None) == oslo_config_refuses(kind, value)


@pytest.mark.parametrize("value", ["10.0.0.11", "::1", "ctl1", "ctl1.example.org"])
def test_host_that_oslo_config_takes_is_taken(value: str) -> None:
    assert not oslo_config_refuses(types.HostAddress(), value)
    assert refusal(OptionSpec("s", "o", "host"), value) is None
