"""Objects as readers ask for them: records, their versions and what the asker may see.

It has no table of its own. Its SQL is in objects.sql.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import Level
from domain.identifiers import object_key, record_id
from domain.values import Access, Visibility
from projections import sql
from projections.database import Db, fetch, fetch_one

SQL = sql.load("objects")
BATCH = 200  # objects read at once while a list is streamed
NO_BOUND = 1 << 62
WALK = 10  # objects that are looked at for each one wanted, before another way is taken

_access = msgspec.json.Decoder(Access)


class Head(Struct, frozen=True):
    """An object without a document, and the rung that the asker holds on it."""

    id: UUID
    number: int
    family: UUID
    action: UUID
    versions: int
    visibility: Visibility
    level: Level


class Found(Struct, frozen=True):
    """One version of an object, and the rung that the asker holds on it; None: no such version."""

    head: Head
    version: Version | None


class Version(Struct, frozen=True):
    """One version: its number, who made it when, and the document as exact bytes."""

    number: int
    by: UUID
    recorded_at: datetime
    schema_version: int
    visibility: Visibility
    body: bytes


class Listed(Struct, frozen=True):
    """One line of a list: the newest version of an object."""

    number: int
    action: UUID
    version: int
    by: UUID
    recorded_at: datetime
    schema_version: int
    body: bytes


class Filter(Struct, frozen=True):
    """Which objects a list has; None: all."""

    action: UUID | None = None
    type: str | None = None
    limit: int | None = None
    offset: int = 0


def _key(object_id: str) -> tuple[str, int | UUID]:
    key = object_key(object_id)
    return ("number", key) if isinstance(key, int) else ("id", record_id(key))


def _head(row: tuple[Any, ...], level: int) -> Head:
    id_, number, family, action, versions, access = row
    return Head(id_, number, family, action, versions, _access.decode(access).record, Level(level))


async def version(
    db: Db, object_id: str, number: int | None, principals: Sequence[UUID]
) -> Found | None:
    """Return a version of the object that a number or pid names; number None: the newest."""
    by, key = _key(object_id)
    params = {"key": key, "version": number, "principals": list(principals)}
    row = await fetch_one(db, SQL[f"version_by_{by}"], params)
    if row is None:
        return None
    found = None if row[6] is None else Version(*row[6:12])
    return Found(_head(row[:6], row[12]), found)


async def head(db: Db, object_id: str, principals: Sequence[UUID]) -> Head | None:
    """Return the object that a number or pid names."""
    by, key = _key(object_id)
    params = {"key": key, "principals": list(principals)}
    row = await fetch_one(db, SQL[f"head_by_{by}"], params)
    return None if row is None else _head(row[:6], row[6])


async def listed(db: Db, principals: Sequence[UUID], wanted: Filter) -> AsyncIterator[list[Listed]]:
    """Give the objects in batches, highest number first, each batch read when it is asked for."""
    below, offset, left = NO_BOUND, wanted.offset, wanted.limit
    while left is None or left > 0:
        size = BATCH if left is None else min(left, BATCH)
        params = {
            "below": below,
            "principals": list(principals),
            "action": wanted.action,
            "type": wanted.type,
            "limit": size,
            "offset": offset,
            "walk": WALK * (offset + size),
        }
        rows = await _page(db, params)
        if rows:
            yield [Listed(*row) for row in rows]
        if len(rows) < size:
            return
        below, offset = rows[-1][0], 0
        left = None if left is None else left - len(rows)


async def _page(db: Db, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return a page: found on a short walk from the newest, else by what was granted.

    The walk costs little, and is enough where a tenth of the objects may be seen; where it is
    not, there are few to begin at.
    """
    unfiltered = params["action"] is None and params["type"] is None
    rows = await fetch(db, SQL["newest" if unfiltered else "newest_under"], params)
    if len(rows) < params["limit"]:
        rows = await fetch(db, SQL["granted"], params)
    return rows
