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
    version: int  # of all that is said here but the schema's own bytes
    name: str
    description: str
    type: str
    id: UUID
    schema_version: int
    hidden: bool
    instrument: int | None
    user: int | None


def row(action: Action, user: int | None) -> Row:
    """Return an action whose owner has this number as readers see it."""
    return Row(
        action.number,
        action.version,
        action.name,
        action.description,
        action.type,
        action.id,
        action.schema_version,
        action.hidden,
        action.instrument,
        user,
    )


async def every(db: Db) -> list[Row]:
    """Return all actions, in order of number."""
    return [Row(*found) for found in await fetch(db, view.sql["all"])]


async def one(db: Db, number: int) -> Row | None:
    """Return the action with this number."""
    found = await fetch_one(db, view.sql["one"], {"number": number})
    return None if found is None else Row(*found)
