"""Count up, by read-modify-write: one property that all nodes share, and one of this node's own.

Arguments: the node's name and how often. Prints how many writes were refused because somebody was faster.
"""

from __future__ import annotations

import sys

from saltext_cinder_ha.pacemaker.cib.properties import property_value
from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.plan.planner import make_plan
from saltext_cinder_ha.pacemaker.programs.cibadmin import Push
from saltext_cinder_ha.pacemaker.store.live import LiveStore

SHARED = "lab-shared"


def increment(store: LiveStore, own: str) -> int:
    """Add one to both; return how many attempts were in vain."""
    refused = 0
    while True:
        cib = store.read()
        after = {name: int(property_value(cib, name) or "0") + 1 for name in (SHARED, own)}
        plan = make_plan(parse_declaration({"properties": after}), cib, document=None)
        if store.push(plan.patch.to_xml(cib.version)) is Push.COMMITTED:
            return refused
        refused += 1


if __name__ == "__main__":
    node, times = sys.argv[1:]
    live = LiveStore(timeout=60)
    print(sum(increment(live, f"lab-{node}") for _ in range(int(times))))
