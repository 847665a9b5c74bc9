"""A cluster that was built by hand, by the operators' own tools, becomes a pillar that leaves it as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.deploy.adoption import Adoption, adopt
from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.pacemaker.cluster import Cluster
from saltext_cinder_ha.pacemaker.settings import Settings
from saltext_cinder_ha.site import parse_site

from ...sandboxes import Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

FAMILY = "RedHat"
# OpenStack High Availability Guide, "Highly available Block Storage API", with the names left open.
PCS = """\
resource create {api} systemd:openstack-cinder-api clone interleave=true --force
resource create {scheduler} systemd:openstack-cinder-scheduler clone interleave=true --force
resource create {volume} systemd:openstack-cinder-volume --force
constraint order start {api}-clone then {scheduler}-clone
constraint colocation add {scheduler}-clone with {api}-clone
constraint order start {scheduler}-clone then {volume}
constraint colocation add {volume} with {scheduler}-clone
"""
KEYSTONE = """\
resource create openstack-keystone systemd:openstack-keystone clone interleave=true --force
constraint order start openstack-keystone-clone then {api}-clone
"""
CRM = """\
primitive {api} ocf:openstack:cinder-api \\
  params config="/etc/cinder/cinder.conf" os_password="secretsecret" os_username="admin" \\
  os_tenant_name="admin" keystone_get_token_url="http://10.0.0.11:5000/v2.0/tokens" \\
  op monitor interval="30s" timeout="30s"
primitive {address} ocf:heartbeat:IPaddr2 params ip="10.0.0.11" cidr_netmask="24" op monitor interval="30s"
group {group} {address} {api}
"""
GUIDE = {name: f"openstack-cinder-{name}" for name in ("api", "scheduler", "volume")}
OTHER = {"api": "c-api", "scheduler": "sched", "volume": "disks"}


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path)


@pytest.fixture(scope="module")
def guide_cluster(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What pcs makes of the guide's lines, made once: each start of pcs takes half a second."""
    sandbox = new_sandbox(tmp_path_factory.mktemp("guide"))
    build_by_pcs(sandbox, PCS + KEYSTONE, GUIDE)
    return sandbox.path.read_bytes()


@pytest.fixture
def adopted(sandbox: Sandbox) -> Callable[[], Adoption]:
    """Adopt the sandbox."""
    return lambda: adopt(cluster_of(sandbox), os_family=FAMILY, writer="ctl1")


def cluster_of(sandbox: Sandbox) -> Cluster:
    return Cluster(Settings(cib_file=str(sandbox.path), validate="false"))


def build_by_pcs(sandbox: Sandbox, lines: str, names: dict[str, str]) -> None:
    for line in lines.format(**names).splitlines():
        sandbox.pcs(line)


def what_applying_changes(sandbox: Sandbox, pillar: dict[str, Any]) -> dict[str, Any]:
    declaration = declaration_of(parse_site({"cinder_ha": pillar}), os_family=FAMILY)
    plan = cluster_of(sandbox).plan(declaration, document="cinder_ha", writer="ctl1")
    return {section: found for section, found in plan.to_dict().items() if section != "owned"}


def test_cluster_of_the_guides_pcs_lines_needs_next_to_no_pillar(
    sandbox: Sandbox, adopted: Callable[[], Adoption], guide_cluster: bytes
) -> None:
    sandbox.path.write_bytes(guide_cluster)
    found = adopted()
    assert found.pillar == {
        "mode": "systemd",
        "cluster": {"start_after": ["openstack-keystone-clone"]},
    }
    assert (found.differences, found.refusal, found.notes) == ({}, None, ())
    assert what_applying_changes(sandbox, found.pillar) == {}


