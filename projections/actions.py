"""actions: every action as it stands. Its SQL is in actions.sql."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain.action import Action
from projections.database import Db, fetch, fetch_one
from projections.view import HeadView

view = HeadView("actions", Action)


class Row(Struct, frozen=True):
    """An action as readers see it; `user` is its owner's number."""

    number: int
    name: str
    description: str
    type: str
    id: UUID
    schema_version: int
    user: int | None


async def every(db: Db) -> list[Row]:
    """Return all actions, in order of number."""
    rows = await fetch(db, view.sql["all"])
    return [Row(*row) for row in rows]


async def one(db: Db, number: int) -> Row | None:
    """Return the action with this number."""
    row = await fetch_one(db, view.sql["one"], {"number": number})
    return None if row is None else Row(*row)
