"""The everyday verbs: what operators do with pcs or crm; predicted, done and reported alike with both."""

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
