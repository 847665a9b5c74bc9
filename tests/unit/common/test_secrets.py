"""The rule for what is secret: names."""

from __future__ import annotations

import pytest

from saltext_cinder_ha.common.secrets import HIDDEN, is_masked, is_secret, masked_data


@pytest.mark.parametrize(
    "name",
    [
        "os_password", "passwd", "password", "db_pass", "secret", "secret_key", "api_token",
        "private_key", "passphrase", "credentials", "snmp_community", "PASSWORD", "hmc-password",
        "access_key", "erlang_cookie", "user_pw",
        "lightos_jwt", "secret_id", "token_id", "ssl_key", "backup_swift_key", "hmac_keys", "cb_apikey",
        "privkey",
    ],
)  # fmt: skip
def test_a_name_of_a_secret_is_seen(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "ip", "password_file", "passwd_script", "token_timeout", "token_url", "private_key_path",
        "identity_file", "secret_uri", "bypass", "compass", "keyfile", "monkey",
        "pcmk_host_list", "credentials_dir",
        "key", "public_key", "send_service_user_token", "rbd_secret_uuid", "token_role", "auth_type",
        "passwordless", "jwt_algorithm", "verify_glance_signatures",
    ],
)  # fmt: skip
def test_what_only_sounds_like_a_secret_is_none(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    "value",
    [HIDDEN, "**********", f"a={HIDDEN}", f"{{a: {HIDDEN}}}", f"x://{HIDDEN}@h", f"{HIDDEN} (changed)"],
)
def test_what_stands_for_a_secret_is_recognised(value: str) -> None:
    assert is_masked(value)


@pytest.mark.parametrize("value", ["*/5 * * * *", "*******", "*" * 12, f"pass{HIDDEN}word", ""])
def test_other_stars_are_a_value(value: str) -> None:
    assert not is_masked(value)


def test_plain_data_is_masked_by_its_keys_but_objects_named_like_a_secret_are_not() -> None:
    data = {
        "resources": {
            "token-api": {
                "agent": "systemd:cinder-volume@nfs",
                "params": {"ip": 1, "token": 5, "passwd": ["x"], "frob": "x"},
                "operations": [{"name": "monitor", "params": {"frob": "x"}}],
                "secret": ["frob"],
            }
        }
    }
    (found,) = masked_data(data)["resources"].values()
    assert found == {
        "agent": "systemd:cinder-volume@nfs",
        "params": {"ip": 1, "token": HIDDEN, "passwd": [HIDDEN], "frob": HIDDEN},
        "operations": [{"name": "monitor", "params": {"frob": HIDDEN}}],
        "secret": ["frob"],
    }
