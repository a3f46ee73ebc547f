"""Feed: one reader of the log's head a worker, for everybody who listens there.

It looks while somebody listens: every 50 ms as the follower does, one query for all. Who is
behind what it keeps, because he begins there or is slow, reads for himself, at his own pace.
"""

from __future__ import annotations

import asyncio
import traceback
from time import monotonic
from weakref import WeakValueDictionary

import psycopg

from api import access_log
from api.feed.items import Item, item
from api.feed.listener import Listener
from api.feed.tail import Tail
from domain.erasure import Erased
from domain.manifest import ManifestErased
from domain.topics import topics_of
from projections import credentials, feed
from projections.database import Db
from projections.feed import Row
from projections.follower import POLL

BATCH = 1000  # events a query
WEIGHT = 1 << 20  # bytes of states a query, about
BEHIND = 2  # queries at a time for those who are behind; the rest of the pool is for others
LARGE = 64 << 10  # bytes of a state that is held once, however many are being sent it
VOUCH = 0.25  # seconds between two looks at what the listeners' rights rest on
RETRY = 0.2  # seconds until a database that went away is tried again
TOGETHER = 50  # listeners that are woken before anything else has its turn
ERASING = topics_of(Erased, ManifestErased)


class Feed:
    """The log as one worker gives it out. Listeners join and leave; none holds a connection."""

    def __init__(self, db: Db) -> None:
        self.db = db
        self._listeners: set[Listener] = set()
        self._tail: Tail | None = None
        self._poller: asyncio.Task[None] | None = None
        self._behind = asyncio.Semaphore(BEHIND)
        self._large: WeakValueDictionary[int, Item] = WeakValueDictionary()
        self._stopping = False

    async def after(self, position: int, limit: int, weight: int, *, listening: bool) -> list[Item]:
        """Return up to `limit` events after a position, with about `weight` bytes of states.

        Who is `listening` is woken when more is known than now; who is not is given what there is.
        """
        tail = self._tail
        if tail is not None and tail.covers(position):
            items = tail.after(position, limit, weight)
            if items or listening:
                return items
        async with self._behind:
            rows = await feed.after(self.db, position, limit, weight)
        return [self._item(row) for row in rows]

    def join(self, listener: Listener) -> None:
        """Wake a listener from now on whenever there may be news, until it leaves."""
        if self._stopping:
            listener.over("stopping")
        self._listeners.add(listener)
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll())

    def leave(self, listener: Listener) -> None:
        """Wake a listener no longer."""
        self._listeners.discard(listener)
        listener.close()

    def stop(self) -> None:
        """End every listener, those that come later too: the worker is about to end."""
        self._stopping = True
        for listener in self._listeners:
            listener.over("stopping")

    async def _poll(self) -> None:
        try:
            while self._listeners:
                try:
                    await self._follow()
                except psycopg.OperationalError:
                    self._tail = None
                    await asyncio.sleep(RETRY)
        except Exception as error:
            access_log.failure("feed", "".join(traceback.format_exception(error)))
            for listener in self._listeners:
                listener.over("failed")
        finally:
            self._tail = self._poller = None

    async def _follow(self) -> None:
        """Read what is new as long as somebody listens."""
        tail = self._tail = Tail(await feed.last(self.db))
        await self._wake()  # who read before this position was known may have missed something
        vouch_at = 0.0
        while self._listeners:
            if monotonic() >= vouch_at:
                await self._vouch()
                vouch_at = monotonic() + VOUCH
            rows = await feed.after(self.db, tail.head, BATCH, WEIGHT)
            if rows:
                if any(row.topic in ERASING for row in rows):
                    tail.forget()
                tail.add([self._item(row) for row in rows])
                await self._wake()
            full = len(rows) == BATCH or sum(len(row.state or b"") for row in rows) >= WEIGHT
            await asyncio.sleep(0 if full else POLL)

    def _item(self, row: Row) -> Item:
        if row.state is None or len(row.state) < LARGE:
            return item(row)
        held = self._large.get(row.position)
        if held is None:
            self._large[row.position] = held = item(row)
        return held

    async def _vouch(self) -> None:
        """End those whose account or token is not what it was when they came."""
        listeners = list(self._listeners)  # not those who come while it is read
        ids = {id_ for listener in listeners for id_, _version in listener.standing}
        standing = await credentials.standing(self.db, ids)
        for listener in listeners:
            if not listener.standing <= standing:
                listener.over("revoked")

    async def _wake(self) -> None:
        for number, listener in enumerate(list(self._listeners), 1):
            listener.wake()
            if number % TOGETHER == 0:
                await asyncio.sleep(0)
