"""An object's versions in both their times, as far as the asker may view them.

`recorded_at` is when a version was stored, `valid_from` since when what it says was so. It has no
table of its own. Its SQL is in timeline.sql. Source: DESIGN.md "Events", two times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import Level
from domain.values import Access, Visibility
from projections import sql
from projections.database import Db, fetch, fetch_one
from projections.objects import Head, array, column_of

_TEXTS = sql.load("timeline")
NONE = -1  # a number before all
_PICKS = ("recorded", "valid", "nearest")
_SEEN = ("may.granted", _TEXTS["open"])
_TWICE = re.compile(r"{{(.*?)}}", re.DOTALL)
_access = msgspec.json.Decoder(Access)


def _filled(text: str, **parts: str) -> str:
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return _TWICE.sub(_twice, text)


def _twice(match: re.Match[str]) -> str:
    granted, public = (match[1].replace("{seen}", f"({each})") for each in _SEEN)
    return f"({granted}) UNION ALL ({public})"


SQL: MappingProxyType[str, str] = MappingProxyType(
    {
        f"{name}_by_{key}": _filled(_TEXTS["at"], pick=_TEXTS[name], key=key)
        for key in ("number", "id")
        for name in _PICKS
    }
    | {
        name: _filled(_TEXTS[name])
        for name in ("page_after", "page_before", "instants", "published", "documents")
    }
)


class Line(Struct, frozen=True):
    """One version in a list; `size` is in bytes, `user` and `name` of who published it."""

    version: int
    recorded_at: datetime
    valid_from: datetime
    user: int | None  # None: no account, as of the command line
    name: str | None
    schema_version: int
    size: int
    restored_from: int | None


class Memento(NamedTuple):
    """A version by its number, and when it was recorded."""

    version: int
    recorded_at: datetime


class Around(Struct, frozen=True):
    """The outermost and the neighbouring versions, of those that the asker may view."""

    first: Memento | None
    previous: Memento | None
    next: Memento | None
    last: Memento | None


class Moment(Struct, frozen=True):
    """An object as a question about time finds it; `picked` None: no version answers it."""

    visibility: Visibility  # now
    level: Level
    began: datetime  # when its version 0 was recorded
    picked: Memento | None
    then: Visibility | None  # of the version picked, now
    around: Around


async def recorded(
    db: Db, object_id: str, principals: Sequence[UUID], as_of: datetime
) -> Moment | None:
    """Pick the latest version recorded at or before `as_of`."""
    return await _at(db, "recorded", object_id, principals, as_of=as_of.isoformat())


async def valid(
    db: Db, object_id: str, principals: Sequence[UUID], valid_at: datetime, as_of: datetime | None
) -> Moment | None:
    """Pick the version in force at `valid_at`: that with the greatest (valid_from, number).

    Versions recorded after `as_of` are left out; None leaves out none.
    """
    known = "infinity" if as_of is None else as_of.isoformat()
    return await _at(db, "valid", object_id, principals, valid_at=valid_at.isoformat(), as_of=known)


async def nearest(
    db: Db, object_id: str, principals: Sequence[UUID], by: datetime
) -> Moment | None:
    """Pick the last version recorded by the end of a second, else the first, that may be viewed."""
    return await _at(db, "nearest", object_id, principals, by=by.isoformat())


async def _at(
    db: Db, pick: str, object_id: str, principals: Sequence[UUID], **instants: str
) -> Moment | None:
    by, key = column_of(object_id)
    params = {"key": key, "principals": array(principals), **instants}
    row = await fetch_one(db, SQL[f"{pick}_by_{by}"], params)
    if row is None or row[0] == 0:
        return None
    picked, *around = (_memento(row[at], row[at + 1]) for at in (4, 7, 9, 11, 13))
    return Moment(
        visibility=_access.decode(row[1]).at(datetime.now(UTC)).record,
        level=Level(row[2]),
        began=row[3],
        picked=picked,
        then=row[6],
        around=Around(*around),
    )


def _memento(version: int | None, recorded_at: datetime | None) -> Memento | None:
    return None if version is None or recorded_at is None else Memento(version, recorded_at)


async def page_after(db: Db, head: Head, limit: int, after: int | None) -> list[Line]:
    """Return the first versions after a number, or of all, that may be viewed."""
    return await _page(db, "page_after", head, limit, after=after)


async def page_before(db: Db, head: Head, limit: int, before: int) -> list[Line]:
    """Return the last versions before a number that may be viewed, the oldest first."""
    return await _page(db, "page_before", head, limit, before=before)


async def _page(
    db: Db, name: str, head: Head, limit: int, after: int | None = None, before: int | None = None
) -> list[Line]:
    bounds = {"after": NONE if after is None else after, "before": before}
    rows = await fetch(db, SQL[name], _seen(head) | bounds | {"limit": limit})
    return [Line(*row) for row in rows]


async def instants(db: Db, head: Head, limit: int, after: int | None) -> list[Memento]:
    """Return the first versions after a number, or of all, that may be viewed."""
    params = _seen(head) | {"after": NONE if after is None else after, "limit": limit}
    return [Memento(*row) for row in await fetch(db, SQL["instants"], params)]


def _seen(head: Head) -> dict[str, Any]:
    return {
        "record": head.id,
        "granted": head.level >= Level.VIEW,
        "public": head.visibility == "public",
    }


async def published(db: Db, head: Head, versions: Iterable[int]) -> dict[int, Visibility]:
    """Return how visible versions are now, each by what it was published with, by their numbers."""
    params = {"record": head.id, "numbers": list(versions)}
    return dict(await fetch(db, SQL["published"], params))


async def documents(db: Db, head: Head, versions: Iterable[int]) -> dict[int, bytes]:
    """Return the exact bytes of versions, by their numbers."""
    params = {"record": head.id, "numbers": list(versions)}
    return dict(await fetch(db, SQL["documents"], params))