def test_other_names_operations_and_metas_are_in_the_pillar(
    sandbox: Sandbox, adopted: Callable[[], Adoption]
) -> None:
    build_by_pcs(sandbox, PCS, OTHER)
    sandbox.pcs("resource create front ocf:heartbeat:IPaddr2 ip=10.0.0.5 cidr_netmask=24")
    sandbox.pcs("resource create elsewhere ocf:heartbeat:IPaddr2 ip=10.0.0.6 cidr_netmask=24")
    sandbox.pcs("constraint colocation add front with c-api-clone")
    sandbox.pcs("resource update disks meta migration-threshold=3 --force")
    sandbox.pcs("resource update sched op monitor interval=17s --force")
    sandbox.pcs("resource create keeper systemd:openstack-cinder-backup --force")
    found = adopted()
    services = found.pillar["cluster"]["services"]
    assert {name: services[name]["id"] for name in OTHER} == OTHER
    assert services["volume"]["meta"] == {"migration-threshold": "3"}
    assert services["scheduler"]["operations"] == [{"name": "monitor", "interval": "17s"}]
    assert services["backup"] == {"enabled": True, "id": "keeper"}
    assert found.pillar["vips"] == {"internal": {"resource": "front"}}
    assert found.notes == (
        "the address elsewhere is not recognised as one of Cinder's; it is left unchanged",
    )
    # The formula's own order between scheduler and backup is all that a hand-built cluster lacks.
    assert set(found.differences) == {"constraints"}
    assert what_applying_changes(sandbox, found.pillar)["constraints"] == found.differences["constraints"]


def test_tags_of_what_is_cinders_come_along(
    sandbox: Sandbox, adopted: Callable[[], Adoption], guide_cluster: bytes
) -> None:
    sandbox.path.write_bytes(guide_cluster)
    sandbox.pcs("tag create storage openstack-cinder-api-clone openstack-cinder-volume")
    sandbox.pcs("tag create night openstack-keystone openstack-cinder-volume")
    sandbox.pcs("tag create others openstack-keystone")
    found = adopted()
    assert found.pillar["cluster"]["extra"] == {
        "tags": {"storage": ["openstack-cinder-api-clone", "openstack-cinder-volume"]}
    }
    assert found.notes == ("the tag night is also on openstack-keystone; it is left unchanged",)
    assert (found.differences, found.refusal) == ({}, None)
    assert what_applying_changes(sandbox, found.pillar) == {}


@pytest.mark.parametrize(
    ("api", "address", "group"),
    [("p_cinder-api", "p_api-ip", "g_services_api"), ("blocks", "front", "storage")],
)
def test_cluster_of_the_guides_crm_lines_is_adopted_with_its_credentials(
    sandbox: Sandbox, adopted: Callable[[], Adoption], api: str, address: str, group: str
) -> None:
    sandbox.crm_configure(CRM.format(api=api, address=address, group=group))
    found = adopted()
    assert found.pillar["mode"] == "ocf"
    (vip,) = found.pillar["vips"].values()
    assert (vip["ip"], vip.get("id", "p_api-ip")) == ("10.0.0.11", address)
    assert found.pillar.get("cluster", {}).get("group", "g_services_api") == group
    assert found.pillar["identity"]["password"] == "secretsecret"
    assert (found.differences, found.refusal, found.notes) == ({}, None, ())
    assert what_applying_changes(sandbox, found.pillar) == {}
    assert "secretsecret" not in repr(found)
    assert "secretsecret" not in str(found.masked_pillar)
    assert found.masked_pillar["mode"] == "ocf"


def test_what_the_pillar_cannot_express_is_said(
    sandbox: Sandbox, adopted: Callable[[], Adoption], guide_cluster: bytes
) -> None:
    sandbox.path.write_bytes(guide_cluster)
    sandbox.pcs("resource meta openstack-cinder-api-clone interleave=false")
    found = adopted()
    (difference,) = found.differences["resources"].values()
    assert difference == {"old": {"meta.interleave": "false"}, "new": {"meta.interleave": "true"}}


def test_services_of_other_agents_and_second_ones_are_recognised(
    sandbox: Sandbox, adopted: Callable[[], Adoption]
) -> None:
    resources: dict[str, Any] = {
        "one": {"agent": "lsb:cinder-volume", "operations": [{"name": "monitor", "interval": "60s"}]},
        "two": {"agent": "systemd:cinder-volume"},
        "web": {"agent": "systemd:httpd"},
    }
    sandbox.apply({"resources": resources})
    found = adopted()
    assert found.pillar["cluster"]["services"] == {
        "api": {"enabled": False},
        "scheduler": {"enabled": False},
        "volume": {"id": "one", "agent": "lsb:cinder-volume"},
    }
    assert found.differences == {}
    assert found.notes == ("two also runs cinder-volume, like one; it is left unchanged",)


def test_cluster_without_cinder_is_one_sentence(adopted: Callable[[], Adoption]) -> None:
    with pytest.raises(DeclarationError, match="runs none of Cinder's services"):
        adopted()
