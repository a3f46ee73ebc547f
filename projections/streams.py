"""One stream of the log, read again: up to a version, or the last event there about a key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.event import Entry
from domain.mapper import read_entry
from projections import sql
from projections.database import Db, fetch

SQL = sql.load("streams")

EVERYTHING = (1 << 31) - 1  # no stream is longer
Row = tuple[Any, ...]


async def until(db: Db, stream: UUID, version: int) -> list[Row]:
    """Return the rows of a stream's events up to a version."""
    return await fetch(db, SQL["until"], {"stream": stream, "version": version})


async def last_of_key(
    db: Db, stream: UUID, version: int, topic: str, key: str
) -> Entry[Any] | None:
    """Return the last event of a kind up to a version that is about a key; or None."""
    params = {"stream": stream, "version": version, "topic": topic, "key": key}
    found = entries(stream, await fetch(db, SQL["last_of_key"], params))
    return found[0] if found else None


def entries(stream: UUID, rows: list[Row]) -> list[Entry[Any]]:
    """Return the entries that the rows hold: work for a writer's thread."""
    return [
        read_entry(stream, version, topic, recorded_at, bytes(state))
        for version, topic, recorded_at, state in rows
    ]
