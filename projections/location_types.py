"""location_types: every location type that was made, as it stands. SQL: location_types.sql."""

from __future__ import annotations

from domain.location import LocationType
from projections.database import Db, fetch, fetch_one
from projections.view import HeadView

view = HeadView("location_types", LocationType)


async def every(db: Db) -> list[LocationType]:
    """Return all that were made, in order of number."""
    return [view.columns.load(row) for row in await fetch(db, view.sql["all"])]


async def one(db: Db, number: int) -> LocationType | None:
    """Return the type with this number, if it was made."""
    row = await fetch_one(db, view.sql["one"], {"number": number})
    return None if row is None else view.columns.load(row)
