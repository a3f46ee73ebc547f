"""versions: every published version, with its document as exact bytes. SQL: versions.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.erasure import Erased
from domain.event import Entry
from domain.record import Published
from domain.values import Body, FileOptions, Manifest, Visibility
from projections.view import Key, View


class Version(Struct, frozen=True):
    """One version; `number` counts from 0, instants are UTC."""

    record: UUID
    number: int
    by: UUID  # who published it
    recorded_at: datetime
    valid_from: datetime
    schema_version: int
    visibility: Visibility
    body: Body
    restored_from: int | None
    manifest: Manifest | None  # None: no files
    options: FileOptions | None  # of its files; None: it was never a draft
    opens_at: datetime | None  # when an embargo ends that it was published under
    revision: int | None  # of the record, by its being published


view = View("versions", Version, key=("record", "number"))


@view.on(Published)
def published(entry: Entry[Published]) -> Iterator[tuple[Key, Version]]:
    """Give the version."""
    event = entry.event
    yield (
        (entry.stream, event.number),
        Version(
            entry.stream,
            event.number,
            entry.by,
            entry.recorded_at,
            event.valid_from or entry.recorded_at,
            event.schema_version,
            event.access.record,
            event.body,
            event.restored_from,
            event.manifest,
            event.options,
            event.access.opens_at,
            entry.version,
        ),
    )


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take versions away."""
    for each in entry.event.tombstones:
        yield (entry.stream, each.number), None
