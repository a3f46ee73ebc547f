"""inclusions: which families are in which communities. Its SQL is in inclusions.sql."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.event import Entry
from domain.inclusions import Excluded, Included
from projections import communities
from projections.database import Connections, Db, fetch
from projections.view import Key, View


class Inclusion(Struct, frozen=True):
    """A family is in a community, since an instant."""

    family: UUID
    community: UUID
    included_at: datetime


view = View("inclusions", Inclusion, key=("family", "community"))
_SQL = {
    name: view.sql[name].replace("{visible}", communities.SQL["visible"])
    for name in ("of_family", "seen")
}


@view.on(Included)
def included(entry: Entry[Included]) -> Iterator[tuple[Key, Inclusion]]:
    """Put the family in."""
    community = entry.event.community
    yield (entry.stream, community), Inclusion(entry.stream, community, entry.recorded_at)


@view.on(Excluded)
def excluded(entry: Entry[Excluded]) -> Iterator[tuple[Key, None]]:
    """Take it out."""
    yield (entry.stream, entry.event.community), None


def since_when(connections: Connections, family: UUID, community: UUID) -> datetime | None:
    """Return since when a family is in a community; None: it is not."""
    row = connections.fetch_one(view.sql["since"], {"family": family, "community": community})
    return None if row is None else row[0]


class Page(Struct, frozen=True):
    """Some communities in order, and how many there are in all."""

    total: int
    ids: list[UUID]


async def of_family(db: Db, family: UUID, account: UUID, *, limit: int, offset: int) -> Page:
    """Return a page of the communities that a family is in and an account may see.

    The last that it was put into comes first; those that were deleted are left out.
    """
    params = {"family": family, "account": account, "limit": limit, "offset": offset}
    rows = await fetch(db, _SQL["of_family"], params)
    if not rows and offset:
        first = await of_family(db, family, account, limit=1, offset=0)
        return Page(first.total, [])
    return Page(rows[0][1] if rows else 0, [id_ for id_, _ in rows])


async def seen(db: Db, ids: Iterable[UUID], account: UUID) -> frozenset[UUID]:
    """Return those of these communities that an account may see, deleted ones too."""
    rows = await fetch(db, _SQL["seen"], {"ids": list(ids), "account": account})
    return frozenset(id_ for (id_,) in rows)
