"""Measure this package beside pcs, crmsh and Salt 3006's own states (see docs/benchmarks.md)."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

import report
from measure import QUICK, Effort, measure


def main() -> int:
    arguments = _arguments()
    # As with Ctrl-C, the running step ends and its folder goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    results = list(measure(QUICK if arguments.quick else Effort(), _announce))
    _announce("")
    print(*report.table(results), sep="\n")
    print()
    print(*report.goal_lines(report.goals(results)), sep="\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(report.as_data(results), indent=2))
    return 1 if any(result.problem for result in results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="10 and 100 resources, one round, and of what takes a call per object only one call",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure to FILE, too")
    return parser.parse_args()


def _announce(step: str) -> None:
    """Show on a terminal what is going on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{step}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
