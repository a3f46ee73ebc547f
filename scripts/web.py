"""The web server as a child of the supervisor, which hears when its workers answer."""

from __future__ import annotations

import socket
from collections.abc import Callable

from scripts.heard import Heard, Say
from scripts.settings import Settings


class Web(Heard):
    """gunicorn's master on the supervisor's listener; each worker that has started says so."""

    def __init__(
        self, settings: Settings, listener: socket.socket, leave: Callable[[], None]
    ) -> None:
        super().__init__("master", self._serve, leave, times=settings.workers)
        self._settings = settings
        self._listener = listener

    def _serve(self, say: Say) -> None:
        from scripts import gunicorn_app

        gunicorn_app.run(self._settings, self._listener, say)
