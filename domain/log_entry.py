"""LogEntry: what somebody wrote into an instrument's log, each version of it, what is attached.

Source: SampleDB, "Instrument Log Entries".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct

from domain.errors import Stale
from domain.event import Aggregate, Beginning, Change, Entry
from domain.values import Content


class LogText(Struct, frozen=True, omit_defaults=True):
    """One version of what is written."""

    content: str = ""
    content_is_markdown: bool = False
    categories: tuple[int, ...] = ()  # of the instrument
    event_at: datetime | None = None  # when what is written about happened, UTC


class Attachment(Struct, frozen=True):
    """A file as its sender calls it; its bytes lie in the store, by their SHA-256."""

    name: str
    content: Content


class LogEntry(Aggregate, frozen=True):
    """An entry as it stands; its texts lie in the `log_texts` view."""

    number: int  # among the entries of all instruments
    instrument: UUID
    author: UUID
    versions: int  # 1, 2, 3 … are their numbers
    files: tuple[Attachment, ...]  # 1, 2, 3 … are their numbers
    objects: tuple[int, ...]  # the numbers of records, each once

    def revise(self, text: LogText, expected: int | None = None) -> LogEntryRevised:
        """Decide the next version of the text. `expected` is its number. Raises Stale."""
        if expected not in (None, self.versions + 1):
            raise Stale(f"The next version of this entry is {self.versions + 1}, not {expected}.")
        return LogEntryRevised(number=self.versions + 1, text=text)


class LogEntryCreated(Beginning[LogEntry], frozen=True, kw_only=True, omit_defaults=True):
    """Somebody wrote into the log of an instrument."""

    TOPIC: ClassVar[str] = "log-entry.created"
    number: int
    instrument: UUID
    text: LogText
    files: tuple[Attachment, ...] = ()
    objects: tuple[int, ...] = ()

    def begin(self, entry: Entry[Any]) -> LogEntry:
        """Return the entry with its version 1."""
        return LogEntry(
            *entry.place,
            number=self.number,
            instrument=self.instrument,
            author=entry.by,
            versions=1,
            files=self.files,
            objects=self.objects,
        )


class LogEntryRevised(Change[LogEntry], frozen=True, kw_only=True):
    """The entry's author wrote it anew; what is attached stays."""

    TOPIC: ClassVar[str] = "log-entry.revised"
    number: int  # of the version, from 2
    text: LogText

    def apply(self, aggregate: LogEntry, entry: Entry[Any]) -> LogEntry:
        """Return the entry with one version more."""
        return aggregate.moved(entry, versions=self.number)
