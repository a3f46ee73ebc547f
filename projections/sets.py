"""Public communities as sets that records are in: what is harvested by.

It has no table of its own. Its SQL is in sets.sql.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from projections import communities, sql
from projections.database import Db, fetch

SQL = {
    name: text.replace("{public}", communities.PUBLIC) for name, text in sql.load("sets").items()
}


class Set(Struct, frozen=True):
    """A community that everybody may see, what it is called and in which place it was made."""

    number: int
    slug: str
    name: str


class Page(Struct, frozen=True):
    """Some sets in the order in which they were made; of `left` that there are from here on."""

    left: int
    sets: list[Set]


async def page(db: Db, after: int, limit: int) -> Page:
    """Return the sets that were made after one."""
    rows = await fetch(db, SQL["page"], {"after": after, "limit": limit})
    return Page(rows[0][0], [Set(*row[1:]) for row in rows if row[1] is not None])


async def of_families(db: Db, families: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return the slugs of the sets that families are in, by family."""
    rows = await fetch(db, SQL["of_families"], {"families": list(families)})
    return {family: tuple(slugs) for family, slugs in rows}
