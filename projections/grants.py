"""grants: who holds which rung on which family, for filters in SQL. Its SQL is in grants.sql."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from domain.access import Level
from domain.event import Entry
from domain.family import FamilyCreated, PermissionGranted, PermissionRevoked
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
