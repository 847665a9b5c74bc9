"""Corosync and Pacemaker on the controllers: what their files say, and what the tests wait for."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable

from lxml import etree

from . import bmc, network
from .host import wait_until, write
from .image import BASE
from .nodes import Node

UNITS = ("corosync", "pacemaker", "pcsd")

_FORMED_SECONDS = 120.0
_NODE_IDS = {name: number for number, name in enumerate(network.CONTROLLERS, 1)}
_COROSYNC = """\
totem {{
    version: 2
    cluster_name: lab
    transport: knet
    crypto_cipher: aes256
    crypto_hash: sha256
}}
nodelist {{
{nodes}}}
quorum {{
    provider: corosync_votequorum
}}
logging {{
    to_syslog: yes
    timestamp: on
}}
"""
_COROSYNC_NODE = """\
    node {{
        ring0_addr: {address}
        name: {name}
        nodeid: {number}
    }}
"""
_PROPERTIES = {
    "stonith-enabled": "true",
    "no-quorum-policy": "stop",
    # How long the first node waits for others before it elects itself; 20 s in a cluster of real machines.
    "dc-deadtime": "5s",
}
_FENCING = {
    "ip": network.BMC_ADDRESS,
    "ipport": str(bmc.PORT),
    "username": bmc.USER,
    "password": bmc.PASSWORD,
    "ssl_insecure": "1",
    "power_timeout": "20",
}


def provision(machines: Iterable[Node]) -> None:
    """Write the cluster's files for controllers that have never been on."""
    key = secrets.token_bytes(256)
    hacluster, haclient = _owner_of_the_cib()
    for machine in machines:
        root = machine.provision
        write(root / "etc/corosync/corosync.conf", corosync_conf())
        write(root / "etc/corosync/authkey", "")
        (root / "etc/corosync/authkey").write_bytes(key)
        (root / "etc/corosync/authkey").chmod(0o400)
        cib = root / "var/lib/pacemaker/cib/cib.xml"
        write(cib, first_cib(), 0o600)
        for path in (cib, cib.parent, cib.parent.parent):
            os.chown(path, hacluster, haclient)
        cib.parent.chmod(0o750)
        cib.parent.parent.chmod(0o750)


def corosync_conf() -> str:
    """Return the configuration of Corosync: all defaults, the nodes by address."""
    entries = (
        _COROSYNC_NODE.format(address=network.internal_address(name), name=name, number=number)
        for name, number in _NODE_IDS.items()
    )
    return _COROSYNC.format(nodes="".join(entries))


def first_cib() -> str:
    """Return the configuration that every node begins with: the nodes, and a fencing device for each."""
    cib = etree.Element(
        "cib",
        {
            "validate-with": "pacemaker-3.9",
            "admin_epoch": "0",
            "epoch": "1",
            "num_updates": "0",
        },
    )
    configuration = etree.SubElement(cib, "configuration")
    options = etree.SubElement(configuration, "crm_config")
    _set(options, "cluster_property_set", "cib-bootstrap-options", _PROPERTIES)
    listed = etree.SubElement(configuration, "nodes")
    for name, number in _NODE_IDS.items():
        etree.SubElement(listed, "node", id=str(number), uname=name)
    resources = etree.SubElement(configuration, "resources")
    for name in _NODE_IDS:
        resources.append(_fencing_device(name))
    etree.SubElement(configuration, "constraints")
    etree.SubElement(cib, "status")
    return etree.tostring(cib, pretty_print=True).decode()


def _fencing_device(node: str) -> etree._Element:
    name = f"fence-{node}"
    device = etree.Element("primitive", {"id": name, "class": "stonith", "type": "fence_redfish"})
    params = {
        **_FENCING,
        "systems_uri": f"/redfish/v1/Systems/{node}",
        "pcmk_host_list": node,
    }
    _set(device, "instance_attributes", f"{name}-instance_attributes", params)
    operations = etree.SubElement(device, "operations")
    etree.SubElement(operations, "op", id=f"{name}-monitor-interval-60s", name="monitor", interval="60s")
    return device


def _set(parent: etree._Element, tag: str, name: str, pairs: dict[str, str]) -> None:
    element = etree.SubElement(parent, tag, id=name)
    for key, value in pairs.items():
        etree.SubElement(element, "nvpair", id=f"{name}-{key}", name=key, value=value)


def _owner_of_the_cib() -> tuple[int, int]:
    """The numbers of the user and of the group that Pacemaker's daemons have on the image."""
    status = (BASE / "var/lib/pacemaker/cib").stat()
    return status.st_uid, status.st_gid


