"""owing: what erasures have still to leave: files that they named, files of the database.

How far the database's were written anew stands beside how far the followers are. SQL: owing.sql.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct
from psycopg import AsyncConnection, Connection

from projections import sql
from projections.database import connect, serving

SQL = sql.load("owing")


class Owed(Struct, frozen=True):
    """What is left to be done; `seconds` since the oldest erasure whose files may be there."""

    unscrubbed_since: datetime | None  # of the oldest erasure that no scrub came after
    seconds: float


async def owed(conn: AsyncConnection[Any]) -> Owed:
    """Return what is left to be done."""
    row = await (await conn.execute(SQL["owed"])).fetchone()
    since, seconds = row or (None, 0)
    return Owed(since, float(seconds))


def unscrubbed_since(database_url: str) -> datetime | None:
    """Return when the oldest erasure was that no scrub came after."""
    with connect(serving(database_url, "owing")) as conn:
        rows = conn.execute(SQL["owed"]).fetchall()
    since: datetime | None = rows[0][0]
    return since


def scrubbed(conn: Connection[Any], position: int) -> None:
    """Say that of erasures up to a position nothing is left in the database's files."""
    conn.execute(SQL["scrubbed"], {"position": position})
