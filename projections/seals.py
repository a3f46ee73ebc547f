"""What is sealed, for readers: the checkpoint, tiles, bundles of leaves and the place of an event.

The tiles have the hashes; the leaves themselves are read from the log, whose headers they are.
SQL: seals.sql, the same for coroutines and for the command line. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

from projections import sql

SQL = sql.load("seals")


async def state(conn: AsyncConnection[Any]) -> dict[str, Any]:
    """Return how many events are sealed, the `seconds` behind, and why none is signed, if so."""
    rows = await (await conn.execute(SQL["state"])).fetchall()
    size, seconds, problem = rows[0]
    return {"size": size, "seconds": seconds, "problem": problem}
