"""What test=True predicts is what Pacemaker then does, by its own history, there and back."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .cluster import View
from .lab import Depth, Lab
from .nodes import Node
from .salt_site import SaltSite

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
DEPTH = Depth.SALT
LEAVES = DEPTH

_DOCUMENT = "prediction"
_MONITOR = [{"name": "monitor", "interval": "10s"}]
_PREDICTED = re.compile(r"(\w+) (\S+) (?:on (\S+)|from (\S+) to (\S+))")
# The executor's own line for each operation, on the node where it ran.
_RESULT = re.compile(
    r"Result of (start|stop|promote|demote|reload-agent) operation for (\S+) on (\S+): (?!error)"
)
_LOG = "var/log/pacemaker/pacemaker.log"

Document = dict[str, Any]
Operations = Counter[tuple[str, str, str]]


def _dummy(**more: Any) -> dict[str, Any]:
    return {"agent": "ocf:pacemaker:Dummy", "operations": _MONITOR, **more}


def _base() -> Document:
    """A little of everything; each with a place of its own, so that no choice is left to chance."""
    return {
        "resource_defaults": {"resource-stickiness": 10},
        "resources": {
            "one": _dummy(params={"fake": "a"}),
            "two": _dummy(),
            "three": _dummy(),
            "everywhere": _dummy(clone={"meta": {"interleave": True}}),
            "dependent": _dummy(clone={"meta": {"interleave": True}}),
            "first": _dummy(),
            "last": _dummy(),
            "g_both": {"group": ["first", "last"]},
        },
        "constraints": [
            _prefers("one", "ctl1"),
            _prefers("two", "ctl2"),
            _prefers("three", "ctl3"),
            _prefers("g_both", "ctl3"),
            {"order": {"first": "everywhere-clone", "then": "dependent-clone"}},
        ],
    }


def _prefers(resource: str, node: str) -> dict[str, Any]:
    return {"location": {"id": f"{resource}-prefers", "resource": resource, "node": node, "score": 100}}


def _changed(resource: str, **fields: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["resources"][resource].update(fields)

    return change


def _constrained(*constraints: dict[str, Any]) -> Callable[[Document], None]:
    return lambda document: document["constraints"].extend(constraints)


def _set(section: str, **pairs: Any) -> Callable[[Document], None]:
    return lambda document: document.setdefault(section, {}).update(pairs)


def _moved(document: Document) -> None:
    document["constraints"][0] = _prefers("one", "ctl2")


def _removed(document: Document) -> None:
    del document["resources"]["three"], document["constraints"][2]


def _grown(document: Document) -> None:
    document["resources"]["middle"] = _dummy()
    document["resources"]["g_both"]["group"] = ["first", "middle", "last"]


def _order_and_restart(document: Document) -> None:
    document["constraints"].append({"order": {"first": "one", "then": "two"}})
    document["resources"]["one"]["params"] = {"state": "/run/one-elsewhere"}


_CHANGES: dict[str, Callable[[Document], None]] = {
    "a parameter that restarts": _changed("one", params={"state": "/run/one-elsewhere"}),
    "a parameter that reloads": _changed("one", params={"fake": "b"}),
    "a meta attribute without effect": _changed("one", meta={"migration-threshold": 5}),
    "a meta attribute that stops": _changed("one", meta={"target-role": "Stopped"}),
    "an interval of a monitor": _changed("one", operations=[{"name": "monitor", "interval": "20s"}]),
    "a clone on fewer nodes": _changed("dependent", clone={"meta": {"interleave": True, "clone-max": 2}}),
    "a clone that others wait for": _changed("everywhere", params={"state": "/run/elsewhere"}),
    "another place": _moved,
    "a removal": _removed,
    "a new member in the middle of a group": _grown,
    "a new order": _constrained({"order": {"first": "one", "then": "two"}}),
    "a new order and a restart": _order_and_restart,
    "a colocation that moves": _constrained({"colocation": {"resource": "two", "with": "one"}}),
    "a ban": _constrained(
        {"location": {"id": "ban", "resource": "g_both", "node": "ctl3", "score": "-INFINITY"}}
    ),
    "a property that stops everything": _set("properties", **{"stop-all-resources": True}),
    "a property that starts nothing": _set("properties", **{"cluster-recheck-interval": "10min"}),
    "a default without effect": _set("resource_defaults", **{"migration-threshold": 7}),
}
# One of each kind of action: restart, reload, nothing, stop, move, start, and several in an order.
_QUICK = (
    "a parameter that restarts",
    "a parameter that reloads",
    "a meta attribute without effect",
    "a clone on fewer nodes",
    "another place",
    "a removal",
    "a new member in the middle of a group",
    "a new order and a restart",
)


@pytest.fixture(scope="module", autouse=True)
def base(salt: SaltSite, view: View) -> Iterator[None]:
    """The document as it is before each change."""
    before = view.configuration()
    assert _apply(salt, _base())["result"] is True
    yield
    view.replace_configuration(before)


def _apply(salt: SaltSite, document: Document, **how: Any) -> dict[str, Any]:
    answer: dict[str, Any] = salt.call(
        "pacemaker.apply", target="ctl2", declaration=document, document=_DOCUMENT, **how
    )["ctl2"]
    assert isinstance(answer, dict), answer
    return answer


@pytest.mark.parametrize(
    "change",
    [*_QUICK, *(pytest.param(name, marks=pytest.mark.soak) for name in _CHANGES if name not in _QUICK)],
)
def test_predicted_is_done_there_and_back(lab: Lab, salt: SaltSite, change: str) -> None:
    document = copy.deepcopy(_base())
    _CHANGES[change](document)
    predicted = _apply(salt, document, test=True)["actions"]
    assert _apply_and_compare(lab, salt, document) == predicted
    _apply_and_compare(lab, salt, _base())


def _apply_and_compare(lab: Lab, salt: SaltSite, document: Document) -> list[str]:
    """Apply a document, hold what happened against the actions of the answer, and return these."""
    records = [_Record(machine) for machine in lab.controllers]
    done = _apply(salt, document)
    assert done["result"] is True, done["comment"]
    actions: list[str] = done["actions"]
    assert sum((record.operations() for record in records), Counter()) == _operations(actions), actions
    return actions


class _Record:
    """What one node's Pacemaker writes down from now on."""

    def __init__(self, node: Node):
        self._node = node
        self._seen = len(self._read())

    def operations(self) -> Operations:
        """The operations on resources that ended since."""
        found = _RESULT.findall(self._read()[self._seen :])
        return Counter((operation, re.sub(r":\d+$", "", name), node) for operation, name, node in found)

    def _read(self) -> str:
        return (self._node.state / _LOG).read_text(errors="replace")


def _operations(actions: list[str]) -> Operations:
    """The operations that predicted actions consist of."""
    found: Operations = Counter()
    for action in actions:
        parts = _PREDICTED.match(action)
        assert parts, action
        kind, name, node, source, target = parts.groups()
        if kind == "move":
            found.update([("stop", name, source), ("start", name, target)])
        elif kind == "restart":
            found.update([("stop", name, node), ("start", name, node)])
        elif kind == "reload":
            found.update([("reload-agent", name, node)])
        else:
            found.update([(kind, name, node)])
    return found
