"""grants: who holds which rung on which family, for filters in SQL. Its SQL is in grants.sql."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct

from domain.access import Level
from domain.event import Entry
from domain.family import FamilyCreated, PermissionGranted, PermissionRevoked
from projections.database import Db, fetch, fetch_one
from projections.view import Key, View


class Grant(Struct, frozen=True):
    """One principal's rung on one family."""

    family: UUID
    principal: UUID
    level: int


view = View("grants", Grant, key=("family", "principal"))


@view.on(FamilyCreated)
def created(entry: Entry[FamilyCreated]) -> Iterator[tuple[Key, Grant]]:
    """Give the owner every right."""
    owner = entry.event.owner
    yield (entry.stream, owner), Grant(entry.stream, owner, Level.MANAGE)


@view.on(PermissionGranted)
def granted(entry: Entry[PermissionGranted]) -> Iterator[tuple[Key, Grant]]:
    """Give a principal its rung."""
    principal = entry.event.principal
    yield (entry.stream, principal), Grant(entry.stream, principal, entry.event.level)


@view.on(PermissionRevoked)
def revoked(entry: Entry[PermissionRevoked]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    yield (entry.stream, entry.event.principal), None


async def users(db: Db, family: UUID) -> dict[int, Level]:
    """Return which accounts hold a rung of their own on a family, by number."""
    rows = await fetch(db, view.sql["users"], {"family": family})
    return {number: Level(level) for number, level in rows}


async def of_user(db: Db, family: UUID, number: int) -> Level | None:
    """Return the rung of its own that an account holds, or None when there is no such account."""
    row = await fetch_one(db, view.sql["of_user"], {"family": family, "number": number})
    return None if row is None else Level(row[0])


async def highest(db: Db, family: UUID, principals: Sequence[UUID]) -> Level:
    """Return the highest rung that any of these principals holds."""
    params = {"family": family, "principals": list(principals)}
    row = await fetch_one(db, view.sql["level"], params)
    return Level(row[0] if row else Level.NONE)
