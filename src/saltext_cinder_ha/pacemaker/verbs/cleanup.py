"""The verbs that do not change the configuration: clean up failures, and wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from ..actions import Action, base_name
from ..cib.document import Cib
from ..cib.history import actions_between, is_recurring
from ..cib.patch import status_difference
from ..scheduler.prediction import caused, predict
from ..session import Session
from ..status import Failure, read_status
from ..store.swap import PlainPatch, swap
from .edits import PCS
from .requests import primitives_of, require_node
from .result import VerbResult, done_comment, predicted_comment, unchanged_comment
from .tool_commands import choose_tool, run

# OCF return codes that report a state, not a failure: running, not running, promoted.
_EXPECTED = ("0", "7", "8")
_EXPECTED_OF_A_MONITOR = ("0", "8")
_COUNTS = ("fail-count-", "last-failure-")


@dataclass(frozen=True)
class Cleanup:
    """Failures to clean up.

    :param resource: only those of this resource; None: of all resources
    :param node: only those on this node; None: on all nodes
    """

    resource: str | None = None
    node: str | None = None

    @property
    def _scope(self) -> str:
        of = f" of {self.resource}" if self.resource else ""
        return f"{of} on {self.node}" if self.node else of

    @property
    def purpose(self) -> str:
        return f"clean up the failures{self._scope}"

    @property
    def result(self) -> str:
        return f"the failure history{self._scope} is clean"

    def failures(self, cib: Cib, *, timeout: float) -> tuple[Failure, ...]:
        """Return the failures to clean up.

        :raises DeclarationError: there is no such resource, or no such node
        """
        if self.node:
            require_node(cib, self.node)
        wanted = primitives_of(cib, self.resource) if self.resource else None
        return tuple(
            failure
            for failure in read_status(cib, timeout=timeout).failures
            if (wanted is None or failure.resource in wanted) and self.node in (None, failure.node)
        )


def predict_cleanup(session: Session, request: Cleanup) -> VerbResult:
    """Predict the actions that a cleanup would cause; change nothing."""
    timeout = session.timeout
    failures = request.failures(session.snapshot, timeout=timeout)
    if not failures:
        return VerbResult(True, unchanged_comment(request.result, sandbox=session.is_sandbox))
    actions = tuple(map(str, _predict(session.snapshot, failures, timeout)))
    comment = predicted_comment(request.purpose, actions, sandbox=session.is_sandbox)
    return VerbResult(None, comment, _changes(failures), actions)


def clean_up(session: Session, request: Cleanup) -> VerbResult:
    """Clean up failures, wait for the cluster, and report its actions and new failures.

    :raises SaltextError: as :func:`~.execute.carry_out`
    """
    timeout = session.timeout
    before = session.snapshot
    failures = request.failures(before, timeout=timeout)
    if not failures:
        return VerbResult(True, unchanged_comment(request.result, sandbox=session.is_sandbox))
    actions = _predict(before, failures, timeout)
    session.forget()
    if session.is_sandbox:
        swap(
            session.store,
            lambda cib: PlainPatch(status_difference(cib, _without(cib, failures))),
            timeout=timeout,
        )
    else:
        _forget_by_tool(choose_tool(session.settings.tool), before, failures, timeout)
    idle = session.store.settle(timeout)
    reached = session.snapshot
    again = [str(failure) for failure in request.failures(reached, timeout=timeout)]
    if not idle:
        again.append(f"the cluster is still busy after {timeout:g} s")
    answer = VerbResult(
        result=not again,
        comment="",
        changes=_changes(failures),
        actions=tuple(map(str, actions)),
        happened=tuple(map(str, actions_between(before, reached))),
        failures=tuple(again),
    )
    return replace(answer, comment=done_comment(answer, request.result, sandbox=session.is_sandbox))


def predict_wait(session: Session) -> VerbResult:
    """Predict the actions that the cluster still has to do; change nothing."""
    actions = tuple(map(str, predict(session.snapshot, timeout=session.timeout)))
    if not actions:
        return VerbResult(True, unchanged_comment("the cluster is idle", sandbox=session.is_sandbox))
    comment = predicted_comment("wait for the cluster", actions, sandbox=session.is_sandbox)
    return VerbResult(None, comment, actions=actions)


def wait(session: Session) -> VerbResult:
    """Wait until the cluster is idle, and report its actions meanwhile."""
    timeout = session.timeout
    before = session.snapshot
    session.forget()
    idle = session.store.settle(timeout)
    reached = session.snapshot
    left = () if idle else predict(session.snapshot, timeout=session.timeout)
    answer = VerbResult(
        result=idle,
        comment="",
        happened=tuple(map(str, actions_between(before, reached))),
        failures=() if idle else (f"the cluster is still busy after {timeout:g} s",),
        missing=tuple(map(str, left)),
    )
    return replace(answer, comment=done_comment(answer, "the cluster is idle", sandbox=session.is_sandbox))


def _changes(failures: Iterable[Failure]) -> dict[str, dict[str, dict[str, str | None]]]:
    forgotten = {f"{f.resource} on {f.node}": {"old": str(f), "new": None} for f in failures}
    return {"failures": forgotten}


def _predict(cib: Cib, failures: Sequence[Failure], timeout: float) -> tuple[Action, ...]:
    after = _without(cib, failures)
    return caused(
        predict(cib, timeout=timeout),
        predict(after, timeout=timeout),
    )


def _without(cib: Cib, failures: Iterable[Failure]) -> Cib:
    """Return the CIB as the controllers leave it after a cleanup of the failures."""
    copy = cib.copy()
    places = {(failure.resource, failure.node) for failure in failures}
    for state in copy.status.iterfind("node_state"):
        for history in state.findall("lrm/lrm_resources/lrm_resource"):
            if (base_name(history.get("id", "")), state.get("uname")) in places:
                _forget(history)
        for pair in state.findall("transient_attributes/instance_attributes/nvpair"):
            if (_counted_resource(pair.get("name", "")), state.get("uname")) in places:
                pair.getparent().remove(pair)
    return copy


def _forget(history: etree._Element) -> None:
    for entry in list(history):
        expected = _EXPECTED_OF_A_MONITOR if is_recurring(entry) else _EXPECTED
        if entry.get("rc-code") not in expected:
            history.remove(entry)
    if len(history) == 0:
        history.getparent().remove(history)


def _counted_resource(name: str) -> str:
    for prefix in _COUNTS:
        if name.startswith(prefix):
            return base_name(name.removeprefix(prefix).partition("#")[0])
    return ""


def _forget_by_tool(tool: str, cib: Cib, failures: Iterable[Failure], timeout: float) -> None:
    for resource, node in dict.fromkeys((failure.resource, failure.node) for failure in failures):
        element = cib.by_id.get(resource)
        kind = "stonith" if element is not None and element.get("class") == "stonith" else "resource"
        place = f"node={node}" if tool == PCS else node
        argv = [tool, kind if tool == PCS else "resource", "cleanup", resource, place]
        run(argv, timeout=timeout)
