"""Who may be granted something, as clients know them: accounts and groups by id and name.

It has no table of its own. Its SQL is in principals.sql.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from msgspec import Struct

from projections import sql
from projections.database import Db, fetch

SQL = sql.load("principals")


class Named(Struct, frozen=True):
    """An account, a group, a project or a community; `kind` says which of them the id is of.

    It is a number; a community's is its slug.
    """

    kind: Literal["user_id", "group_id", "project_id", "community_id"]
    id: int | str
    name: str


async def named(db: Db, ids: Iterable[UUID]) -> dict[UUID, Named]:
    """Return those of the ids that are accounts or groups of any kind."""
    rows = await fetch(db, SQL["named"], {"ids": list(ids)})
    return {
        id_: Named(kind, number if slug is None else slug, name)
        for id_, kind, number, slug, name in rows
    }
