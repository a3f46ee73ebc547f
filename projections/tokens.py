"""tokens: what each token may do, and when it was last used. Its SQL is in tokens.sql."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.account import Token
from projections.database import Db, fetch
from projections.view import HeadView

view = HeadView("tokens", Token)

WALKED = 1_000  # access tokens that are passed over, of those that ended with another
ORPHANS = view.sql["orphans"].replace(
    "{columns}", ", ".join(f"t.{each.name}" for each in view.columns.all)
)

_SCOPES = msgspec.json.Decoder(tuple[str, ...])


class Listed(Struct, frozen=True):
    """A token as its owner may be told of it; instants are UTC.

    `expires_at` and `parent` None: never, and made with none; `used_at` None: it was not used yet.
    """

    id: UUID
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked: bool  # itself, or the one it was made with
    made_at: datetime
    used_at: datetime | None  # a minute late at most
    parent: UUID | None


class Place(Struct, frozen=True):
    """A place in the list of an account's tokens: after the one made then, that has this id."""

    made: datetime
    id: UUID


NEWEST = Place(datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def of_account(conn: Connection[Any], account: UUID) -> list[Listed]:
    """Return the tokens of an account, oldest first, those too that have ended."""
    return _listed(conn.execute(view.sql["of_account"], {"account": account}))


async def page(db: Db, account: UUID, after: Place, limit: int) -> list[Listed]:
    """Return tokens that an account has after a place, newest first; access tokens aside.

    Those that have expired are among them, until they are revoked.
    """
    params = {"account": account, "made": after.made, "id": after.id, "limit": limit}
    return _listed(await fetch(db, view.sql["page"], params))


async def access_tokens(db: Db, account: UUID, limit: int) -> list[Listed]:
    """Return the access tokens of an account that hold, the last to end first.

    After WALKED that ended with what they were made with no other is looked for.
    """
    params = {"account": account, "limit": limit, "walked": limit + WALKED}
    return _listed(await fetch(db, view.sql["access_tokens"], params))


def used(conn: Connection[Any], uses: Mapping[bytes, datetime]) -> None:
    """Keep when tokens were used, by their digests; those that there are no more are left out."""
    conn.execute(view.sql["used"], {"digests": [*uses], "at": [*uses.values()]})


def _listed(rows: Iterable[tuple[Any, ...]]) -> list[Listed]:
    return [Listed(id_, label, _SCOPES.decode(held), *rest) for id_, label, held, *rest in rows]
