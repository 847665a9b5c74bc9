"""Restart a resource on one node at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...common.errors import DeclarationError
from ..actions import KINDS
from ..errors import ConflictError
from ..restart.instance import Restart, predict_restart, restart
from ..session import Session
from .execute import not_done
from .requests import require_node, where
from .result import VerbResult, done_comment, predicted_comment


def predict_rolling_restart(session: Session, resource: str, node: str | None = None) -> VerbResult:
    """Predict the actions of a restart; change nothing.

    :param node: restart only the instance on this node; None: on every node, one at a time
    :raises DeclarationError: as :func:`restart_rolling`
    """
    actions = [str(action) for found in _predicted(session, resource, node) for action in found.actions]
    purpose = f"restart {resource} on {', '.join(_nodes(session, resource, node))}, one node at a time"
    comment = predicted_comment(purpose, actions, sandbox=session.is_sandbox)
    return VerbResult(None, comment, {"actions": actions}, tuple(actions))


def restart_rolling(session: Session, resource: str, node: str | None = None) -> VerbResult:
    """Restart a resource node by node; wait until it is running again before the next node.

    :param node: restart only the instance on this node; None: on every node, one at a time
    :raises DeclarationError: the cluster has no such object, or the resource is not running there, in
        maintenance or unmanaged; nothing was restarted
    :raises NoQuorumError: the cluster has no quorum; nothing was restarted
    """
    nodes = _nodes(session, resource, node)
    list(_predicted(session, resource, node))
    done: list[Restart] = []
    for name in nodes:
        done.append(restart(session, resource, name, allow=KINDS))
        if done[-1].failures or done[-1].obstacle:
            break
    actions = tuple(action for part in done for action in part.actions)
    happened = tuple(action for part in done for action in part.performed)
    answer = VerbResult(
        result=True,
        comment="",
        changes={"actions": list(map(str, actions))} if actions else {},
        actions=tuple(map(str, actions)),
        happened=tuple(map(str, happened)),
        missing=not_done(actions, happened),
        failures=(*_failures(done), *_not_restarted(resource, nodes[len(done) :])),
    )
    answer = replace(answer, result=not answer.failures and not answer.missing)
    result = f"{resource} is restarted on {', '.join(nodes)}"
    return replace(answer, comment=done_comment(answer, result, sandbox=session.is_sandbox))


def _nodes(session: Session, resource: str, node: str | None) -> list[str]:
    if node is not None:
        require_node(session.snapshot, node)
        return [node]
    found = sorted(where(session.snapshot, resource))
    if not found:
        raise DeclarationError("resource", f"{resource!r} is not running, so there is nothing to restart")
    return found


def _predicted(session: Session, resource: str, node: str | None) -> Iterator[Restart]:
    found: Restart | None = None
    for name in _nodes(session, resource, node):
        found = predict_restart(session, resource, name, allow=KINDS, after=found)
        if found.obstacle:
            raise ConflictError("resource", f"{resource!r} is not restarted on {name}: {found.obstacle}")
        yield found


def _failures(done: list[Restart]) -> Iterator[str]:
    for part in done:
        yield from part.failures
        if part.obstacle:
            yield f"{part.resource} is not restarted on {part.node}: {part.obstacle}"


def _not_restarted(resource: str, nodes: list[str]) -> Iterator[str]:
    if nodes:
        yield f"{resource} is not restarted on {', '.join(nodes)}, because of this failure"
