"""object_locations: where each object was put, one row an assignment. SQL: object_locations.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.erasure import Erased
from domain.event import Entry
from domain.languages import Words
from domain.record import LocationAssigned
from projections.database import Db, fetch, fetch_one
from projections.view import Key, View

PAGE = 500  # assignments in memory at once


class Assignment(Struct, frozen=True):
    """One assignment; `number` counts from 0 within the record."""

    record: UUID
    number: int
    by: UUID  # who said so
    recorded_at: datetime
    location: int | None
    responsible: UUID | None
    description: Words


class Row(Struct, frozen=True):
    """An assignment as readers see it; accounts by number."""

    number: int
    user: int | None
    recorded_at: datetime
    location: int | None
    responsible: int | None
    description: str  # in English


view = View("object_locations", Assignment, key=("record", "number"))


@view.on(LocationAssigned)
def assigned(entry: Entry[LocationAssigned]) -> Iterator[tuple[Key, Assignment]]:
    """Give the assignment."""
    event = entry.event
    yield (
        (entry.stream, event.number),
        Assignment(
            entry.stream,
            event.number,
            entry.by,
            entry.recorded_at,
            event.location,
            event.responsible,
            event.description,
        ),
    )


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take assignments away."""
    for number in entry.event.locations:
        yield (entry.stream, number), None


async def page(db: Db, record: UUID, after: int) -> list[Row]:
    """Return up to PAGE assignments of a record after a number."""
    params = {"record": record, "after": after, "limit": PAGE}
    return [Row(*row) for row in await fetch(db, view.sql["page"], params)]


async def one(db: Db, record: UUID, number: int) -> Row | None:
    """Return an assignment of a record; None when there is no such."""
    row = await fetch_one(db, view.sql["one"], {"record": record, "number": number})
    return None if row is None else Row(*row)
