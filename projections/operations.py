"""operations: what was asked for by IceProd's actions. Its SQL is in operations.sql."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from domain.operation import Operation
from projections.database import Db, fetch_one
from projections.view import HeadView

view = HeadView("operations", Operation)


class Found(Struct, frozen=True):
    """An operation: who asked for it, and for what."""

    account: UUID
    payload: bytes
    number: int | None  # of the dataset's version that says the rest


async def one(db: Db, kind: str, operation: UUID) -> Found | None:
    """Return an operation of a kind."""
    row = await fetch_one(db, view.sql["one"], {"id": operation, "kind": kind})
    return None if row is None else Found(*row)


async def count(db: Db, kind: str) -> int:
    """Return how many of a kind were carried out."""
    row = await fetch_one(db, view.sql["count"], {"kind": kind})
    return 0 if row is None else int(row[0])
