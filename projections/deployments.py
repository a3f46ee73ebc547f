"""deployments: which versions of environments were deployed. Its SQL is in deployments.sql.

What is another organisation's, or was deleted, is not found there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import variable
from domain.access import Actor
from domain.deployment import Deployed
from domain.erasure import Erased
from domain.errors import NotFound
from domain.event import Entry
from domain.hosted import ENVIRONMENT
from domain.record import Published
from domain.values import Body
from projections import hosted
from projections.database import Db, fetch, fetch_one
from projections.hosted import Wanted
from projections.view import Key, View


class Line(Struct, frozen=True):
    """A deployment of a version; it began and ended at one instant.

    `variables` are the names of those that the version has: lists show them, and read no version.
    """

    record: UUID  # the environment
    number: int  # of the version
    id: UUID
    at: datetime
    build_mode: str | None
    variables: tuple[str, ...]


view = View("deployments", Line, key=("record", "number"))
_names = msgspec.json.Decoder(tuple[str, ...])
SQL = {
    name: text.replace("{deployed}", view.sql["deployed"]).replace("{seen}", hosted.SEEN)
    for name, text in view.sql.items()
}


@view.on(Published)
def published(entry: Entry[Published]) -> Iterator[tuple[Key, Line]]:
    """Give the deployment, if the version is one's."""
    event = entry.event
    if event.deployment is not None:
        place, deployed = (entry.stream, event.number), event.deployment
        names = variable.names(event.body)
        yield place, Line(*place, deployed.id, entry.recorded_at, deployed.build_mode, names)


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take those of erased versions away."""
    for number in entry.event.versions:
        yield (entry.stream, number), None


async def newest(db: Db, environments: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the newest deployments of environments that have any, by the environment."""
    return dict(await fetch(db, SQL["newest"], {"records": list(environments)}))


async def one(db: Db, actor: Actor, id_: UUID) -> Deployed | None:
    """Return the deployment with this id, if it is of an organisation of the actor's."""
    row = await fetch_one(db, SQL["of"], {"deployment": id_})
    if row is None:
        return None
    found = await page(db, actor, Wanted(id=row[0]), deployment=id_, limit=1, offset=0)
    return found[0] if found else None


async def count(db: Db, actor: Actor, wanted: Wanted, *, deployment: UUID | None = None) -> int:
    """Return how many there are of environments that are wanted, or with this id."""
    row = await fetch_one(db, SQL["count"], _params(actor, wanted, deployment))
    return 0 if row is None else int(row[0])


async def page(
    db: Db,
    actor: Actor,
    wanted: Wanted,
    *,
    deployment: UUID | None = None,
    limit: int,
    offset: int,
) -> list[Deployed]:
    """Return some of them, newest first."""
    params = _params(actor, wanted, deployment) | {"limit": limit, "offset": offset}
    rows = await fetch(db, SQL["page"], params)
    return [
        Deployed(id_, environment, slug, number, at, build_mode, _names.decode(names))
        for id_, environment, slug, number, at, build_mode, names in rows
    ]


async def body(db: Db, found: Deployed) -> Body:
    """Return what the environment says in the version of a deployment. Raises NotFound."""
    version = {"environment": found.environment, "number": found.number}
    row = await fetch_one(db, SQL["body"], version)
    if row is None:
        raise NotFound("The version of this deployment was erased.")
    return Body(row[0])


def _params(actor: Actor, wanted: Wanted, deployment: UUID | None) -> dict[str, Any]:
    return hosted.asked(ENVIRONMENT, actor, wanted) | {"deployment": deployment}
