"""files: every file of every record. Its SQL is in files.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.event import Entry
from domain.record import FileLinked, FileReceived
from domain.values import Content, Visibility
from projections.view import Key, View


class File(Struct, frozen=True):
    """One file, by its bytes or by its URL; `number` counts from 0 within the record."""

    record: UUID
    number: int
    by: UUID  # who sent it
    recorded_at: datetime
    visibility: Visibility  # of the record's files when it came
    name: str | None
    content: Content | None
    preview: Content | None
    sha512: str | None
    url: str | None


view = View("files", File, key=("record", "number"))


@view.on(FileReceived)
def received(entry: Entry[FileReceived]) -> Iterator[tuple[Key, File]]:
    """Give the file."""
    event = entry.event
    yield (
        (entry.stream, event.number),
        File(
            entry.stream,
            event.number,
            entry.by,
            entry.recorded_at,
            event.visibility,
            event.name,
            event.content,
            event.preview,
            event.sha512,
            None,
        ),
    )


@view.on(FileLinked)
def linked(entry: Entry[FileLinked]) -> Iterator[tuple[Key, File]]:
    """Give the file."""
    event = entry.event
    yield (
        (entry.stream, event.number),
        File(
            entry.stream,
            event.number,
            entry.by,
            entry.recorded_at,
            event.visibility,
            None,
            None,
            None,
            None,
            event.url,
        ),
    )
