"""Hide the secrets of a CIB in all output: by name, by declaration, and inside values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from lxml import etree

from ...common import secrets
from ...common.secrets import HIDDEN
from ..actions import base_name
from .document import Cib
from .elements import owner_id

# Attributes with free text, apart from parameters; the recipient of an alert is a ``value`` as well.
_FREE_TEXT = ("description", "value", "path", "exit-reason")


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
        """Return whether a parameter is secret, even if secrets are shown."""
        return secrets.is_secret(param) or f"{resource}.{param}" in self._marked

    def is_hidden(self, resource: str, param: str) -> bool:
        return not self._show and self.is_secret(resource, param)

    def value(self, resource: str, param: str, value: str) -> str:
        """Return one parameter's value, masked if it is secret."""
        if self._show:
            return value
        if self.is_hidden(resource, param):
            return HIDDEN
        return secrets.without_secrets(value)

    def fields(self, resource: str, found: Mapping[str, str]) -> dict[str, str]:
        """Return the fields of one object with its secrets masked."""
        return {
            name: self.value(resource, name.rpartition("params.")[2], value) for name, value in found.items()
        }

    def update(
        self, resource: str, old: Mapping[str, str], new: Mapping[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Mask the differing fields, old and new; mark a new value that looks like the old one.

        >>> Mask().update("vip", {"params.password": "x"}, {"params.password": "y"})
        ({'params.password': '********'}, {'params.password': '******** (changed)'})
        """
        before, after = self.fields(resource, old), self.fields(resource, new)
        return before, {
            name: f"{shown} (changed)" if before.get(name) == shown else shown
            for name, shown in after.items()
        }


def hide_secrets(cib: Cib, mask: Mask) -> None:
    """Mask the secret values in every section of a CIB."""
    for element in cib.root.iter(tag=etree.Element):
        if element.tag == "nvpair" and "value" in element.attrib:
            owner = owner_id(element, "primitive", "template", "clone", "group", "bundle")
            element.set("value", mask.value(owner, element.get("name", ""), element.get("value", "")))
        elif element.tag == "parameters":
            # The history of operations repeats the parameters of fencing devices and old agents.
            owner = base_name(owner_id(element, "lrm_resource"))
            _hide_attributes(element, mask, owner, element.attrib.keys())
        else:
            _hide_attributes(element, mask, "", _FREE_TEXT)


def _hide_attributes(element: etree._Element, mask: Mask, owner: str, names: Iterable[str]) -> None:
    for name in names:
        if name in element.attrib:
            element.set(name, mask.value(owner, name, element.get(name, "")))
