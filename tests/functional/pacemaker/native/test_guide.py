"""The HA guide's own command blocks, pasted, are the declarations of the two modes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.common.errors import DeclarationError
from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.pacemaker.cib.document import Cib
from saltext_cinder_ha.pacemaker.native.cache import Cache
from saltext_cinder_ha.pacemaker.native.compile import Compiled, compile_text
from saltext_cinder_ha.site import parse_site
from tests.canonical import configuration, objects
from tests.functional.pacemaker.plan.test_like_crm import PILLAR as OCF_PILLAR
from tests.functional.pacemaker.plan.test_like_pcs import KEYSTONE
from tests.planning import dummies
from tests.sandboxes import TIMEOUT, Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

# OpenStack High Availability Guide, "Highly available Block Storage API", both of its blocks of pcs.
PCS_BLOCK = """
pcs resource create openstack-cinder-api systemd:openstack-cinder-api --clone interleave=true
pcs resource create openstack-cinder-scheduler systemd:openstack-cinder-scheduler --clone interleave=true
pcs resource create openstack-cinder-volume systemd:openstack-cinder-volume

pcs constraint order start openstack-cinder-api-clone then openstack-cinder-scheduler-clone
pcs constraint colocation add openstack-cinder-scheduler-clone with openstack-cinder-api-clone
pcs constraint order start openstack-cinder-scheduler-clone then openstack-cinder-volume
pcs constraint colocation add openstack-cinder-volume with openstack-cinder-scheduler-clone

pcs constraint order start openstack-keystone-clone then openstack-cinder-api-clone
"""
# The same chapter's block of crm, its address put back.
CRM_BLOCK = """
primitive p_cinder-api ocf:openstack:cinder-api \\
   params config="/etc/cinder/cinder.conf" \\
   os_password="secretsecret" \\
   os_username="admin" \\
   os_tenant_name="admin" \\
   keystone_get_token_url="http://10.0.0.11:5000/v2.0/tokens" \\
   op monitor interval="30s" timeout="30s"
"""
# The older guide's blocks, includes/pacemaker-*.crm; of the group, the members that are about Cinder.
OLD_CRM_BLOCKS = """
primitive p_cinder-api ocf:openstack:cinder-api \\
    params config="/etc/cinder/cinder.conf" os_password="secrete" os_username="admin" \\
    os_tenant_name="admin" keystone_get_token_url="http://192.168.42.103:5000/v2.0/tokens" \\
    op monitor interval="30s" timeout="30s"
primitive p_api-ip ocf:heartbeat:IPaddr2 \\
    params ip="192.168.42.103" cidr_netmask="24" op monitor interval="30s"
