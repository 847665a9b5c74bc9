"""Commit a document of this node's own that grows by a property each time, while others do the same.

Arguments: the node's name and how many. Prints how many attempts that took.
"""

from __future__ import annotations

import sys

from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.store import LiveStore
from saltext_cinder_ha.pacemaker.transaction import Policy, commit

STORE = LiveStore(timeout=60)
node, times = sys.argv[1:]
attempts = 0
for number in range(int(times)):
    # A document is the whole of what it owns: what it no longer says is removed.
    properties = {f"lab-{node}-{earlier}": earlier for earlier in range(number + 1)}
    declaration = parse_declaration({"properties": properties})
    outcome = commit(STORE, declaration, Policy(settle=False), document=f"lab-{node}", writer=node)
    assert outcome.written
    attempts += outcome.attempts
print(attempts)
