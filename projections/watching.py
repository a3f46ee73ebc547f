"""What is watched of the log besides its followers: its length, its horizon, who is still untold.

SQL: watching.sql.

Below the horizon no event can appear any more; an open transaction holds it, and all who follow.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from psycopg import AsyncConnection

from projections import sql

SQL = sql.load("watching")


class Watched(Struct, frozen=True):
    """How many `events` there are; `horizon_seconds` since the oldest that is above the horizon."""

    events: int
    horizon_seconds: float


class Untold(Struct, frozen=True):
    """Of messages to webhooks, how many are `waiting` and how many `dead`.

    `seconds` since the oldest event that a webhook may still have to be told.
    """

    waiting: int
    dead: int
    seconds: float


async def watched(conn: AsyncConnection[Any]) -> Watched:
    """Return the state of the log."""
    rows = await (await conn.execute(SQL["state"])).fetchall()
    return Watched(*rows[0])


async def untold(conn: AsyncConnection[Any]) -> Untold:
    """Return what webhooks are still to be told."""
    rows = await (await conn.execute(SQL["untold"])).fetchall()
    return Untold(*rows[0])
