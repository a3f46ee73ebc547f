"""The web server as a child of the supervisor, which hears when its workers answer."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress

from scripts.children import Child
from scripts.settings import Settings


class Web(Child):
    """gunicorn's master on the supervisor's listener.

    Each worker that has started writes a byte into a pipe. `heard` closes it: workers that are
    made again later say nothing.
    """

    def __init__(
        self, settings: Settings, listener: socket.socket, leave: Callable[[], None]
    ) -> None:
        super().__init__("master", self._serve, leave)
        self._settings = settings
        self._listener = listener
        self._silent = settings.workers  # those that have not started yet
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._hears = True

    def answers(self) -> bool:
        """Whether as many workers have started as there are to be."""
        with suppress(BlockingIOError):
            self._silent -= len(os.read(self._reading, 4096))
        return self._silent <= 0

    def heard(self) -> None:
        """Listen no longer."""
        self._hears = False
        os.close(self._reading)
        os.close(self._writing)

    def _serve(self) -> None:
        from scripts import gunicorn_app

        gunicorn_app.run(self._settings, self._listener, self._say)

    def _say(self) -> None:
        if self._hears:
            os.write(self._writing, b".")
