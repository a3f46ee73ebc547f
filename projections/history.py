"""The log as one snapshot shows it, and what a later snapshot shows more.

Followers stop at the horizon, below which no event can appear any more. A rebuild may not wait
for that: any open transaction holds it back. What a snapshot shows is exact whatever is open, and
so is the difference between two: the transactions that the first saw running, or not begun.
Source: DESIGN.md "Views".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.errors import Conflict
from projections import lives, sql
from projections.database import scalar

SQL = sql.load("history")

BATCH = 1000  # rows that are in memory at once, where their states are small
LARGE = 32 << 10  # bytes of a state that is fetched on its own
WEIGHT = 32 << 20  # bytes of states that are in memory at once
LONG = 32 << 20  # bytes of a log; some tenths of a second

Row = tuple[UUID, int, str, datetime, bytes]  # stream, version, topic, recorded_at, state


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which transactions had ended. Ids are as in positions: with the offset of the log."""

    following: int  # from this id on, none had begun
    running: tuple[int, ...]  # below it, these had not ended


def snapshot(conn: Connection[Any]) -> Snapshot:
    """Return what the open transaction of a connection sees."""
    row = conn.execute(SQL["snapshot"]).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM
    return Snapshot(row[0], tuple(row[1]))


def count(conn: Connection[Any], topics: Iterable[str]) -> int:
    """Return how many events of these topics there are."""
    number: int = scalar(conn, SQL["count"], {"topics": list(topics)})
    return number


def is_long(conn: Connection[Any]) -> bool:
    """Whether reading the log all through is worth a second process."""
    size: int = scalar(conn, SQL["size"])
    return size > LONG


def everything(
    conn: Connection[Any], topics: Iterable[str], part: int = 0, parts: int = 1
) -> Iterator[list[Row]]:
    """Return what the connection's transaction sees, in order of position.

    Of several parts, each holds whole streams. Every stream's versions rise. A batch has at most
    BATCH rows and about WEIGHT bytes.
    """
    return _batches(conn, SQL["everything"], {"topics": list(topics), "part": part, "parts": parts})


def since(conn: Connection[Any], topics: Iterable[str], before: Snapshot) -> Iterator[list[Row]]:
    """Return what the connection's transaction sees that `before` does not, in the same way."""
    params = {
        "topics": list(topics),
        "following": before.following,
        "running": list(before.running),
    }
    return _batches(conn, SQL["since"], params)


def _batches(conn: Connection[Any], statement: str, params: dict[str, Any]) -> Iterator[list[Row]]:
    with conn.cursor("history", binary=True) as cursor:
        cursor.execute(statement, {**params, "large": LARGE})
        while batch := cursor.fetchmany(BATCH):
            if any(row[4] is None for row in batch):
                yield from _with_large(conn, batch)
            else:
                yield batch


def _with_large(conn: Connection[Any], batch: list[Any]) -> Iterator[list[Row]]:
    """Return the rows of a batch with the states that were left out of it."""
    part: list[Row] = []
    weight = 0
    for stream, version, topic, recorded_at, small in batch:
        state = _state(conn, stream, version) if small is None else small
        part.append((stream, version, topic, recorded_at, state))
        weight += len(state)
        if weight > WEIGHT:
            yield part
            part, weight = [], 0
    yield part


def _state(conn: Connection[Any], stream: UUID, version: int) -> bytes:
    params = {"stream": stream, "version": version}
    state: bytes | None = conn.execute(SQL["state"], params, binary=True).fetchall()[0][0]
    if state is None:  # nobody may empty an event so
        raise unreadable(conn, stream, version)
    return state


def unreadable(conn: Connection[Any], stream: UUID, version: int) -> Conflict:
    """Return the refusal of an event that somebody has damaged."""
    position = scalar(conn, SQL["position"], {"stream": stream, "version": version})
    return lives.unreadable(stream, version, position)