class View:
    """The cluster as one of its nodes sees it, read by Pacemaker's own tools."""

    def __init__(self, node: Node):
        self.node = node

    def report(self) -> etree._Element | None:
        """What ``crm_mon`` reports; None while the cluster does not answer there."""
        if not self.node.is_on:
            return None
        done = self.node.run("crm_mon", "--one-shot", "--inactive", "--output-as=xml", check=False)
        if done.returncode != 0:
            return None
        return etree.fromstring(done.stdout.encode())

    def online(self) -> set[str]:
        """The nodes that are members and ready."""
        report = self.report()
        if report is None:
            return set()
        found = report.iterfind("nodes/node[@online='true'][@pending='false'][@unclean='false']")
        return {node.get("name", "") for node in found}

    def has_quorum(self) -> bool:
        """Whether the node is in a partition with quorum and a designated controller."""
        report = self.report()
        if report is None:
            return False
        return bool(report.findall("summary/current_dc[@present='true'][@with_quorum='true']"))

    def controller(self) -> str:
        """The name of the designated controller."""
        report = self.report()
        return "" if report is None else str(report.xpath("string(summary/current_dc/@name)"))

    def where(self, resource: str) -> list[str]:
        """The nodes on which a resource is active."""
        report = self.report()
        if report is None:
            return []
        active = report.iterfind(f"resources//resource[@id='{resource}'][@active='true']/node")
        return sorted(node.get("name", "") for node in active)

    def coordinator(self) -> str:
        """The node that decides for all (Pacemaker's DC)."""
        return str(self.query().xpath("string(status/node_state[@id=/cib/@dc-uuid]/@uname)"))

    def query(self) -> etree._Element:
        """The CIB."""
        return etree.fromstring(self.node.run("cibadmin", "--query").stdout.encode())

    def epoch(self) -> int:
        """How many times the configuration was written."""
        return int(self.query().get("epoch", "0"))

    def configuration(self) -> bytes:
        """The configuration, in a form that is equal when it is."""
        return etree.tostring(self.query().find("configuration"), method="c14n")

    def property(self, name: str) -> str:
        """The value of a cluster property, an empty text where it is not set."""
        path = "string(configuration/crm_config/cluster_property_set/nvpair[@name=$name]/@value)"
        return str(self.query().xpath(path, name=name))

    def fencings(self, victim: str) -> int:
        """How many times a node was fenced with success, as far as the cluster remembers."""
        # Without --verbose, several fencings of one node are one.
        done = self.node.run("stonith_admin", "--verbose", "--history", victim, "--output-as=xml")
        events = etree.fromstring(done.stdout.encode()).iter("fence_event")
        return sum(event.get("status") == "success" for event in events)

    def wait_fenced(self, victim: str, times: int) -> None:
        """Wait until a node was fenced so many times."""
        what = f"{victim} is fenced"
        wait_until(lambda: self.fencings(victim) >= times, what, within=_FORMED_SECONDS)

    def wait_moved(self, resource: str, *, away_from: str, within: float = 60) -> None:
        """Wait until a resource runs, and not where it did."""

        def moved() -> bool:
            nodes = self.where(resource)
            return bool(nodes) and away_from not in nodes

        wait_until(moved, f"{resource} runs away from {away_from}", within=within)

    def replace_configuration(self, configuration: bytes) -> None:
        """Put a configuration in the place of the present one, unconditionally, and wait until it rules."""
        command = ["cibadmin", "--replace", "--scope", "configuration", "--xml-pipe"]
        self.node.run(*command, stdin=configuration.decode())
        self.wait_idle()
        self.node.run("crm_resource", "--cleanup", check=False)
        self.wait_idle()

    def wait_online(self, names: Iterable[str] = network.CONTROLLERS) -> None:
        """Wait until exactly these nodes are members, with quorum."""
        wanted = set(names)
        what = f"{', '.join(sorted(wanted))} online with quorum, as {self.node.name} sees it"
        wait_until(lambda: self.online() == wanted and self.has_quorum(), what, within=_FORMED_SECONDS)

    def wait_idle(self, within: float = 60) -> None:
        """Wait until the cluster has nothing left to do."""
        self.node.run("crm_resource", "--wait", f"--timeout={within:.0f}s", timeout=within + 10)

    def wait_active(self, resource: str, *, within: float = 60) -> str:
        """Wait until a resource runs, and return the first of its nodes."""
        return wait_until(lambda: self.where(resource), f"{resource} runs", within=within)[0]
