"""What is left of an earlier server whose parent was killed: waited for, and asked to end.

Known by the name of its socket folder, which no other process has; never by its number alone.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from domain.storage.process import running


def end(name: str, pause: Callable[[float], None]) -> None:
    """Return when no `postgres` process of the server `name` is left."""
    began = time.monotonic()
    while left := running(name, program="postgres"):
        main = [pid for pid, line in left.items() if not line.startswith("postgres:")]
        waited = time.monotonic() - began
        if main and waited < 10:  # it ends in order; it was told so when its parent ended
            _send(main, signal.SIGINT)
        elif waited < (15 if main else 2):
            _send(list(left), signal.SIGQUIT)
        else:
            _send(list(left), signal.SIGKILL)
        pause(0.05)


def _send(pids: list[int], sign: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
