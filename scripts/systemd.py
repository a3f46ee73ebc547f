"""What systemd is told of the service. Source: sd_notify(3)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


class Systemd:
    """Who started us and waits for word, where somebody does.

    The address is taken out of the environment: what we start has nothing to say there.
    """

    def __init__(self) -> None:
        address = os.environ.pop("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def tell(self, state: str) -> None:
        """Say a state: READY=1, RELOADING=1, STOPPING=1. That nobody listens is no failure."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unix:
            unix.sendto(state.encode(), self._address)
