"""The connections that a worker reads with.

To have an event loop watch a socket and stop watching it again takes more CPU than a server on the
same machine needs to answer a read by primary key. So an answer is first waited for in place, for
a moment that nobody notices; only what takes longer goes the loop's way. Each connection reuses one
cursor, for the same reason.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from select import select
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.abc import RV, PQGen
from psycopg.waiting import Ready, Wait

from projections.overdue import OVERDUE, break_off

MOMENT = 0.0002  # seconds
SELECTABLE = 1024  # file descriptors that select() can take


class Reader(AsyncConnection[Any]):
    """A connection for statements that only read, one at a time."""

    @cached_property
    def held(self) -> AsyncCursor[tuple[Any, ...]]:
        """The connection's one cursor; its rows come in binary."""
        return self.cursor(binary=True)

    @cached_property
    def _nearby(self) -> bool:
        """Whether the server is on this machine, behind a Unix socket."""
        return self.info.host.startswith("/") and self.pgconn.socket < SELECTABLE

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = 0.1,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class has it
    ) -> RV:
        """Drive an exchange with the server to its end; one that takes too long is broken off."""
        try:
            wanted = next(gen)
            while wanted == Wait.R and self._nearby and self._answered():
                wanted = gen.send(Ready.R)
        except StopIteration as end:
            result: RV = end.value
            return result
        late = asyncio.get_running_loop().call_later(OVERDUE, break_off, self)
        try:
            return await super().wait(_resumed(gen, wanted), interval, timeout)
        finally:
            late.cancel()

    def _answered(self) -> bool:
        """Whether an answer comes within a moment."""
        return bool(select((self.pgconn.socket,), (), (), MOMENT)[0])


def _resumed(gen: PQGen[RV], wanted: Wait) -> PQGen[RV]:
    """Return an exchange that has begun already, as one that waits first."""
    try:
        while True:
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        result: RV = end.value
        return result
