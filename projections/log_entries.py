"""log_entries: every entry of an instrument's log, without its texts. SQL: log_entries.sql."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.log_entry import LogEntry, LogText
from projections.database import Db, fetch, fetch_one
from projections.log_texts import Written
from projections.view import HeadView

PAGE = 20  # entries in memory at once, each with all its versions

view = HeadView("log_entries", LogEntry)

_text = msgspec.json.Decoder(LogText)


class Row(Struct, frozen=True):
    """An entry as readers see it, with each of its versions; `author` is an account's number."""

    number: int
    author: int | None
    versions: list[Written]


async def page(db: Db, instrument: UUID, after: int) -> list[Row]:
    """Return up to PAGE entries of a log after a number."""
    params = {"instrument": instrument, "after": after, "limit": PAGE}
    return _rows(await fetch(db, view.sql["page"], params))


async def one(db: Db, instrument: UUID, number: int) -> Row | None:
    """Return an entry of a log; None when there is no such."""
    params = {"instrument": instrument, "after": number - 1, "limit": 1}
    found = _rows(await fetch(db, view.sql["page"], params))
    return found[0] if found and found[0].number == number else None


async def head(db: Db, instrument: UUID, number: int) -> LogEntry | None:
    """Return an entry of a log with what is attached, without its texts; None: no such."""
    row = await fetch_one(db, view.sql["one"], {"instrument": instrument, "number": number})
    return None if row is None else view.columns.load(row)


def _rows(found: list[tuple[Any, ...]]) -> list[Row]:
    return [
        Row(number, author, [_written(*each[2:]) for each in versions])
        for (number, author), versions in groupby(found, lambda each: each[:2])
    ]


def _written(entry: UUID, number: int, recorded_at: datetime, text: bytes) -> Written:
    return Written(entry, number, recorded_at, _text.decode(text))
