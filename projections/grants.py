"""grants: who holds which rung on which family, for filters in SQL. Its SQL is in grants.sql.

A project or a community has a row of its own, which tells what was granted to it and opens
nothing, and one for each permission that members have in it: access.shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from msgspec import Struct
from psycopg.types.json import Jsonb

from domain import access
from domain.access import Level
from domain.access_links import LinkChanged, LinkCreated, LinkRevoked
from domain.event import Entry
from domain.family import FamilyCreated, PermissionGranted, PermissionRevoked
from domain.group import RUNGS
from domain.group import Kind as GroupKind
from domain.inclusions import Excluded, Included
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
    event = entry.event
    if event.by_role:
        yield from _given(entry.stream, event.principal, event.level)
    else:
        row = Grant(entry.stream, event.principal, event.level)
        yield (entry.stream, event.principal), row


@view.on(PermissionRevoked)
def revoked(entry: Entry[PermissionRevoked]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    event = entry.event
    if event.by_role:
        yield from _taken(entry.stream, event.principal)
    else:
        yield (entry.stream, event.principal), None


@view.on(Included)
def included(entry: Entry[Included]) -> Iterator[tuple[Key, Grant]]:
    """Give the community its rung."""
    yield from _given(entry.stream, entry.event.community, entry.event.level)


@view.on(Excluded)
def excluded(entry: Entry[Excluded]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    yield from _taken(entry.stream, entry.event.community)


def _given(family: UUID, group: UUID, level: Level) -> Iterator[tuple[Key, Grant]]:
    """Give what goes as far as a member's role does."""
    for principal, held in ({group: level} | access.shares(group, level)).items():
        yield (family, principal), Grant(family, principal, held)


def _taken(family: UUID, group: UUID) -> Iterator[tuple[Key, None]]:
    for principal in (group, *access.shares(group, Level.NONE)):
        yield (family, principal), None


@view.on(LinkCreated)
def link_created(entry: Entry[LinkCreated]) -> Iterator[tuple[Key, Grant]]:
    """Give an access link its rung."""
    event = entry.event
    yield (entry.stream, event.link), Grant(entry.stream, event.link, event.level)


@view.on(LinkChanged)
def link_changed(entry: Entry[LinkChanged]) -> Iterator[tuple[Key, Grant]]:
    """Give an access link the rung that it has now."""
    event = entry.event
    yield (entry.stream, event.link), Grant(entry.stream, event.link, event.level)


@view.on(LinkRevoked)
def link_revoked(entry: Entry[LinkRevoked]) -> Iterator[tuple[Key, None]]:
    """Take it away."""
    yield (entry.stream, entry.event.link), None


class Through(Struct, frozen=True):
    """What of others' permissions counts as one's own: of groups and communities, of projects."""

    groups: bool = False
    projects: bool = False


async def users(db: Db, family: UUID, through: Through, asker: UUID) -> dict[int, Level]:
    """Return which accounts hold a rung on a family, by number, as far as the asker may know.

    Who is in a community is told to its members alone.
    """
    rows = await fetch(db, view.sql["users"], _asked(family, through) | {"asker": asker})
    return {number: Level(level) for number, level in rows}


async def of_user(db: Db, family: UUID, number: int, through: Through, asker: UUID) -> Level | None:
    """Return the rung that an account holds, or None when there is no such account."""
    row = await fetch_one(db, view.sql["user"], {"number": number})
    if row is None:
        return None
    return (await users(db, family, through, asker)).get(number, Level.NONE)


async def groups(db: Db, family: UUID, kind: GroupKind, through: Through) -> dict[int, Level]:
    """Return which groups of a kind hold a rung on a family, by number."""
    rows = await fetch(db, view.sql["groups"], _asked(family, through) | {"kind": kind})
    return {number: Level(level) for number, level in rows}


async def highest(db: Db, family: UUID, principals: Sequence[UUID]) -> Level:
    """Return the highest rung that any of these principals holds."""
    params = {"family": family, "principals": list(principals)}
    row = await fetch_one(db, view.sql["level"], params)
    return Level(row[0] if row else Level.NONE)


def _asked(family: UUID, through: Through) -> dict[str, object]:
    return {
        "family": family,
        "groups": through.groups,
        "projects": through.projects,
        "rungs": Jsonb({role: int(level) for role, level in RUNGS.items()}),
    }
