"""What the engine writes is, ids included, what ``crm configure`` makes of the guide's text."""

from __future__ import annotations

from pathlib import Path

import pytest

from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.site import parse_site
from tests.canonical import configuration, objects
from tests.sandboxes import new_sandbox

pytestmark = pytest.mark.one_salt

GUIDE = """
primitive p_cinder-api ocf:openstack:cinder-api \\
  params config="/etc/cinder/cinder.conf" os_password="secretsecret" os_username="admin" \\
  os_tenant_name="admin" keystone_get_token_url="http://10.0.0.11:5000/v2.0/tokens" \\
  op monitor interval="30s" timeout="30s"
primitive p_api-ip ocf:heartbeat:IPaddr2 \\
  params ip="10.0.0.11" cidr_netmask="24" op monitor interval="30s"
group g_services_api p_api-ip p_cinder-api
"""
PILLAR = {
    "mode": "ocf",
    "vips": {"internal": {"ip": "10.0.0.11", "cidr_netmask": 24}},
    "identity": {
        "auth_url": "http://10.0.0.11:5000/v3",
        "www_authenticate_uri": "http://10.0.0.11:5000/",
        "username": "admin",
        "password": "secretsecret",
        "project_name": "admin",
    },
}

MONITOR = [{"name": "monitor", "interval": "60s"}]
TAGS = """
primitive a ocf:pacemaker:Dummy op monitor interval="60s"
primitive b ocf:pacemaker:Dummy op monitor interval="60s"
tag both: a b
location both-on-ctl1 both 50: ctl1
"""
TAGGED = {
    "resources": {name: {"agent": "ocf:pacemaker:Dummy", "operations": MONITOR} for name in ("a", "b")},
    "tags": {"both": ["a", "b"]},
    "constraints": [
        {"location": {"id": "both-on-ctl1", "resource": "both", "node": "ctl1", "score": 50}},
    ],
}


def test_tags_and_constraints_on_them_are_those_of_crm(tmp_path: Path) -> None:
    ours, theirs = new_sandbox(tmp_path, "ours.xml"), new_sandbox(tmp_path, "theirs.xml")
    ours.apply(TAGGED)
    theirs.crm_configure(TAGS)
    assert configuration(ours.read(), generated_ids=False) == configuration(
        theirs.read(), generated_ids=False
    )
    assert not theirs.propose(TAGGED, document=None).plan


def test_mode_ocf_is_what_the_guides_text_makes(tmp_path: Path) -> None:
    declaration = declaration_of(parse_site({"cinder_ha": PILLAR}), os_family="Debian")
    ours, theirs = new_sandbox(tmp_path, "ours.xml"), new_sandbox(tmp_path, "theirs.xml")
    ours.apply(declaration, "cinder_ha")
    theirs.crm_configure(GUIDE)
    assert objects(ours.read()) == objects(theirs.read())
    assert configuration(ours.read()) == configuration(theirs.read())
    assert not theirs.propose(declaration, document=None).plan
