"""files: every file of every record. Its SQL is in files.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.erasure import Erased
from domain.event import Entry
from domain.record import FileLinked, FileReceived
from domain.values import Content, Visibility, visible
from projections.database import Db, fetch, fetch_one
from projections.view import Key, View

PAGE = 500  # files in memory at once


class File(Struct, frozen=True):
    """One file, by its bytes or by its URL; `number` counts from 0 within the record."""

    record: UUID
    number: int
    by: UUID  # who sent it
    recorded_at: datetime
    visibility: Visibility  # of the record's files when it came
    name: str | None = None
    content: Content | None = None
    preview: Content | None = None
    sha512: str | None = None
    url: str | None = None
    opens_at: datetime | None = None  # when an embargo ends that it came under

    def visible(self, now: datetime) -> Visibility:
        """Return its visibility at an instant."""
        return visible(self.visibility, self.opens_at, now)


view = View("files", File, key=("record", "number"))


@view.on(FileReceived)
def received(entry: Entry[FileReceived]) -> Iterator[tuple[Key, File]]:
    """Give the file, by its bytes."""
    event = entry.event
    yield _came(
        entry,
        name=event.name,
        content=event.content,
        preview=event.preview,
        sha512=event.sha512,
    )


@view.on(FileLinked)
def linked(entry: Entry[FileLinked]) -> Iterator[tuple[Key, File]]:
    """Give the file, by its URL."""
    yield _came(entry, url=entry.event.url)


def _came(entry: Entry[FileReceived] | Entry[FileLinked], **what: Any) -> tuple[Key, File]:
    event = entry.event
    file = File(
        entry.stream,
        event.number,
        entry.by,
        entry.recorded_at,
        event.visibility,
        opens_at=event.opens_at,
        **what,
    )
    return (file.record, file.number), file


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take files away."""
    for number in entry.event.files:
        yield (entry.stream, number), None


async def page(db: Db, record: UUID, after: int, *, granted: bool) -> list[File]:
    """Return up to PAGE files after a number: all, or those open to everybody."""
    params = {"record": record, "after": after, "granted": granted, "limit": PAGE}
    return [view.columns.load(row) for row in await fetch(db, view.sql["page"], params)]


async def one(db: Db, record: UUID, number: int) -> File | None:
    """Return a file of a record, whoever may see it; None when there is no such."""
    row = await fetch_one(db, view.sql["one"], {"record": record, "number": number})
    return None if row is None else view.columns.load(row)
