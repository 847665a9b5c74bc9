"""One parsed snapshot of the cluster information base (CIB): its version and an index by id."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import NamedTuple

from lxml import etree

from ..errors import CibError

CONFIGURATION = "configuration"


class Version(NamedTuple):
    """The three counters that Pacemaker compares in this order (Pacemaker Explained, "CIB Properties")."""

    admin_epoch: int
    epoch: int
    num_updates: int

    @property
    def configuration(self) -> tuple[int, int]:
        """Return the part that only a change of the configuration increments."""
        return self.admin_epoch, self.epoch

    @property
    def next_epoch(self) -> Version:
        """Return the version after a change of the configuration."""
        return Version(self.admin_epoch, self.epoch + 1, 0)

    @property
    def next_update(self) -> Version:
        """Return the version after a change of the status."""
        return self._replace(num_updates=self.num_updates + 1)


class Cib:
    """A snapshot of a CIB. To plan a change, work on its :meth:`copy`."""

    def __init__(self, root: etree._Element):
        self.root = root

    @classmethod
    def parse(cls, xml: bytes, origin: str) -> Cib:
        """Parse ``xml``; ``origin`` (a path, "the cluster") names it in errors.

        >>> cib = Cib.parse(
        ...     b'<cib admin_epoch="0" epoch="7" num_updates="2"><configuration/><status/></cib>', "example")
        >>> cib.version
        Version(admin_epoch=0, epoch=7, num_updates=2)

        Raises :class:`CibError` if ``xml`` is not a CIB.
        """
        if not xml.strip():
            raise CibError(f"the CIB in {origin} is empty; it should be an XML document with the root <cib>")
        try:
            root = etree.fromstring(xml, _parser())
        except etree.XMLSyntaxError as error:
            raise CibError(f"the CIB in {origin} is not well-formed XML: {error.msg}") from None
        if root.getroottree().docinfo.doctype:
            # Some releases of Pacemaker's tools crash on a document type.
            raise CibError(f"the CIB in {origin} declares a document type, which no CIB should have")
        if root.tag != "cib":
            raise CibError(f"{origin} contains <{root.tag}>, not a CIB; the root element should be <cib>")
        if root.find(CONFIGURATION) is None:
            raise CibError(f"the CIB in {origin} has no <configuration>")
        cib = cls(root)
        try:
            _ = cib.version
        except ValueError:
            raise CibError(
                f"the CIB in {origin} has no version: admin_epoch, epoch and num_updates should be numbers"
            ) from None
        return cib

    @cached_property
    def version(self) -> Version:
        return Version(*(int(self.root.get(name, "0")) for name in Version._fields))

    @property
    def configuration(self) -> etree._Element:
        return self.root.find(CONFIGURATION)

    @property
    def status(self) -> etree._Element:
        """Return the status section; create an empty one if there is none."""
        found = self.root.find("status")
        return etree.SubElement(self.root, "status") if found is None else found

    @cached_property
    def by_id(self) -> dict[str, etree._Element]:
        """Return the elements of the configuration by id, without mere references to ids."""
        found = self.configuration.xpath(".//*[@id]")
        return {e.get("id"): e for e in found if e.tag not in ("obj_ref", "resource_ref")}

    @property
    def has_quorum(self) -> bool:
        return self.root.get("have-quorum", "1") in ("1", "true")

    @property
    def schema(self) -> str:
        """Return the name of the CIB's schema, for example ``pacemaker-3.9``."""
        return self.root.get("validate-with", "")

    def section(self, tag: str) -> etree._Element | None:
        """Return the section ``tag`` of the configuration, None if there is none."""
        return self.configuration.find(tag)

    def node_names(self) -> list[str]:
        """Return the names of the cluster's nodes, in the order of the configuration."""
        return [n.get("uname") for n in self.configuration.iterfind("nodes/node") if n.get("uname")]

    def copy(self) -> Cib:
        """Return an independent copy, to plan a change on."""
        return Cib(copy.deepcopy(self.root))

    def to_xml(self) -> bytes:
        return etree.tostring(self.root)


def _parser() -> etree.XMLParser:
    # An external entity must not make the parser read another file.
    return etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True, huge_tree=True)
