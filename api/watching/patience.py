"""One question to the database at a time, waited for no longer than a probe may take.

A read that hangs is left to itself, for psycopg would wait for the server even to cancel it; until
it ends nobody asks again, so that probes do not use up the readers' connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import PoolTimeout

from projections.database import Db

T = TypeVar("T")

AWAY = (psycopg.Error, PoolTimeout, TimeoutError)  # what is raised when there is no answer

PATIENCE = 2.0  # seconds that a read may take before reads count as not answered
ABANDONED = 10.0  # seconds after which a read that hangs is given up


class Question(Generic[T]):
    """What is asked; who comes while it is being asked gets the same answer."""

    def __init__(self, db: Db, read: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> None:
        self._db = db
        self._read = read
        self._asked: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """Return the answer. Raises what AWAY names; TimeoutError after PATIENCE."""
        asked = self._asked
        if asked is None or asked.done():
            self._asked = asked = asyncio.create_task(self._ask())
            asked.add_done_callback(lambda task: task.cancelled() or task.exception())
        done, _ = await asyncio.wait({asked}, timeout=PATIENCE)
        if not done:
            raise TimeoutError
        return asked.result()  # of the read waited for: another request may have begun one since

    async def _ask(self) -> T:
        async with asyncio.timeout(ABANDONED), self._db.connection() as conn:
            return await self._read(conn)
