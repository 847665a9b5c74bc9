"""What the engine writes is, object by object and ids included, what pcs writes for the same intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.site import parse_site
from saltext_cinder_ha.topology import declaration_of
from tests.canonical import configuration, objects
from tests.sandboxes import Sandbox, new_sandbox

GUIDE = """
resource create openstack-cinder-api systemd:openstack-cinder-api clone interleave=true --force
resource create openstack-cinder-scheduler systemd:openstack-cinder-scheduler clone interleave=true --force
resource create openstack-cinder-volume systemd:openstack-cinder-volume --force
constraint order start openstack-cinder-api-clone then openstack-cinder-scheduler-clone
constraint colocation add openstack-cinder-scheduler-clone with openstack-cinder-api-clone
constraint order start openstack-cinder-scheduler-clone then openstack-cinder-volume
constraint colocation add openstack-cinder-volume with openstack-cinder-scheduler-clone
constraint order start openstack-keystone-clone then openstack-cinder-api-clone
"""
KEYSTONE = "resource create openstack-keystone systemd:openstack-keystone clone interleave=true --force"

DUMMY = "ocf:pacemaker:Dummy"
MONITOR = "op monitor interval=60s --no-default-ops"
# Its default operations are those that pcs reads from the agent's metadata.
DUMMY_OPERATIONS = [
    {"name": "migrate_from", "interval": "0s", "timeout": "20s"},
    {"name": "migrate_to", "interval": "0s", "timeout": "20s"},
    {"name": "monitor", "interval": "10s", "timeout": "20s"},
    {"name": "reload", "interval": "0s", "timeout": "20s"},
    {"name": "reload-agent", "interval": "0s", "timeout": "20s"},
    {"name": "start", "interval": "0s", "timeout": "20s"},
    {"name": "stop", "interval": "0s", "timeout": "20s"},
]


def dummies(*names: str) -> dict[str, Any]:
    return {name: {"agent": DUMMY} for name in names}


def bare(*names: str) -> list[str]:
    return [f"resource create {name} {DUMMY} {MONITOR}" for name in names]


ABC = {"resources": {**dummies("a", "b"), "c": {"agent": DUMMY, "clone": {}}}}
ORDER = {"first": "a", "then": "b"}
COLOCATION = {"resource": "a", "with": "b"}

CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a primitive with everything": (
        {
            "resources": {
                "a": {
                    "agent": DUMMY,
                    "params": {"fake": "x y", "op_sleep": 3},
                    "meta": {"resource-stickiness": 100, "migration-threshold": 3},
                    "operations": [
                        *DUMMY_OPERATIONS[:2],
                        {"name": "monitor", "interval": "30s", "timeout": "15s", "on-fail": "restart"},
                        *DUMMY_OPERATIONS[3:],
                    ],
                }
            }
        },
        [
            f"resource create a {DUMMY} fake='x y' op_sleep=3 op monitor interval=30s timeout=15s"
            " on-fail=restart meta resource-stickiness=100 migration-threshold=3"
        ],
    ),
    "default operations by metadata": (
        {"resources": {"a": {"agent": DUMMY, "operations": DUMMY_OPERATIONS}}},
        [f"resource create a {DUMMY}"],
    ),
    "no operations given": ({"resources": dummies("a")}, bare("a")),
    "an operation with a parameter": (
        {
            "resources": {
                "a": {
                    "agent": DUMMY,
                    "operations": [
                        {"name": "monitor", "interval": "20s", "params": {"OCF_CHECK_LEVEL": 10}}
                    ],
                }
            }
        },
        [f"resource create a {DUMMY} op monitor interval=20s OCF_CHECK_LEVEL=10 --no-default-ops"],
    ),
    "utilization": (
        {"resources": {"a": {"agent": DUMMY, "utilization": {"cpu": 2, "memory": 512}}}},
        [*bare("a"), "resource utilization a cpu=2 memory=512"],
    ),
    "a systemd unit that is not installed": (
        {"resources": {"a": {"agent": "systemd:not-there"}}},
        ["resource create a systemd:not-there --force"],
    ),
    "a clone with options": (
        {
            "resources": {
                "a": {"agent": DUMMY, "clone": {"meta": {"interleave": True, "clone-max": 2}}}
            }
        },
        [f"resource create a {DUMMY} {MONITOR} clone interleave=true clone-max=2"],
    ),
    "a clone with an id": (
        {"resources": {"a": {"agent": DUMMY, "clone": {"id": "mine", "meta": {"notify": True}}}}},
        [f"resource create a {DUMMY} {MONITOR} clone mine notify=true"],
    ),
    "a promotable clone": (
        {"resources": {"a": {"agent": "ocf:pacemaker:Stateful", "clone": {"promotable": True}}}},
        [
            "resource create a ocf:pacemaker:Stateful op monitor interval=60s --no-default-ops promotable"
        ],
    ),
    "a group": (
        {"resources": {**dummies("a", "b"), "g": {"group": ["a", "b"]}}},
        [*bare("a", "b"), "resource group add g a b"],
    ),
    "a group with options": (
        {"resources": {**dummies("a", "b"), "g": {"group": ["a", "b"], "meta": {"ordered": "false"}}}},
        [*bare("a", "b"), "resource group add g a b", "resource meta g ordered=false"],
    ),
    "a cloned group": (
        {
            "resources": {
                **dummies("a", "b"),
                "g": {"group": ["a", "b"], "clone": {"meta": {"interleave": True}}},
            }
        },
        [*bare("a", "b"), "resource group add g a b", "resource clone g interleave=true"],
    ),
    "a fencing device": (
        {
            "resources": {
                "f": {
                    "agent": "stonith:fence_ipmilan",
                    "params": {"ip": "10.0.0.1", "username": "u", "password": "p"},
                }
            }
        },
        ["stonith create f fence_ipmilan ip=10.0.0.1 username=u password=p --force"],
    ),
    "fencing levels": (
        {
            "resources": {n: {"agent": "stonith:fence_x"} for n in ("f1", "f2")},
            "fencing_levels": [
                {"target": "ctl1", "level": 1, "devices": ["f1"]},
                {"target": "ctl1", "level": 2, "devices": ["f1", "f2"]},
                {"target_pattern": "ctl[2-3]", "level": 1, "devices": ["f2"]},
                {
                    "target_attribute": "rack",
                    "target_value": "1",
                    "level": 3,
                    "devices": ["f1"],
                },
            ],
        },
        [
            "stonith create f1 fence_x --force",
            "stonith create f2 fence_x --force",
            "stonith level add 1 ctl1 f1",
            "stonith level add 2 ctl1 f1 f2",
            "stonith level add 1 'regexp%ctl[2-3]' f2",
            "stonith level add 3 attrib%rack=1 f1",
        ],
    ),
    "properties": (
        {"properties": {"batch-limit": 10, "cluster-recheck-interval": "5min"}},
        ["property set batch-limit=10 cluster-recheck-interval=5min"],
    ),
    "resource defaults": (
        {"resource_defaults": {"resource-stickiness": 100, "migration-threshold": 5}},
        ["resource defaults update resource-stickiness=100 migration-threshold=5"],
    ),
    "operation defaults": (
        {"operation_defaults": {"timeout": "60s"}},
        ["resource op defaults update timeout=60s"],
    ),
}

CONSTRAINTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an order": ({"constraints": [{"order": ORDER), [*ABC, "constraint order a then b"]),
    "an order of clones and actions": (
        constraint(
            order={"first": "c-clone", "then": "a", "first_action": "start", "then_action": "stop"}
        ),
        [*ABC, "constraint order start c-clone then stop a"],
    ),
    "an optional order": (
        {"constraints": [{"order": {**ORDER, "kind": "Optional"}),
        [*ABC, "constraint order a then b kind=Optional"],
    ),
    "a serialized order": (
        {"constraints": [{"order": {**ORDER, "kind": "Serialize", "symmetrical": False}),
        [*ABC, "constraint order a then b kind=Serialize symmetrical=false"],
    ),
    "a mandatory order, said so": (
        {"constraints": [{"order": {**ORDER, "kind": "Mandatory"}),
        [*ABC, "constraint order a then b kind=Mandatory"],
    ),
    "a colocation": (
        {"constraints": [{"colocation": {**COLOCATION, "score": "INFINITY"}),
        [*ABC, "constraint colocation add a with b INFINITY"],
    ),
    "a colocation without a score": (
        {"constraints": [{"colocation": COLOCATION),
        [*ABC, "constraint colocation add a with b"],
    ),
    "a colocation with a score": (
        {"constraints": [{"colocation": {**COLOCATION, "score": -50}),
        [*ABC, "constraint colocation add a with b -- -50"],
    ),
    "a colocation with a role": (
        {"constraints": [{"colocation": {"resource": "a", "with": "c-clone", "with_role": "Promoted"}),
        [*ABC, "constraint colocation add a with Promoted c-clone"],
    ),
    "a location": (
        {"constraints": [{"location": {"resource": "a", "node": "ctl1"}),
        [*ABC, "constraint location a prefers ctl1"],
    ),
    "a location with a score": (
        {"constraints": [{"location": {"resource": "a", "node": "ctl1", "score": 100}),
        [*ABC, "constraint location a prefers ctl1=100"],
    ),
    "a location to avoid": (
        {"constraints": [{"location": {"resource": "a", "node": "ctl1", "score": -50}),
        [*ABC, "constraint location a avoids ctl1=50"],
    ),
    "a location never": (
        {"constraints": [{"location": {"resource": "a", "node": "ctl1", "score": "-INFINITY"}),
        [*ABC, "constraint location a avoids ctl1"],
    ),
    "a location by pattern": (
        {"constraints": [{"location": {"resource_pattern": "a.*", "node": "ctl1", "score": 10}),
        [*ABC, "constraint location 'regexp%a.*' prefers ctl1=10"],
    ),
    "a location by rule": (
        {"constraints": [{"location": {"resource": "a", "rule": "score=50 #uname eq ctl1 or defined foo"}),
        [*ABC, "constraint location a rule score=50 '#uname' eq ctl1 or defined foo"],
    ),
    "a second location by rule": (
        {
            "resources": dummies("a"),
            "constraints": [
                {"location": {"resource": "a", "rule": "score=50 defined x"}},
                {"location": {"resource": "a", "rule": "score=40 defined y"}},
            ],
        },
        [
            *bare("a"),
            "constraint location a rule score=50 defined x",
            "constraint location a rule score=40 defined y",
        ],
    ),
    "an order of sets": (
        constraint(
            order={
                "sets": [
                    {"resources": ["a", "b"], "sequential": False, "require_all": True},
                    {"resources": ["c-clone"], "action": "start"},
                ],
                "kind": "Optional",
            }
        ),
        [
            *ABC,
            "constraint order set a b sequential=false require-all=true set c-clone action=start"
            " setoptions kind=Optional",
        ],
    ),
    "a colocation of sets": (
        constraint(
            colocation={"sets": [["a", "b"], {"resources": ["c-clone"], "role": "Started"}], "score": 20}
        ),
        [
            *ABC,
            "constraint colocation set a b set c-clone role=Started setoptions score=20",
        ],
    ),
    "a colocation of sets without a score": (
        {"constraints": [{"colocation": {"sets": [["a", "b"]]}),
        [*ABC, "constraint colocation set a b"],
    ),
    "a ticket": (
        {"constraints": [{"ticket": {"ticket": "T1", "resource": "a", "loss_policy": "stop"}),
        [*ABC, "constraint ticket add T1 a loss-policy=stop"],
    ),
    "a ticket for a role": (
        {"constraints": [{"ticket": {"ticket": "T1", "resource": "c-clone", "role": "Promoted"}),
        [*ABC, "constraint ticket add T1 Promoted c-clone"],
    ),
    "a ticket of sets": (
        {"constraints": [{"ticket": {"ticket": "T1", "sets": [["a", "b"]], "loss_policy": "freeze"}),
        [*ABC, "constraint ticket set a b setoptions ticket=T1 loss-policy=freeze"],
    ),
}


@pytest.fixture
def ours(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path, "ours.xml")


@pytest.fixture
def theirs(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path, "theirs.xml")


@pytest.mark.parametrize("case", CASES)
def test_the_objects_are_those_of_pcs_ids_included(
    ours: Sandbox, theirs: Sandbox, case: str
) -> None:
    declaration, lines = CASES[case]
    ours.apply(declaration)
    for line in lines:
        theirs.pcs(line)
    assert objects(ours.read()) == objects(theirs.read())
    assert configuration(ours.read()) == configuration(theirs.read())


@pytest.mark.parametrize("case", CASES)
def test_what_pcs_wrote_is_as_declared(theirs: Sandbox, case: str) -> None:
    declaration, lines = CASES[case]
    for line in lines:
        theirs.pcs(line)
    assert not theirs.propose(declaration, document=None).plan


def test_mode_systemd_is_what_the_guides_commands_make(ours: Sandbox, theirs: Sandbox) -> None:
    pillar = {"mode": "systemd", "cluster": {"start_after": ["openstack-keystone-clone"]}}
    declaration = declaration_of(parse_site({"cinder_ha": pillar}), os_family="RedHat")
    ours.pcs(KEYSTONE)
    ours.apply(declaration, "cinder_ha")
    for line in (KEYSTONE, *GUIDE.strip().splitlines()):
        theirs.pcs(line)
    assert objects(ours.read()) == objects(theirs.read())
    assert configuration(ours.read()) == configuration(theirs.read())
    assert not theirs.propose(declaration, document=None).plan
