"""log_texts: each version of each entry of an instrument's log. Its SQL is in log_texts.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.event import Entry
from domain.log_entry import LogEntryCreated, LogEntryRevised, LogText
from projections.view import Key, View


class Written(Struct, frozen=True):
    """One version; `number` counts from 1 within the entry."""

    entry: UUID
    number: int
    recorded_at: datetime
    text: LogText


view = View("log_texts", Written, key=("entry", "number"))


@view.on(LogEntryCreated)
def created(entry: Entry[LogEntryCreated]) -> Iterator[tuple[Key, Written]]:
    """Give version 1."""
    yield (entry.stream, 1), Written(entry.stream, 1, entry.recorded_at, entry.event.text)


@view.on(LogEntryRevised)
def revised(entry: Entry[LogEntryRevised]) -> Iterator[tuple[Key, Written]]:
    """Give a later one."""
    number = entry.event.number
    yield (
        (entry.stream, number),
        Written(entry.stream, number, entry.recorded_at, entry.event.text),
    )
