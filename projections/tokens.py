"""tokens: what each token may do. Its SQL is in tokens.sql."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import Connection

from domain.account import Token
from projections.view import HeadView

view = HeadView("tokens", Token)


class Listed(Struct, frozen=True):
    """A token as its owner may be told of it; `expires_at` is UTC, None for never."""

    id: UUID
    label: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    revoked: bool  # itself, or the one it was made with


def of_account(conn: Connection[Any], account: UUID) -> list[Listed]:
    """Return the tokens of an account, oldest first."""
    scopes = msgspec.json.Decoder(tuple[str, ...])
    return [
        Listed(id_, label, scopes.decode(held), expires_at, revoked)
        for id_, label, held, expires_at, revoked in conn.execute(
            view.sql["of_account"], {"account": account}
        )
    ]
