"""Datasets as IceProd's door shows them. It has no table of its own; its SQL is in datasets.sql."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain import dataset
from domain.access import Level
from projections import sql
from projections.asking import visible
from projections.database import Db, fetch, fetch_one
from projections.objects import array, column_of

SQL = {name: text.replace("{visible}", visible("r")) for name, text in sql.load("datasets").items()}
BATCH = 500  # datasets that are read at a time


class Found(Struct, frozen=True):
    """A dataset, what it says, and the rung that the asker holds on it."""

    id: UUID
    family: UUID
    pid: str
    number: int
    created_at: datetime
    body: bytes
    visible: bool  # whether the asker may view it
    level: Level


class Listed(Struct, frozen=True):
    """A line of the list: `said` is JSON without what is kept apart."""

    number: int
    pid: str
    created_at: datetime
    said: bytes


class Filter(Struct, frozen=True):
    """Which datasets are listed; None: whatever theirs is."""

    status: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    users: Sequence[str] | None = None


async def one(db: Db, dataset_id: str, principals: Sequence[UUID]) -> Found | None:
    """Return the dataset that a number or a pid names. Raises NotFound for neither."""
    by, key = column_of(dataset_id)
    params = {"key": key, "principals": array(principals)}
    row = await fetch_one(db, SQL[f"one_by_{by}"], params)
    if row is None:
        return None
    pid, number, created_at, body, is_visible, level, action, id_, family = row
    if action != dataset.ACTION:
        return None
    return Found(id_, family, pid, number, created_at, body, is_visible, Level(level))


async def listed(
    db: Db, principals: Sequence[UUID], wanted: Filter, after: int = 0
) -> list[Listed]:
    """Return the next datasets that may be viewed, up to BATCH, by their numbers."""
    params = {
        "action": dataset.ACTION,
        "principals": array(principals),
        "after": after,
        "limit": BATCH,
        "apart": list(dataset.APART),
        "status": wanted.status,
        "groups": wanted.groups,
        "users": wanted.users,
    }
    return [Listed(*row) for row in await fetch(db, SQL["listed"], params)]


async def by_status(db: Db, principals: Sequence[UUID]) -> dict[str, list[str]]:
    """Return the public ids of the datasets that may be viewed, by their status."""
    params = {"action": dataset.ACTION, "principals": array(principals)}
    rows = dict(await fetch(db, SQL["by_status"], params))
    return {status: rows[status] for status in dataset.STATUSES if status in rows}
