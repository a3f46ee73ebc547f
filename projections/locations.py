"""locations: every location as it stands. SQL: locations.sql."""

from __future__ import annotations

from domain.location import Location
from projections.database import Db, fetch, fetch_one
from projections.view import HeadView

view = HeadView("locations", Location)


async def every(db: Db) -> list[Location]:
    """Return all, in order of number."""
    return [view.columns.load(row) for row in await fetch(db, view.sql["all"])]


async def one(db: Db, number: int) -> Location | None:
    """Return the location with this number."""
    row = await fetch_one(db, view.sql["one"], {"number": number})
    return None if row is None else view.columns.load(row)
