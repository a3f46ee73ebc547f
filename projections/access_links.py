"""Access links as readers see them: of a family, all or one. Its SQL is in access_links.sql.

It has no table of its own: links stand in their family's row.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import connect

from domain.access import Level
from domain.family import Link
from projections import sql
from projections.database import Db, fetch_one, scalar

SQL = sql.load("access_links")

_links = msgspec.json.Decoder(dict[UUID, Link])
_grants = msgspec.json.Decoder(dict[UUID, Level])
_link = msgspec.json.Decoder(Link)


class Held(Struct, frozen=True):
    """A link, and what it opens."""

    id: UUID
    level: Level
    link: Link


def any_there(database_url: str) -> bool:
    """Whether there is a link at all."""
    with connect(database_url, autocommit=True) as conn:
        return bool(scalar(conn, SQL["any_there"]))


async def of_family(db: Db, family: UUID) -> list[Held]:
    """Return a family's links, the oldest first."""
    row = await fetch_one(db, SQL["all"], {"family": family})
    if row is None:
        return []
    grants = _grants.decode(row[1])
    found = [Held(id_, grants[id_], link) for id_, link in _links.decode(row[0]).items()]
    return sorted(found, key=lambda each: each.link.created_at)


async def one(db: Db, family: UUID, link: UUID) -> Held | None:
    """Return a link of a family; None when there is no such, or none any more."""
    row = await fetch_one(db, SQL["one"], {"family": family, "link": str(link)})
    return None if row is None else Held(link, Level(row[1]), _link.decode(row[0]))
