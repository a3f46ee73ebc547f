"""When tokens are used: noted in memory, and kept at most once a minute each.

A request costs it a look into a dictionary. What is shown as the last use is therefore up to a
minute older than it was. A worker that stops keeps what it has noted; what one has noted that is
killed is lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic

import psycopg

from domain.errors import OutOfSpace

EVERY = 60.0  # seconds between two notes of a token's use
PAUSE = 1.0  # seconds between two looks for notes
NOTED = 100_000  # tokens that are remembered as noted
AWAY = (psycopg.Error, OutOfSpace)  # what is noted waits until the database takes it

Keep = Callable[[dict[bytes, datetime]], Awaitable[None]]


class TokenUse:
    """What one worker saw used. `keep` writes instants by the digests of tokens."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._noted: dict[bytes, float] = {}
        self._waiting: dict[bytes, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    def note(self, digest: bytes) -> None:
        """Note that a token is used now, unless that was noted within the last minute."""
        now = monotonic()
        before = self._noted.get(digest)
        if before is not None and now - before < EVERY:
            return
        if len(self._noted) >= NOTED:
            self._noted.clear()
        self._noted[digest] = now
        self._waiting[digest] = datetime.now(UTC)

    def start(self) -> None:
        """Begin to keep what is noted, within the running loop."""
        self._task = asyncio.create_task(self._keep_on())

    async def stop(self) -> None:
        """Keep what is noted, and no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._flush()

    async def _keep_on(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            await self._flush()

    async def _flush(self) -> None:
        if not self._waiting:
            return
        kept, self._waiting = self._waiting, {}
        try:
            await self._keep(kept)
        except BaseException as error:  # also a stop in the middle, which keeps it once more
            self._waiting = kept | self._waiting
            if not isinstance(error, AWAY):
                raise
