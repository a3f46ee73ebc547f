"""A listener: somebody who waits for events, as little as can be held for one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal
from uuid import UUID

End = Literal["left", "revoked", "stopping", "failed"]


class Listener:
    """Waits without a thread, a connection or a query. `end` says why it is over."""

    def __init__(self, standing: frozenset[tuple[UUID, int]]) -> None:
        """`standing` is what the listener's right to listen rests on, as it stood."""
        self.standing = standing
        self.end: End | None = None
        self._news = False
        self._waiting: asyncio.Future[None] | None = None
        self._watch: asyncio.Task[None] | None = None

    def watch(self, receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        """End when the client leaves: no server tells an application that only sends."""
        self._watch = asyncio.create_task(self._until_left(receive))

    def close(self) -> None:
        """Watch the client no longer."""
        if self._watch is not None:
            self._watch.cancel()

    def look(self) -> None:
        """Say that the log is looked at now: news that come from here on end the next wait."""
        self._news = False

    def wake(self) -> None:
        """Say that there may be news."""
        self._news = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def over(self, end: End) -> None:
        """End it; the first reason stands."""
        self.end = self.end or end
        self.wake()

    async def wait(self, seconds: float) -> bool:
        """Wait for news or the end; False when neither came within the time."""
        if not self._news:
            self._waiting = asyncio.get_running_loop().create_future()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._waiting
            self._waiting = None
        return self._news

    async def _until_left(self, receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.over("left")
