"""The stop of a worker, heard before its server waits for open requests to end.

Servers tell an application that they end only after that wait, and a stream has no end of its own.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from types import FrameType


def on_stop(callback: Callable[[], None]) -> None:
    """Call back in the running loop when SIGTERM comes; the server's own handler comes after."""
    loop = asyncio.get_running_loop()
    servers = signal.getsignal(signal.SIGTERM)
    if not callable(servers):
        return  # no server: whoever runs the application ends it

    def heard(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(callback)
        servers(number, frame)

    signal.signal(signal.SIGTERM, heard)
