"""Server-Sent Events: the feed without an end. Source: HTML Living Standard, 9.2."""

from __future__ import annotations

from itertools import takewhile
from typing import Self

import psycopg
from falcon.asgi import Request

from api import access_log, bodies
from api.feed.feed import BATCH, Feed
from api.feed.items import Item
from api.feed.listener import Listener

MEDIA_TYPE = "text/event-stream"
# Lines without the empty one that ends an event: some clients make an event of what is none.
RETRY = b"retry: 1000\n"  # milliseconds until a client that lost the stream asks again
ALIVE = b": keep-alive\n"
KEEP_ALIVE = 15.0  # seconds without an event, below what proxies wait
PIECE = 64 << 10  # bytes at a time: what is held for a client that reads slowly


class Stream:
    """What a client is sent, piece by piece: each is made when the one before has gone."""

    def __init__(self, feed: Feed, listener: Listener, req: Request, position: int) -> None:
        self._feed = feed
        self._listener = listener
        self._req = req
        self._position = position
        self._next: list[Item] = []
        self._sending: list[Item] = []  # held until they are sent: large ones are shared
        self._rest = memoryview(b"")  # of what is being sent
        self._sent = 0
        self._open = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if not self._open:
            assert isinstance(self._req, bodies.Request)  # noqa: S101 - the application's own
            self._open = True
            self._listener.watch(self._req.receive)
            self._feed.join(self._listener)
            return RETRY
        while self._listener.end is None:
            if self._rest:
                piece, self._rest = bytes(self._rest[:PIECE]), self._rest[PIECE:]
                return piece
            if self._next:
                self._rest = memoryview(self._run())
            elif not await self._look():
                return ALIVE
        raise StopAsyncIteration

    def _run(self) -> bytes:
        """Return the next events as they are sent: small ones together, a large one alone."""
        run = list(takewhile(lambda item: len(item.body) < PIECE, self._next)) or self._next[:1]
        del self._next[: len(run)]
        self._sending = run
        self._position = run[-1].position
        self._sent += len(run)
        return run[0].frame if len(run) == 1 else b"".join(each.frame for each in run)

    async def _look(self) -> bool:
        """Ask for the next events; False when for a while there were none."""
        self._listener.look()
        self._sending.clear()
        try:
            self._next = await self._feed.after(self._position, BATCH, PIECE, listening=True)
        except psycopg.OperationalError:
            self._listener.over("failed")
        if self._next or self._listener.end is not None:
            return True
        return await self._listener.wait(KEEP_ALIVE)

    async def close(self) -> None:
        """Leave the feed and note how it ended; called once the client is sent no more."""
        self._feed.leave(self._listener)
        access_log.ended(self._req, self._listener.end or "left", self._sent)
