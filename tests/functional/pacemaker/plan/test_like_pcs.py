"""What the engine writes is, object by object and ids included, what pcs writes for the same intent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from saltext_cinder_ha.deploy.topology import declaration_of
from saltext_cinder_ha.site import parse_site
from tests.canonical import configuration, objects
from tests.sandboxes import Sandbox, new_sandbox

pytestmark = pytest.mark.one_salt

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
KEYSTONE = {
    "resources": {
        "openstack-keystone": {
            "agent": "systemd:openstack-keystone",
            "clone": {"meta": {"interleave": True}},
        }
    }
}

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

OBJECTS: dict[str, tuple[dict[str, Any], list[str]]] = {
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
                    "operations": [{"name": "monitor", "interval": "20s", "params": {"OCF_CHECK_LEVEL": 10}}],
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
        {"resources": {"a": {"agent": DUMMY, "clone": {"meta": {"interleave": True, "clone-max": 2}}}}},
        [f"resource create a {DUMMY} {MONITOR} clone interleave=true clone-max=2"],
    ),
    "a clone with an id": (
        {"resources": {"a": {"agent": DUMMY, "clone": {"id": "mine", "meta": {"notify": True}}}}},
        [f"resource create a {DUMMY} {MONITOR} clone mine notify=true"],
    ),
    "a promotable clone": (
        {"resources": {"a": {"agent": "ocf:pacemaker:Stateful", "clone": {"promotable": True}}}},
        ["resource create a ocf:pacemaker:Stateful op monitor interval=60s --no-default-ops promotable"],
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
    "tags": (
        {"resources": dummies("a", "b"), "tags": {"both": ["b", "a"], "one": ["a"]}},
        [*bare("a", "b"), "tag create both b a", "tag create one a"],
    ),
    "properties": (
        {"properties": {"batch-limit": 10, "dc-deadtime": "5min"}},
        ["property set batch-limit=10 dc-deadtime=5min"],
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

# Pairs of declared constraints and the words after "pcs constraint", over the three resources of ABC.
CONSTRAINTS: dict[str, list[tuple[dict[str, Any], str]]] = {
    "order": [({"order": ORDER}, "order a then b")],
    "order of clones and actions": [
        (
            {"order": {"first": "c-clone", "then": "a", "then_action": "stop"}},
            "order start c-clone then stop a",
        )
    ],
    "optional order": [({"order": {**ORDER, "kind": "Optional"}}, "order a then b kind=Optional")],
    "serialized order": [
        (
            {"order": {**ORDER, "kind": "Serialize", "symmetrical": False}},
            "order a then b kind=Serialize symmetrical=false",
        )
    ],
    "mandatory order": [({"order": {**ORDER, "kind": "Mandatory"}}, "order a then b kind=Mandatory")],
    "two orders between the same resources": [
        ({"order": ORDER}, "order a then b"),
        ({"order": {**ORDER, "first_action": "stop"}}, "order stop a then b"),
    ],
    "colocation": [({"colocation": COLOCATION}, "colocation add a with b")],
    "colocation with a score": [
        ({"colocation": {**COLOCATION, "score": -50}}, "colocation add a with b -50")
    ],
    "colocation with a role": [
        (
            {"colocation": {"resource": "a", "with": "c-clone", "with_role": "Promoted"}},
            "colocation add a with Promoted c-clone",
        )
    ],
    "location": [({"location": {"resource": "a", "node": "ctl1"}}, "location a prefers ctl1")],
    "location with a score": [
        (
            {"location": {"resource": "a", "node": "ctl1", "score": 100}},
            "location a prefers ctl1=100",
        )
    ],
    "location to avoid": [
        (
            {"location": {"resource": "a", "node": "ctl1", "score": -50}},
            "location a avoids ctl1=50",
        )
    ],
    "location never": [
        (
            {"location": {"resource": "a", "node": "ctl1", "score": "-INFINITY"}},
            "location a avoids ctl1",
        )
    ],
    "location by pattern": [
        (
            {"location": {"resource_pattern": "a.*", "node": "ctl1", "score": 10}},
            "location 'regexp%a.*' prefers ctl1=10",
        )
    ],
    "locations by rule": [
        (
            {"location": {"resource": "a", "rule": "score=50 #uname eq ctl1 or defined foo"}},
            "location a rule score=50 '#uname' eq ctl1 or defined foo",
        ),
        (
            {"location": {"resource": "a", "rule": "score=40 defined y"}},
            "location a rule score=40 defined y",
        ),
    ],
    "location with discovery": [
        (
            {"location": {"resource": "a", "rule": "resource-discovery=never defined y"}},
            "location a rule resource-discovery=never defined y",
        )
    ],
    "order of sets": [
        (
            {
                "order": {
                    "sets": [
                        {"resources": ["a", "b"], "sequential": False, "require_all": True},
                        {"resources": ["c-clone"], "action": "start"},
                    ],
                    "kind": "Optional",
                }
            },
            "order set a b sequential=false require-all=true set c-clone action=start"
            " setoptions kind=Optional",
        )
    ],
    "order of sets, nothing else": [({"order": {"sets": [["a", "b"]]}}, "order set a b")],
    "orders of sets that begin alike": [
        ({"order": {"sets": [["a", "b"], ["c-clone"]]}}, "order set a b set c-clone"),
        (
            {"order": {"sets": [["a", "b", "c-clone"]], "symmetrical": False}},
            "order set a b c-clone setoptions symmetrical=false",
        ),
    ],
    "colocation of sets": [
        (
            {
                "colocation": {
                    "sets": [["a", "b"], {"resources": ["c-clone"], "role": "Started"}],
                    "score": 20,
                }
            },
            "colocation set a b set c-clone role=Started setoptions score=20",
        )
    ],
    "colocation of sets, nothing else": [({"colocation": {"sets": [["a", "b"]]}}, "colocation set a b")],
    "ticket": [
        (
            {"ticket": {"ticket": "T1", "resource": "a", "loss_policy": "stop"}},
            "ticket add T1 a loss-policy=stop",
        )
    ],
    "ticket for a role": [
        (
            {"ticket": {"ticket": "T1", "resource": "c-clone", "role": "Promoted"}},
            "ticket add T1 Promoted c-clone",
        )
    ],
    "ticket of sets": [
        (
            {"ticket": {"ticket": "T1", "sets": [["a", "b"]], "loss_policy": "freeze"}},
            "ticket set a b setoptions ticket=T1 loss-policy=freeze",
        )
    ],
}


@pytest.fixture
def ours(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path, "ours.xml")


@pytest.fixture
def theirs(tmp_path: Path) -> Sandbox:
    return new_sandbox(tmp_path, "theirs.xml")


@pytest.mark.parametrize("case", OBJECTS)
def test_objects_are_those_of_pcs_ids_included(ours: Sandbox, theirs: Sandbox, case: str) -> None:
    declaration, lines = OBJECTS[case]
    assert_like_pcs(ours, theirs, declaration, lines)


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_constraints_are_those_of_pcs_ids_included(ours: Sandbox, theirs: Sandbox, case: str) -> None:
    theirs.apply(ABC, document=None)
    constraints, lines = zip(*CONSTRAINTS[case], strict=True)
    declaration = {**ABC, "constraints": list(constraints)}
    assert_like_pcs(ours, theirs, declaration, [f"constraint {line}" for line in lines])


def test_mode_systemd_is_what_the_guides_commands_make(ours: Sandbox, theirs: Sandbox) -> None:
    pillar = {"mode": "systemd", "cluster": {"start_after": ["openstack-keystone-clone"]}}
    declaration = declaration_of(parse_site({"cinder_ha": pillar}), os_family="RedHat")
    for sandbox in (ours, theirs):
        sandbox.apply(KEYSTONE, document=None)
    assert_like_pcs(ours, theirs, declaration, GUIDE.strip().splitlines())


def assert_like_pcs(ours: Sandbox, theirs: Sandbox, declaration: dict[str, Any], lines: list[str]) -> None:
    """What we write equals what pcs writes, and what pcs wrote is as declared."""
    ours.apply(declaration)
    for line in lines:
        theirs.pcs(line)
    assert objects(ours.read()) == objects(theirs.read())
    assert configuration(ours.read()) == configuration(theirs.read())
    assert not theirs.propose(declaration, document=None).plan
