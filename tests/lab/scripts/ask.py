"""Ask a URL five times a second; for each answer a line with the time, and the status (0: none came).

Arguments: the URL.
"""

from __future__ import annotations

import http.client
import sys
import time
import urllib.error
import urllib.request

_INTERVAL_SECONDS = 0.2
_PATIENCE_SECONDS = 1.0


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return 0


if __name__ == "__main__":
    while True:
        print(f"{time.time():.3f} {status_of(sys.argv[1])}", flush=True)
        time.sleep(_INTERVAL_SECONDS)
