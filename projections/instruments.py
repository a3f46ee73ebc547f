"""instruments: every instrument as it stands. Its SQL is in instruments.sql."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct

from domain.instrument import Instrument, InstrumentDetails
from projections.database import Db, fetch, fetch_one
from projections.view import HeadView

view = HeadView("instruments", Instrument)

_details = msgspec.json.Decoder(InstrumentDetails)
_titles = msgspec.json.Decoder(tuple[str, ...])


class Row(Struct, frozen=True):
    """An instrument as readers see it; `scientists` are their accounts' numbers."""

    id: UUID
    number: int
    details: InstrumentDetails
    categories: tuple[str, ...]  # their titles; 1, 2, 3 … are their numbers
    scientists: list[int]


async def every(db: Db) -> list[Row]:
    """Return all instruments, in order of number."""
    return [_row(row) for row in await fetch(db, view.sql["all"])]


async def one(db: Db, number: int) -> Row | None:
    """Return the instrument with this number."""
    row = await fetch_one(db, view.sql["one"], {"number": number})
    return None if row is None else _row(row)


def _row(values: tuple[UUID, int, bytes, bytes, list[int]]) -> Row:
    id_, number, details, categories, scientists = values
    return Row(id_, number, _details.decode(details), _titles.decode(categories), scientists)
