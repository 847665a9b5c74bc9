"""Commit a document of this node's own that grows by a property each time, while others do the same.

Arguments: the node's name and how many. Prints how many attempts that took.
"""

from __future__ import annotations

import sys

from saltext_cinder_ha.pacemaker.declaration import parse_declaration
from saltext_cinder_ha.pacemaker.store.live import LiveStore
from saltext_cinder_ha.pacemaker.transaction.commit import Policy, commit


def grow(store: LiveStore, node: str, number: int) -> int:
    """Commit the properties up to ``number``; return the attempts that it took."""
    # A document is the whole of what it owns: what it no longer says is removed.
    properties = {f"lab-{node}-{earlier}": earlier for earlier in range(number + 1)}
    declaration = parse_declaration({"properties": properties})
    outcome = commit(store, declaration, Policy(settle=False), document=f"lab-{node}", writer=node)
    assert outcome.written
    return outcome.attempts


if __name__ == "__main__":
    name, times = sys.argv[1:]
    live = LiveStore(timeout=60)
    print(sum(grow(live, name, number) for number in range(int(times))))
