"""The log as others follow it: in order of position, never past the horizon.

It has no table of its own. Its SQL is in feed.sql. Source: DESIGN.md "The log".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from projections import sql
from projections.database import Db, fetch, fetch_one

SQL = sql.load("feed")
LAST = sql.load("log")["last_position"]

BEGINNING = 0  # the position before every event


class Row(Struct, frozen=True):
    """An event in its place; `state` is None when it was erased."""

    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: datetime
    state: bytes | None
    digest: bytes


async def after(db: Db, position: int, limit: int, weight: int) -> list[Row]:
    """Return up to `limit` events that follow a position, with about `weight` bytes of states."""
    params = {"after": position, "limit": limit, "weight": weight}
    return [Row(*row) for row in await fetch(db, SQL["after"], params)]


async def there(db: Db, position: int) -> bool:
    """Whether an event stands at exactly this position: else it was given out by another log."""
    return await fetch_one(db, SQL["there"], {"position": position}) is not None


async def last(db: Db) -> int:
    """Return the position of the last event below the horizon."""
    row: tuple[Any, ...] | None = await fetch_one(db, LAST)
    return BEGINNING if row is None or row[0] is None else int(row[0])
