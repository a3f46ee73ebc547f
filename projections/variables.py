"""Variables of environments as Divio's door lists them. It has no table of its own.

Its SQL is in variables.sql: pages are cut there, so that no environment comes along whole.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct

from domain.access import Actor
from domain.hosted import ENVIRONMENT
from domain.variable import Variable
from projections import hosted, sql
from projections.database import Db, fetch, fetch_one
from projections.hosted import Wanted

_PARTS = sql.load("variables")
SQL = {
    name: text.replace("{listed}", _PARTS["listed"]).replace("{seen}", hosted.SEEN)
    for name, text in _PARTS.items()
}


class Listed(Struct, frozen=True):
    """A variable where it is; what of it is sealed does not come along."""

    environment: UUID
    application: UUID
    variable: Variable


async def count(
    db: Db, actor: Actor, wanted: Wanted, *, name: str | None = None, uuid: str | None = None
) -> int:
    """Return how many there are in environments that are wanted, under this name or id if any."""
    row = await fetch_one(db, SQL["count"], _params(actor, wanted, name, uuid))
    return 0 if row is None else int(row[0])


async def page(
    db: Db,
    actor: Actor,
    wanted: Wanted,
    *,
    name: str | None = None,
    uuid: str | None = None,
    limit: int,
    offset: int,
) -> list[Listed]:
    """Return some of them, by environment, each in the order in which they were made."""
    params = _params(actor, wanted, name, uuid) | {"limit": limit, "offset": offset}
    return [
        Listed(environment, UUID(application), Variable(*said))
        for environment, application, *said in await fetch(db, SQL["page"], params)
    ]


def _params(actor: Actor, wanted: Wanted, name: str | None, uuid: str | None) -> dict[str, Any]:
    return hosted.asked(ENVIRONMENT, actor, wanted) | {"name": name, "uuid": uuid}
