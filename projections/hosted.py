"""What organisations have, as Divio's door shows it. It has no table of its own.

Its SQL is in hosted.sql: what is another organisation's, or was deleted, is not found there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from domain.access import Actor
from domain.group import Role
from domain.hosted import Kind
from projections import sql
from projections.asking import granted
from projections.database import Db, fetch, fetch_one
from projections.objects import array

_PARTS = sql.load("hosted")
SEEN = _PARTS["seen"].replace("{granted}", granted("r"))
SQL = {name: text.replace("{seen}", SEEN) for name, text in _PARTS.items()}


class Found(Struct, frozen=True):
    """A thing of an organisation's, and what its newest version says but for variables."""

    id: UUID
    number: int
    created_at: datetime
    said: dict[str, Any]


class Organisation(Struct, frozen=True):
    """An organisation that the asker is in, and as what."""

    id: UUID
    name: str
    created_at: datetime
    role: Role


class Member(Struct, frozen=True):
    """An account in an organisation."""

    id: UUID
    name: str
    email: str | None
    role: Role


class Line(Struct, frozen=True):
    """A version of a thing: its number, when it was recorded, and which deployment it is."""

    number: int
    recorded_at: datetime
    deployment: UUID | None


class Wanted(Struct, frozen=True):
    """Which things are listed: those whose documents have these members, under this id if any."""

    having: Mapping[str, Any] = {}
    id: UUID | None = None


async def one(db: Db, kind: Kind, actor: Actor, id_: UUID) -> Found | None:
    """Return the thing with this id, if it is of an organisation of the actor's."""
    found = await page(db, kind, actor, Wanted(id=id_), limit=1, offset=0)
    return found[0] if found else None


async def count(db: Db, kind: Kind, actor: Actor, wanted: Wanted) -> int:
    """Return how many there are."""
    row = await fetch_one(db, SQL["count"], asked(kind, actor, wanted))
    return 0 if row is None else int(row[0])


async def page(
    db: Db, kind: Kind, actor: Actor, wanted: Wanted, *, limit: int, offset: int
) -> list[Found]:
    """Return some of them, in the order in which they were made."""
    params = asked(kind, actor, wanted) | {"limit": limit, "offset": offset}
    rows = await fetch(db, SQL["page"], params)
    return [Found(id_, number, at, orjson.loads(raw)) for id_, number, at, raw in rows]


def asked(kind: Kind, actor: Actor, wanted: Wanted) -> dict[str, Any]:
    """Return the parameters of SEEN."""
    return {
        "account": actor.account,
        "principals": array(actor.principals),
        "action": kind.action,
        "of": list(kind.of[1:]),
        "having": orjson.dumps(wanted.having).decode(),
        "id": wanted.id,
    }


async def organisations(
    db: Db, account: UUID, *, id_: UUID | None = None, name: str | None = None
) -> list[Organisation]:
    """Return the organisations that an account is in, in the order in which they were made."""
    params = {"account": account, "id": id_, "name": name}
    return [Organisation(*row) for row in await fetch(db, SQL["organisations"], params)]


async def members(db: Db, organisation: UUID) -> list[Member]:
    """Return who is in an organisation, by name."""
    return [Member(*row) for row in await fetch(db, SQL["members"], {"team": organisation})]


async def lines(
    db: Db, record: UUID, since: datetime | None, until: datetime | None, limit: int
) -> Sequence[Line]:
    """Return the first versions of a thing after an instant and until another."""
    params = {"record": record, "since": since, "until": until, "limit": limit}
    return [Line(*row) for row in await fetch(db, SQL["lines"], params)]
