"""Everyday verbs, such as ``standby`` and ``move``: predicted, done and reported alike with pcs and crm.

Belongs here: what each verb asks for, which edits that takes, and what came of it.
Does not belong here: declarations and native configuration text.
May import: everything else of ``pacemaker``.
"""

from .cleanup import Cleanup, clean_up, foretell_cleanup, foretell_wait, wait
from .execute import carry_out, foretell
from .requests import Clear, ClusterMaintenance, Enabling, Move, NodeRequest, Request, parse_lifetime
from .restart import foretell_restart, restart_rolling
from .result import Answer

__all__ = [
    "Answer",
    "Cleanup",
    "Clear",
    "ClusterMaintenance",
    "Enabling",
    "Move",
    "NodeRequest",
    "Request",
    "carry_out",
    "clean_up",
    "foretell",
    "foretell_cleanup",
    "foretell_restart",
    "foretell_wait",
    "parse_lifetime",
    "restart_rolling",
    "wait",
]
