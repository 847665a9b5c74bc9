"""Keeping secrets out of whatever is shown: by name, by declaration, and inside URLs."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from .agents import is_secret
from .cib import Cib

HIDDEN = "********"
# What Salt 3008's pillar.get puts in the place of a secret.
_HIDDEN_BY_SALT = "**********"
_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/@\s:]*:[^/@\s]*(?=@)")


def is_masked(value: str) -> bool:
    """Say whether a value is what stands for a hidden one, or a URL with hidden credentials.

    >>> is_masked("********"), is_masked("mysql://********@db/cinder"), is_masked("*/5 * * * *")
    (True, True, False)
    """
    return value in (HIDDEN, _HIDDEN_BY_SALT) or f"://{HIDDEN}@" in value


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
        return _CREDENTIALS_IN_URL.sub(HIDDEN, value)

    def fields(self, resource: str, found: Mapping[str, str]) -> dict[str, str]:
        """The fields of one object as they may be shown."""
        return {
            name: self.value(resource, name.removeprefix("params."), value)
            if name.startswith("params.")
            else value
            for name, value in found.items()
        }


def hide_secrets(cib: Cib, mask: Mask) -> None:
    """Overwrite the secret values of a CIB, wherever a resource or its template holds parameters."""
    for pair in cib.configuration.xpath("resources//instance_attributes/nvpair[@value]"):
        owner = next(pair.iterancestors("primitive", "template", "clone", "group", "bundle"))
        pair.set("value", mask.value(owner.get("id", ""), pair.get("name", ""), pair.get("value")))
    # The history of operations repeats the parameters of fencing devices and old agents.
    for parameters in cib.root.xpath("status//lrm_rsc_op//parameters"):
        for name in parameters.attrib:
            parameters.set(name, mask.value("", name, parameters.get(name)))
