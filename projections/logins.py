"""logins: the programs that act for each account. Its SQL is in logins.sql."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.login import Login
from projections.database import Db, fetch
from projections.tokens import Place
from projections.view import HeadView

view = HeadView("logins", Login)

_SCOPES = msgspec.json.Decoder(tuple[str, ...])


class Listed(Struct, frozen=True):
    """A login as its owner may be told of it; instants are UTC."""

    id: UUID
    client: str
    scopes: tuple[str, ...]
    expires_at: datetime
    ended: bool  # by somebody, or with the password that it was approved by
    made_at: datetime  # of one that nobody ended


def of_account(conn: Connection[Any], account: UUID) -> list[Listed]:
    """Return the logins of an account, oldest first, those too that have ended."""
    return _listed(conn.execute(view.sql["of_account"], {"account": account}))


async def page(db: Db, account: UUID, after: Place, limit: int) -> list[Listed]:
    """Return logins of an account that hold, after a place, newest first."""
    params = {"account": account, "made": after.made, "id": after.id, "limit": limit}
    return _listed(await fetch(db, view.sql["page"], params))


def _listed(rows: Iterable[tuple[Any, ...]]) -> list[Listed]:
    return [Listed(id_, client, _SCOPES.decode(held), *rest) for id_, client, held, *rest in rows]