group g_services_api p_api-ip p_cinder-api
"""
OLD_GROUP = (
    "group g_services_api p_api-ip p_keystone p_glance-api p_cinder-api p_neutron-server p_glance-registry "
    "p_ceilometer-agent-central"
)
OLD_PROPERTIES = (
    'property no-quorum-policy="ignore" pe-warn-series-max="1000" pe-input-series-max="1000" '
    'pe-error-series-max="1000" cluster-recheck-interval="5min"'
)
NEIGHBOURS = (
    "p_keystone",
    "p_glance-api",
    "p_neutron-server",
    "p_glance-registry",
    "p_ceilometer-agent-central",
)
VIP_BLOCK = """
primitive p_api-ip ocf:heartbeat:IPaddr2 params ip="10.0.0.11" cidr_netmask="24" op monitor interval="30s"
group g_services_api p_api-ip p_cinder-api
"""
OLD_PILLAR = {
    "mode": "ocf",
    "vips": {"internal": {"ip": "192.168.42.103", "cidr_netmask": 24}},
    "identity": {
        "auth_url": "http://192.168.42.103:5000/v3",
        "www_authenticate_uri": "http://192.168.42.103:5000/",
        "username": "admin",
        "password": "secrete",
        "project_name": "admin",
    },
}
SYSTEMD_PILLAR = {"mode": "systemd", "cluster": {"start_after": ["openstack-keystone-clone"]}}


@pytest.fixture
def ours(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path, "ours.xml")


@pytest.fixture
def pasted(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path, "pasted.xml")


def compiled(program: str, text: str, live: Cib, cache: Cache | None = None) -> Compiled:
    return compile_text(program, text, live, path="text", timeout=TIMEOUT, cache=cache)


def declared(pillar: dict[str, Any]) -> dict[str, Any]:
    return declaration_of(parse_site({"cinder_ha": pillar}), os_family="RedHat")


def assert_alike(ours: Sandbox, pasted: Sandbox, pillar: dict[str, Any], program: str, text: str) -> None:
    declaration = declared(pillar)
    cache = Cache(pasted.path.parent / "cache")
    found = compiled(program, text, pasted.read(), cache)
    ours.apply(declaration)
    pasted.apply(found.declaration)
    assert objects(ours.read()) == objects(pasted.read())
    assert configuration(ours.read()) == configuration(pasted.read())
    assert not pasted.propose(declaration, document=None).plan
    again = compiled(program, text, pasted.read(), cache)
    assert again == found
    # The tool would have been given the same once more, so it was not.
    assert len(list((pasted.path.parent / "cache").iterdir())) == 1
    assert not pasted.propose(again.declaration).plan


def test_the_pcs_block_is_mode_systemd(ours: Sandbox, pasted: Sandbox) -> None:
    for sandbox in (ours, pasted):
        sandbox.apply(KEYSTONE, document=None)
    assert_alike(ours, pasted, SYSTEMD_PILLAR, "pcs", PCS_BLOCK)


def test_the_crm_block_with_its_address_is_mode_ocf(ours: Sandbox, pasted: Sandbox) -> None:
    assert_alike(ours, pasted, OCF_PILLAR, "crm", CRM_BLOCK + VIP_BLOCK)


def test_the_old_crm_blocks_are_mode_ocf(ours: Sandbox, pasted: Sandbox) -> None:
    assert_alike(ours, pasted, OLD_PILLAR, "crm", OLD_CRM_BLOCKS)


def test_the_old_properties_are_taken(pasted: Sandbox) -> None:
    found = compiled("crm", OLD_PROPERTIES, pasted.read()).declaration
    assert found == {
        "properties": {
            "no-quorum-policy": "ignore",
            "pe-warn-series-max": "1000",
            "pe-input-series-max": "1000",
            "pe-error-series-max": "1000",
            "cluster-recheck-interval": "5min",
        }
    }
    pasted.apply(found)
    assert not pasted.propose(found).plan


def test_the_old_group_takes_the_neighbours_that_live_in_the_cluster(ours: Sandbox, pasted: Sandbox) -> None:
    text = OLD_CRM_BLOCKS.replace("group g_services_api p_api-ip p_cinder-api", OLD_GROUP)
    declaration = declared(OLD_PILLAR)
    declaration["resources"]["g_services_api"] = {"group": OLD_GROUP.split()[2:], "meta": {}}
    for sandbox in (ours, pasted):
        sandbox.apply({"resources": dummies(*NEIGHBOURS)}, document=None)
    ours.apply(declaration)
    pasted.apply(compiled("crm", text, pasted.read()).declaration)
    assert configuration(ours.read()) == configuration(pasted.read())
    assert not pasted.propose(compiled("crm", text, pasted.read()).declaration).plan


def test_the_old_group_without_its_neighbours_is_one_sentence(pasted: Sandbox) -> None:
    text = OLD_CRM_BLOCKS.replace("group g_services_api p_api-ip p_cinder-api", OLD_GROUP)
    with pytest.raises(DeclarationError) as caught:
        compiled("crm", text, pasted.read())
    assert str(caught.value) == (
        "line 8: 'g_services_api' refers to objects that are neither in the text nor in the cluster: "
        "p_keystone, "
        "p_glance-api, p_neutron-server, p_glance-registry, p_ceilometer-agent-central"
    )


def test_the_crm_block_alone_is_the_service_of_mode_ocf(pasted: Sandbox) -> None:
    (body,) = compiled("crm", CRM_BLOCK, pasted.read()).declaration["resources"].values()
    assert {**body, "meta": None} == {**declared(OCF_PILLAR)["resources"]["p_cinder-api"], "meta": None}


def test_the_line_about_the_address_is_taken_with_its_old_word(pasted: Sandbox) -> None:
    line = (
        'pcs resource create vip ocf:heartbeat:IPaddr2 params ip="10.0.0.11" cidr_netmask="24" '
        'op monitor interval="30s"'
    )
    found = compiled("pcs", line, pasted.read())
    assert found.declaration["resources"]["vip"]["params"] == {"ip": "10.0.0.11", "cidr_netmask": "24"}
    assert found.notes == (
        "line 1: the word params before an agent's parameters is deprecated; pcs 0.10 and later use none",
    )
