"""accounts: every account as it stands. Its SQL is in accounts.sql."""

from __future__ import annotations

from msgspec import Struct

from domain.account import Account
from projections.database import Db, fetch, fetch_one
from projections.view import HeadView

view = HeadView("accounts", Account)


class Person(Struct, frozen=True):
    """An account as others see it; `number` is SampleDB's user_id."""

    number: int
    name: str
    email: str | None
    orcid: str | None
    affiliation: str | None
    role: str | None


async def every(db: Db) -> list[Person]:
    """Return all accounts, by name."""
    return [Person(*row) for row in await fetch(db, view.sql["all"])]


async def one(db: Db, number: int) -> Person | None:
    """Return the account with this number."""
    row = await fetch_one(db, view.sql["one"], {"number": number})
    return None if row is None else Person(*row)
