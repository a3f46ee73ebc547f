"""tombstones: what is known of erased versions, and of erased drafts. SQL: tombstones.sql."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import access
from domain.access import Level
from domain.erasure import DRAFT, Erased
from domain.event import Entry
from domain.values import Access, Visibility, visible
from projections.database import Db, fetch, fetch_one
from projections.objects import array, column_of
from projections.view import Key, View

_access = msgspec.json.Decoder(Access)


class Stone(Struct, frozen=True):
    """An erased version; `number` -1: the draft. Instants are UTC."""

    record: UUID
    number: int
    revision: int  # of the record, by the version's being published
    recorded_at: datetime
    valid_from: datetime
    visibility: Visibility  # as it was published
    opens_at: datetime | None  # when an embargo ends that it was published under
    by: UUID  # who erased it
    erased_at: datetime
    reason: str


view = View("tombstones", Stone, key=("record", "number"))


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, Stone]]:
    """Give what is known of each version."""
    for each in entry.event.tombstones:
        yield (
            (entry.stream, each.number),
            Stone(
                entry.stream,
                each.number,
                each.revision,
                each.recorded_at,
                each.valid_from,
                each.visibility,
                each.opens_at,
                entry.by,
                entry.recorded_at,
                entry.event.reason,
            ),
        )


class Found(Struct, frozen=True):
    """A tombstone as an asker meets it; `may_see`: he might have seen what it stands for."""

    record: UUID
    object: int
    number: int
    whole: bool  # no version of the object is there
    erased_at: datetime
    reason: str
    by: UUID
    may_see: bool


async def find(
    db: Db, object_id: str, number: int | None, principals: Sequence[UUID]
) -> Found | None:
    """Return the tombstone of a version of an object, or of its newest, or of its draft alone.

    Raises NotFound for what is no id.
    """
    by, key = column_of(object_id)
    params = {"key": key, "number": number, "principals": array(principals)}
    row = await fetch_one(db, view.sql["found"].replace("{by}", by), params)
    if row is None:
        return None
    record, object_, _, _, held, level, whole, draft, at, _, _, seen, opens, when, why, who = row
    now = datetime.now(UTC)
    if at == DRAFT:
        may_see = level >= Level.PREVIEW and not draft
    else:
        then = visible(seen, opens, now)
        may_see = access.may_view_version(Level(level), then, _access.decode(held).at(now).record)
    return Found(record, object_, at, whole, when, why, who, may_see)


async def standing(
    db: Db, object_id: str, as_of: datetime | None, valid_at: datetime | None
) -> int | None:
    """Return the number of the erased version that was in force, of all; None: it was none.

    Raises NotFound for what is no id.
    """
    by, key = column_of(object_id)
    params = {"key": key, "as_of": as_of, "valid_at": valid_at}
    row = await fetch_one(db, view.sql["standing"].replace("{by}", by), params)
    return None if row is None else int(row[0])


class Line(Struct, frozen=True):
    """A tombstone in the list of an object's."""

    number: int
    recorded_at: datetime
    visibility: Visibility  # now
    erased_at: datetime
    reason: str
    by: UUID


async def all_of(db: Db, record: UUID) -> list[Line]:
    """Return the tombstones of a record, whoever may see them."""
    now = datetime.now(UTC)
    rows = await fetch(db, view.sql["all"], {"record": record})
    return [
        Line(number, recorded, visible(seen, opens, now), when, why, UUID(bytes=bytes(who)))
        for number, recorded, seen, opens, when, why, who in rows
    ]
