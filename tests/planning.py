"""CIBs and declarations for the tests of the planner, without any program."""

from __future__ import annotations

from typing import Any

from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.plan.model import Plan
from saltext_cinder_ha.pacemaker.plan.planner import make_plan

DOCUMENT = "doc"
DUMMY = "ocf:pacemaker:Dummy"


def cib(
    resources: str = "",
    constraints: str = "",
    *,
    crm_config: str = "",
    more: str = "",
    schema: str = "pacemaker-3.9",
) -> Cib:
    """A CIB of three nodes with that content."""
    nodes = "".join(f'<node id="{n}" uname="ctl{n}"/>' for n in (1, 2, 3))
    xml = (
        f'<cib validate-with="{schema}" admin_epoch="0" epoch="5" num_updates="3"><configuration>'
        f"<crm_config>{crm_config}</crm_config><nodes>{nodes}</nodes>"
        f"<resources>{resources}</resources><constraints>{constraints}</constraints>{more}"
        "</configuration><status/></cib>"
    )
    return Cib.parse(xml.encode(), "the test")


def plan(
    declaration: dict[str, Any], snapshot: Cib, document: str | None = DOCUMENT, writer: str = "w"
) -> Plan:
    return make_plan(parse_declaration(declaration), snapshot, document=document, writer=writer)


def applied(
    declaration: dict[str, Any], snapshot: Cib, document: str | None = DOCUMENT, writer: str = "w"
) -> Cib:
    """What the snapshot becomes, as the cluster would hold it."""
    xml = plan(declaration, snapshot, document, writer).target.to_xml()
    return Cib.parse(xml, "the test")


def dummies(*names: str, **parts: Any) -> dict[str, Any]:
    """Declared resources of the simplest kind, all with the same parts."""
    return {name: {"agent": DUMMY, **parts} for name in names}


def primitive(name: str, content: str = "", agent: str = "Dummy") -> str:
    return f'<primitive id="{name}" class="ocf" provider="pacemaker" type="{agent}">{content}</primitive>'


def pairs(tag: str, set_id: str, **given: str) -> str:
    inner = "".join(
        f'<nvpair id="{set_id}-{name}" name="{name}" value="{value}"/>' for name, value in given.items()
    )
    return f'<{tag} id="{set_id}">{inner}</{tag}>'


def members(snapshot: Cib, group: str) -> list[str]:
    return [m.get("id") for m in snapshot.by_id[group].iterfind("primitive")]
