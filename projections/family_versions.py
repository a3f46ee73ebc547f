"""The published records of a family as InvenioRDM's readers ask for them: all, or the latest.

It has no table of its own. Its SQL is in family_versions.sql.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain.access import Level
from domain.identifiers import PID, record_id
from projections import sql
from projections.database import Db, fetch, fetch_one
from projections.objects import array
from projections.published import BUDGET, Found, found

SQL = sql.load("family_versions")

ASKED = 4  # columns about the record that was named, before those of a version


class Wanted(Struct, frozen=True):
    """Which versions of a family: in which order, how many, after how many."""

    limit: int
    offset: int = 0
    by: Literal["index", "updated"] = "index"
    descending: bool = True
    budget: int = BUDGET  # bytes of their documents


class Page(Struct, frozen=True):
    """Versions of a family that the asker may see, and what he may of the record he named.

    `level` is his rung, `published` whether that record is, `is_open` whether he may see it. A
    document beyond the budget is b"": published.document gives it.
    """

    level: Level
    published: bool
    is_open: bool
    total: int
    lines: list[Found]


async def page(db: Db, pid: str, principals: Sequence[UUID], wanted: Wanted) -> Page | None:
    """Return versions of the family of the record that a public id names; None: there is none."""
    if not PID.fullmatch(pid):
        return None
    params = {
        "id": record_id(pid),
        "principals": array(principals),
        "limit": wanted.limit,
        "offset": wanted.offset,
        "by": wanted.by,
        "direction": -1 if wanted.descending else 1,
        "budget": wanted.budget,
    }
    rows = await fetch(db, SQL["page"], params)
    if not rows:
        return None
    level, versions, is_open, total = rows[0][:ASKED]
    lines = [found(row[ASKED:]) for row in rows if row[ASKED] is not None]
    return Page(Level(level), versions > 0, is_open, total, lines)


async def latest(db: Db, pid: str, principals: Sequence[UUID]) -> Found | None:
    """Return the newest published record of the family of a record, whoever may see it; or None."""
    if not PID.fullmatch(pid):
        return None
    params = {"id": record_id(pid), "principals": array(principals)}
    row = await fetch_one(db, SQL["latest"], params)
    return None if row is None else found(row)
