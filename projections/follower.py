"""The follower: reads the log in order, below the horizon, for work that may lag.

One process follows at a time, held by an advisory lock; a second waits to take over. What each
`Following` does and how far it has come are one transaction, so nothing is done twice or left out.
Source: DESIGN.md "Views".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from threading import Event as Flag
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import AsyncConnection, Connection

from domain.event import Entry
from domain.mapper import UNREADABLE, read_entry
from domain.topics import topics_of
from projections import answers, sql
from projections.database import connect, scalar, serving
from projections.voids import VOIDS

log = logging.getLogger(__name__)

SQL = sql.load("follower")

LOCK = 0x666F6C6C  # "foll"
BATCH = 2000  # events a transaction
POLL = 0.05  # seconds between two looks at the log
RECONNECT = 0.2  # seconds between two tries to reach the database
EXPIRE = 60.0  # seconds between two looks for remembered answers that have expired


Handle = Callable[[Connection[Any], Sequence[Entry[Any]]], None]


def _nothing(_conn: Connection[Any], _entries: Sequence[Entry[Any]]) -> None:
    """Do nothing ahead."""


class Following(Struct, frozen=True):
    """Work along the log; `handle` runs in the transaction that moves its position.

    It is given the entries of its topics only: a document that nobody needs here is never read.
    `ahead` is given them before: it does what takes long, a step at a time, and may be repeated.
    """

    name: str
    topics: tuple[str, ...]
    handle: Handle
    batch: int = BATCH  # events a transaction
    ahead: Handle = _nothing


def voiding(void: Callable[[Sequence[Entry[Any]]], None]) -> Following:
    """Return the work of raising shared counters once more: their writer may have died."""
    return Following("voiding", topics_of(*VOIDS), lambda _conn, entries: void(entries))


def run(
    database_url: str,
    followings: Sequence[Following],
    stop: Flag,
    up: Callable[[], None] = lambda: None,
) -> None:
    """Follow until `stop` is set, through every restart of the database.

    `up` is called when the log is followed: by us, or by another machine's while we wait for it.
    """
    while not stop.is_set():
        with suppress(psycopg.OperationalError), connect(serving(database_url, "follower")) as conn:
            waited = False
            while not stop.is_set() and not scalar(conn, "SELECT pg_try_advisory_lock(%s)", [LOCK]):
                if waited:  # one that has just ended still has it for a moment
                    up()
                waited = not stop.wait(RECONNECT)
            up()
            _follow(conn, followings, stop)
        stop.wait(RECONNECT)


def _follow(conn: Connection[Any], followings: Sequence[Following], stop: Flag) -> None:
    expire_at = 0.0
    while not stop.is_set():
        more = [step(conn, each) == each.batch for each in followings]
        if time.monotonic() >= expire_at:
            conn.execute(answers.view.sql["expire"])
            expire_at = time.monotonic() + EXPIRE
        if not any(more):
            stop.wait(POLL)


def step(conn: Connection[Any], following: Following) -> int:
    """Pass the next events for one Following and return how many there were."""
    after = _reached(conn, following)
    params = {"after": after, "topics": list(following.topics), "limit": following.batch}
    rows = conn.execute(SQL["next"], params, binary=True).fetchall()
    if not rows:
        return 0
    entries = list(_readable(rows))
    following.ahead(conn, entries)
    with conn.transaction():
        if _reached(conn, following) == after:  # else the work was made anew, up to another place
            following.handle(conn, entries)
            conn.execute(SQL["reach"], {"name": following.name, "position": rows[-1][-1]})
    return len(rows)


def _reached(conn: Connection[Any], following: Following) -> int:
    return scalar(conn, SQL["reached"], {"name": following.name}) or 0


def _readable(rows: Iterable[tuple[Any, ...]]) -> Iterator[Entry[Any]]:
    """Give the entries of rows, but for what somebody has damaged: the rest is not kept waiting."""
    for stream, version, topic, recorded_at, state, position in rows:
        if state is None:
            continue
        try:
            yield read_entry(stream, version, topic, recorded_at, state)
        except UNREADABLE:
            log.error("The event at %s is damaged and passed over; muniment audit tells.", position)


async def lag(conn: AsyncConnection[Any]) -> dict[str, Any]:
    """Return the follower's `position` and `seconds` since the oldest event it has not seen."""
    row = await (await conn.execute(SQL["lag"])).fetchone()
    position, seconds = row or (0, 0.0)
    return {"position": position, "seconds": float(seconds)}
