"""Members of a community as readers see them, page by page.

It has no table of its own. Its SQL is in community_members.sql.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from domain.group import Role
from projections import sql
from projections.database import Db, fetch

SQL = sql.load("community_members")


class Member(Struct, frozen=True):
    """An account in a community."""

    account: UUID
    number: int
    name: str
    affiliation: str | None
    role: Role


class Page(Struct, frozen=True):
    """Some members, by name, and how many there are in all."""

    total: int
    members: list[Member]


async def page(db: Db, team: UUID, roles: Iterable[Role], *, limit: int, offset: int) -> Page:
    """Return a page of those members of a community who have one of these roles."""
    params = {"team": team, "roles": list(roles), "limit": limit, "offset": offset}
    rows = await fetch(db, SQL["page"], params)
    return Page(rows[0][0], [Member(*row[1:]) for row in rows if row[1] is not None])
