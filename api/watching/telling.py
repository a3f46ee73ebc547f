"""Every second a worker tells the others of its machine what it has counted, and how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

PAUSE = 1.0  # seconds


class Telling:
    """What is told, each by a function of its own, which may raise OSError on a full disk."""

    def __init__(self, *tell: Callable[[], None]) -> None:
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, within the running loop."""
        self._task = asyncio.create_task(self._keep_on())

    async def stop(self) -> None:
        """Tell what is left, and no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._all()

    async def _keep_on(self) -> None:
        while True:
            self._all()
            await asyncio.sleep(PAUSE)

    def _all(self) -> None:
        for each in self._tell:
            with suppress(OSError):
                each()
