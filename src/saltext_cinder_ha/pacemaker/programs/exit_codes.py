"""Exit codes of Pacemaker's programs, by their names in ``include/crm/common/results.h``."""

from __future__ import annotations

OK = 0
ERROR = 1
PROTOCOL = 76
CONFIG = 78
DISCONNECT = 102
OLD = 103
NO_SUCH = 105
