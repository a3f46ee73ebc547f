"""One stream of the log, read again: up to a version, or one of its events."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from domain.event import Entry
from domain.mapper import read_entry
from projections import sql
from projections.database import Db, fetch

SQL = sql.load("streams")

Row = tuple[Any, ...]


async def until(db: Db, stream: UUID, version: int) -> list[Row]:
    """Return the rows of a stream's events up to a version."""
    return await fetch(db, SQL["until"], {"stream": stream, "version": version})


async def one(db: Db, stream: UUID, version: int) -> Entry[Any]:
    """Return an event of a stream, which there is."""
    [entry] = entries(stream, await fetch(db, SQL["one"], {"stream": stream, "version": version}))
    return entry


def entries(stream: UUID, rows: list[Row]) -> list[Entry[Any]]:
    """Return the entries that the rows hold: work for a writer's thread."""
    return [
        read_entry(stream, version, topic, recorded_at, bytes(state))
        for version, topic, recorded_at, state in rows
    ]
