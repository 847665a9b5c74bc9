"""Keeping secrets out of whatever is shown: by name, by declaration, and inside URLs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ..actions import base_name
from ..programs.agent_metadata import is_secret
from .document import Cib
from .elements import owner_id

HIDDEN = "********"
# What Salt 3008's pillar.get puts in the place of a secret.
_HIDDEN_BY_SALT = "**********"
_AFTER_SCHEME = re.compile(r"(?<=://)\S+")
# The look-behind keeps the search linear in a long text without a "=".
_ASSIGNMENT = re.compile(r"(?<![\w-])([\w-]+)=([^\s,;&]+)")


def is_masked(value: str) -> bool:
    """Say whether a value is what stands for a hidden one, or a URL with hidden credentials.

    >>> is_masked("********"), is_masked("mysql://********@db/cinder"), is_masked("*/5 * * * *")
    (True, True, False)
    """
    hidden_parts = (f"://{HIDDEN}@", f"={HIDDEN}")
    return value in (HIDDEN, _HIDDEN_BY_SALT) or any(part in value for part in hidden_parts)


def without_credentials(text: str) -> str:
    """Hide user and password of a URL, and what is assigned to a name that is a secret's.

    >>> without_credentials("mysql://cinder:p@ss/word@db/cinder")
    'mysql://********@db/cinder'
    >>> without_credentials("username=cinder,password=x,vers=3.0")
    'username=cinder,password=********,vers=3.0'
    """
    return _ASSIGNMENT.sub(_hide_assigned, _AFTER_SCHEME.sub(_hide_user, text))


def _hide_user(found: re.Match[str]) -> str:
    user, at, host = found.group().rpartition("@")
    return f"{HIDDEN}@{host}" if at and ":" in user else found.group()


def _hide_assigned(found: re.Match[str]) -> str:
    name = found.group(1)
    return f"{name}={HIDDEN}" if is_secret(name) else found.group()


class Mask:
    """Hides the values of secret parameters in the fields of an object.

    >>> mask = Mask({"vip.frob"})
    >>> mask.fields("vip", {"params.frob": "x", "params.ip": "10.0.0.1", "params.password": "y"})
    {'params.frob': '********', 'params.ip': '10.0.0.1', 'params.password': '********'}
    """

    def __init__(self, marked: Collection[str] = (), *, show: bool = False):
        self._marked = marked
        self._show = show

    def is_secret(self, resource: str, param: str) -> bool:
        """Say whether a parameter is secret, shown or not."""
        return is_secret(param) or f"{resource}.{param}" in self._marked

    def is_hidden(self, resource: str, param: str) -> bool:
        return not self._show and self.is_secret(resource, param)

    def value(self, resource: str, param: str, value: str) -> str:
        """One parameter's value as it may be shown."""
        if self._show:
            return value
        if self.is_hidden(resource, param):
            return HIDDEN
        return without_credentials(value)

    def fields(self, resource: str, found: Mapping[str, str]) -> dict[str, str]:
        """The fields of one object as they may be shown."""
        return {
            name: self.value(resource, name.rpartition("params.")[2], value) for name, value in found.items()
        }

    def update(
        self, resource: str, old: Mapping[str, str], new: Mapping[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The fields that differ, before and after; where both look the same, the new one says so.

        >>> Mask().update("vip", {"params.password": "x"}, {"params.password": "y"})
        ({'params.password': '********'}, {'params.password': '******** (changed)'})
        """
        before, after = self.fields(resource, old), self.fields(resource, new)
        return before, {
            name: f"{shown} (changed)" if before.get(name) == shown else shown
            for name, shown in after.items()
        }


def hide_secrets(cib: Cib, mask: Mask) -> None:
    """Overwrite the secret values of a CIB: of resources, templates, alerts, nodes, everything."""
    for pair in cib.root.iterfind(".//nvpair[@value]"):
        owner = owner_id(pair, "primitive", "template", "clone", "group", "bundle")
        pair.set("value", mask.value(owner, pair.get("name", ""), pair.get("value", "")))
    # The history of operations repeats the parameters of fencing devices and old agents.
    for parameters in cib.root.iterfind("status//lrm_rsc_op//parameters"):
        owner = base_name(owner_id(parameters, "lrm_resource"))
        for name, value in parameters.attrib.items():
            parameters.set(name, mask.value(owner, name, value))
