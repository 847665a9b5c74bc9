"""Small clusters in memory, with the XML of what runs in them."""

from __future__ import annotations

from lxml import etree

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.scheduler import simulated_cluster

NODES = ("ctl1", "ctl2", "ctl3")
NO_FENCING = {"stonith-enabled": "false"}


def cluster(resources: str = "", constraints: str = "", **properties: str) -> bytes:
    """A fresh sandbox with that configuration; fencing is off unless said otherwise."""
    root = etree.fromstring(simulated_cluster.new_cib(NODES, timeout=30))
    return configure(root, resources, constraints, {"stonith-enabled": "false", **properties})


def configure(root: etree._Element, resources: str, constraints: str, properties: dict[str, str]) -> bytes:
    """The CIB with another configuration, as a transaction would leave it: the status stays."""
    options = root.find("configuration/crm_config/cluster_property_set")
    for pair in options.xpath("nvpair[starts-with(@id, 'given-')]"):
        options.remove(pair)
    for name, value in properties.items():
        etree.SubElement(options, "nvpair", id=f"given-{name}", name=name, value=value)
    for section, content in (("resources", resources), ("constraints", constraints)):
        old = root.find(f"configuration/{section}")
        root.find("configuration").replace(old, etree.fromstring(f"<{section}>{content}</{section}>"))
    root.set("epoch", str(int(root.get("epoch")) + 1))
    return etree.tostring(root)


def parsed(cib_xml: bytes) -> Cib:
    return Cib.parse(cib_xml, "the test's CIB")


def primitive(name: str, agent: str = "Dummy", interval: str = "30s", param: str = "a") -> str:
    return (
        f'<primitive id="{name}" class="ocf" provider="pacemaker" type="{agent}">'
        f'<instance_attributes id="{name}-ia">'
        f'<nvpair id="{name}-ia-fake" name="fake" value="{param}"/></instance_attributes>'
        f'<operations><op id="{name}-m" name="monitor" interval="{interval}"/></operations>'
        "</primitive>"
    )


def clone(name: str, content: str, **meta: str) -> str:
    pairs = "".join(
        f'<nvpair id="{name}-meta-{k}" name="{k.replace("_", "-")}" value="{v}"/>' for k, v in meta.items()
    )
    return (
        f'<clone id="{name}-clone"><meta_attributes id="{name}-meta">{pairs}</meta_attributes>'
        f"{content}</clone>"
    )


def settled(resources: str = "", constraints: str = "", **properties: str) -> bytes:
    """The same, after the cluster has started what it can."""
    return simulated_cluster.settle(cluster(resources, constraints, **properties), timeout=60).cib_xml


def changed(cib_xml: bytes, resources: str, constraints: str = "") -> bytes:
    """A running cluster with another configuration that has not been acted on."""
    return configure(etree.fromstring(cib_xml), resources, constraints, NO_FENCING)


def with_node_attribute(cib_xml: bytes, node: str, name: str, value: str) -> bytes:
    """The cluster after an operator set a node attribute, for example ``standby``."""
    root = etree.fromstring(cib_xml)
    element = root.find(f"configuration/nodes/node[@uname='{node}']")
    attributes = etree.SubElement(element, "instance_attributes", id=f"nodes-{node}")
    etree.SubElement(attributes, "nvpair", id=f"nodes-{node}-{name}", name=name, value=value)
    return etree.tostring(root)


def fencing(hosts: str = "") -> str:
    """A fencing device, for some hosts or for those that it finds itself."""
    listed = f'<nvpair id="fence-hosts" name="pcmk_host_list" value="{hosts}"/>' if hosts else ""
    return (
        '<primitive id="fence" class="stonith" type="fence_x">'
        f'<instance_attributes id="fence-ia">{listed}</instance_attributes></primitive>'
    )
