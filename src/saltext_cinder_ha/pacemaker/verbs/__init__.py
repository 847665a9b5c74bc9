"""Everyday verbs, such as ``standby`` and ``move``, with the same prediction and report for pcs and crm.

Belongs here: the request of each verb, the edits that it needs, and its result.
Does not belong here: declarations and native configuration text.
May import: everything else of ``pacemaker``.
"""

from .cleanup import Cleanup, clean_up, predict_cleanup, predict_wait, wait
from .execute import carry_out, predict
from .requests import Clear, ClusterMaintenance, Enabling, Move, NodeRequest, Request, parse_lifetime
from .restart import predict_rolling_restart, restart_rolling
from .result import VerbResult

__all__ = [
    "Cleanup",
    "Clear",
    "ClusterMaintenance",
    "Enabling",
    "Move",
    "NodeRequest",
    "Request",
    "VerbResult",
    "carry_out",
    "clean_up",
    "parse_lifetime",
    "predict",
    "predict_cleanup",
    "predict_rolling_restart",
    "predict_wait",
    "restart_rolling",
    "wait",
]
