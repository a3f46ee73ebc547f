"""What is sealed, for readers: the checkpoint, tiles, bundles of leaves and the place of an event.

The tiles have the hashes; the leaves themselves are read from the log, whose headers they are.
Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, Connection

from domain.evidence import tiles
from domain.evidence.leaf import Header
from domain.evidence.merkle import Node
from domain.evidence.tiles import WIDTH, Piece
from domain.values import Visibility
from projections import sql
from projections.database import Db, fetch, fetch_one

SQL = sql.load("seals")

T = TypeVar("T")


async def state(conn: AsyncConnection[Any]) -> dict[str, Any]:
    """Return how many events are sealed, the `seconds` behind, and why none is signed, if so.

    `unpushed`: the last checkpoint could not be pushed to the Git remote.
    """
    rows = await (await conn.execute(SQL["state"])).fetchall()
    size, seconds, problem, unpushed = rows[0]
    return {"size": size, "seconds": seconds, "problem": problem, "unpushed": unpushed}


async def checkpoint(db: Db) -> str | None:
    """Return the last signed checkpoint; None before the first."""
    row = await fetch_one(db, SQL["checkpoint"])
    return None if row is None else row[0]


async def key(db: Db) -> str | None:
    """Return the public key of the last checkpoint; None before the first."""
    row = await fetch_one(db, SQL["key"])
    return None if row is None else row[0]


async def tile(db: Db, level: int, piece: Piece) -> bytes | None:
    """Return the hashes of a tile; None where it has not so many."""
    row = await fetch_one(db, SQL["tiles"], wanted([(level, piece.number)]))
    found = tiles.first(row[2], piece.width) if row is not None else b""
    return found or None


async def entries(db: Db, piece: Piece, first: int = 0) -> list[Header]:
    """Return headers of a bundle from its `first` on, no more than there are."""
    params = {"number": piece.number, "first": first, "width": piece.width}
    return [Header(*row) for row in await fetch(db, SQL["entries"], params)]


async def leaf(db: Db, index: int) -> Header | None:
    """Return the header that is a leaf, if it is one."""
    found = await entries(db, Piece(index // WIDTH, 1), index % WIDTH)
    return found[0] if found else None


async def index(db: Db, position: int) -> int | None:
    """Return which leaf the event at a position is, or will be; None before the first tile."""
    row = await fetch_one(db, SQL["index"], {"position": position})
    return None if row is None else row[0]


async def published(db: Db, record: UUID, number: int) -> tuple[Header, Visibility] | None:
    """Return the event that published a version, and who may see that now."""
    row = await fetch_one(db, SQL["published"], {"record": record, "number": number})
    return None if row is None else (Header(*row[:-1]), row[-1])


async def asked(db: Db, ask: Callable[[Node], T]) -> T:
    """Return what somebody asks of the tree. Raises LookupError where it has not so many leaves."""
    rows = await fetch(db, SQL["tiles"], wanted(tiles.wanted(ask)))
    found = {(level, number): hashes for level, number, hashes in rows}
    return ask(tiles.nodes(lambda level, number: found.get((level, number), b"")))


def hashes(
    conn: Connection[Any], which: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Return the hashes of the tiles (level, number) that there are of those asked for."""
    rows = conn.execute(SQL["tiles"], wanted(which), binary=True)
    return {(level, number): found for level, number, found in rows}


def reader(conn: Connection[Any]) -> Callable[[int, int], bytes]:
    """Return what reads the hashes of a tile (level, number), each tile once."""

    @cache
    def read(level: int, number: int) -> bytes:
        return hashes(conn, [(level, number)]).get((level, number), b"")

    return read


def wanted(which: Collection[tuple[int, int]]) -> dict[str, Any]:
    """Return the parameters of SQL["tiles"] for tiles (level, number)."""
    return {"levels": [each[0] for each in which], "numbers": [each[1] for each in which]}
