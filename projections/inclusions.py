"""inclusions: which families are in which communities. Its SQL is in inclusions.sql."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.event import Entry
from domain.inclusions import Excluded, Included
from projections import communities
from projections.database import Db, fetch
from projections.view import Key, View


class Inclusion(Struct, frozen=True):
    """A family is in a community, since an instant."""

    family: UUID
    community: UUID
    included_at: datetime


view = View("inclusions", Inclusion, key=("family", "community"))


@view.on(Included)
def included(entry: Entry[Included]) -> Iterator[tuple[Key, Inclusion]]:
    """Put the family in."""
    community = entry.event.community
    yield (entry.stream, community), Inclusion(entry.stream, community, entry.recorded_at)


@view.on(Excluded)
def excluded(entry: Entry[Excluded]) -> Iterator[tuple[Key, None]]:
    """Take it out."""
    yield (entry.stream, entry.event.community), None


async def of_family(db: Db, family: UUID) -> list[UUID]:
    """Return the communities that a family is in, whoever may see them, the last one first."""
    rows = await fetch(db, view.sql["of_family"], {"family": family})
    return [community for (community,) in rows]


async def seen(db: Db, ids: Iterable[UUID], account: UUID) -> frozenset[UUID]:
    """Return those of these communities that an account may see, deleted ones too."""
    statement = view.sql["seen"].replace("{visible}", communities.SQL["visible"])
    rows = await fetch(db, statement, {"ids": list(ids), "account": account})
    return frozenset(id_ for (id_,) in rows)
