"""Commit properties of this node's own, one by one, while others do the same.

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
    declaration = parse_declaration({"properties": {f"lab-{node}-{number}": number}})
    outcome = commit(STORE, declaration, Policy(settle=False), document=f"lab-{node}", writer=node)
    attempts += outcome.attempts
    # A document is the whole of what it owns: the next commit would take the last one's property away.
    assert outcome.written
print(attempts)
