"""Objects as readers ask for them: records, their versions and what the asker may see.

It has no table of its own. Its SQL is in objects.sql.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.access import Level
from domain.errors import Gone
from domain.identifiers import object_key
from domain.values import Access, Visibility
from projections import sql
from projections.database import Db, fetch, fetch_one

SQL = sql.parts(sql.load("objects"))
BATCH = 200  # objects that a page has at most
LARGE = 16 << 10  # bytes; a longer document does not come with a page
WALK = 10  # objects that are looked at for each one wanted, before another way is taken

_access = msgspec.json.Decoder(Access)


class Head(Struct, frozen=True):
    """An object with at least one version, and the rung that the asker holds on it."""

    id: UUID
    number: int
    action: UUID
    family: UUID
    versions: int
    visibility: Visibility  # now
    files: Visibility  # now
    newest: Visibility  # of its newest version, now
    level: Level
    erased: bool  # whether none of its versions is there any more


class Found(Struct, frozen=True):
    """An object and one of its versions, if there is such; and the rung that the asker holds."""

    number: int
    family: UUID
    action: UUID
    visibility: Visibility  # now
    level: Level
    version: Version | None


class Version(Struct, frozen=True):
    """One version: who made it when, and the document as exact bytes."""

    by: UUID
    recorded_at: datetime
    schema_version: int
    visibility: Visibility  # its own, now
    body: bytes


class Listed(Struct, frozen=True):
    """One line of a list: the newest version of an object; ids are their 16 bytes."""

    number: int
    action: bytes  # a list looks ids up for every line: bytes are looked up faster than UUIDs
    version: int
    by: bytes
    recorded_at: datetime
    schema_version: int
    body: bytes | None  # None: more than LARGE bytes; `document` gives it


class Filter(Struct, frozen=True):
    """Which objects a list has; None: all. `below` is a number that theirs are smaller than."""

    action: UUID | None = None
    type: str | None = None
    limit: int | None = None
    offset: int = 0
    below: int = 1 << 62


class Page(Struct, frozen=True):
    """The first lines of a list, and what asks for the others; None: there are none.

    `more`: the list goes on, beyond its limit.
    """

    lines: list[Listed]
    rest: Filter | None
    more: bool = False


def column_of(object_id: str) -> tuple[str, int | UUID]:
    """Return which column of records `<id>` is, number or id, and its value. Raises NotFound."""
    key = object_key(object_id)
    return ("number", key) if isinstance(key, int) else ("id", key)


def array(ids: Sequence[UUID]) -> str:
    """Return ids as PostgreSQL writes an array, many times faster than psycopg."""
    return f"{{{','.join([each.hex for each in ids])}}}"


async def version(db: Db, object_id: str, number: int, principals: Sequence[UUID]) -> Found | None:
    """Return a version of the object that a number or pid names."""
    by, key = column_of(object_id)
    params = {"key": key, "version": number, "principals": array(principals)}
    row = await fetch_one(db, SQL[f"version_by_{by}"], params)
    if row is None:
        return None
    found = None if row[4] is None else Version(*row[4:9])
    now = _access.decode(row[3]).at(datetime.now(UTC))
    return Found(row[0], row[1], row[2], now.record, Level(row[9]), found)


async def head(db: Db, object_id: str, principals: Sequence[UUID]) -> Head | None:
    """Return the object that a number or pid names; None when it has no version either."""
    by, key = column_of(object_id)
    params = {"key": key, "principals": array(principals)}
    row = await fetch_one(db, SQL[f"head_by_{by}"], params)
    if row is None:
        return None
    id_, number, action, family, versions, held_access, newest, level, erased = row
    now = _access.decode(held_access).at(datetime.now(UTC))
    return Head(
        id_,
        number,
        action,
        family,
        versions,
        now.record,
        now.of_files,
        newest,
        Level(level),
        erased,
    )


async def listed(db: Db, principals: Sequence[UUID], wanted: Filter) -> Page:
    """Return the first page of a list, highest number first: up to BATCH objects.

    It is found on a short walk from the newest object, else by what was granted. The walk costs
    little, and is enough where a tenth of the objects may be seen; where it is not, there are few
    to begin at.
    """
    params = asked_of(wanted, principals)
    unfiltered = wanted.action is None and wanted.type is None
    rows = await fetch(db, SQL["newest" if unfiltered else "newest_under"], params)
    if len(rows) < params["limit"]:
        rows = await fetch(db, SQL["granted"], params)
    return page_of(wanted, rows)


def asked_of(wanted: Filter, principals: Sequence[UUID]) -> dict[str, Any]:
    """Return the parameters of a page: at the end of the list one line more, to see if it ends."""
    left = wanted.limit
    size = BATCH if left is None or left > BATCH else left + 1
    return {
        "below": wanted.below,
        "principals": array(principals),
        "action": wanted.action,
        "type": wanted.type,
        "limit": size,
        "offset": wanted.offset,
        "walk": WALK * (wanted.offset + size),
        "large": LARGE,
    }


def page_of(wanted: Filter, rows: Sequence[tuple[Any, ...]]) -> Page:
    """Return the page that the rows are which came for `asked_of`."""
    left = wanted.limit
    if left is not None and left <= BATCH:
        return Page([Listed(*row) for row in rows[:left]], None, len(rows) > left)
    lines = [Listed(*row) for row in rows]
    if len(lines) < BATCH:
        return Page(lines, None)
    left = None if left is None else left - BATCH
    rest = replace(wanted, limit=left, offset=0, below=lines[-1].number)
    return Page(lines, rest, more=True)


async def document(db: Db, number: int, version: int) -> bytes:
    """Return the document of a version that a list has. Raises Gone."""
    row = await fetch_one(db, SQL["document"], {"number": number, "version": version})
    if row is None:
        raise Gone("A version in the list was erased a moment ago; ask again.")
    body: bytes = row[0]
    return body
