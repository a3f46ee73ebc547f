"""accounts: every account as it stands. Its SQL is in accounts.sql."""

from __future__ import annotations

from domain.account import Account
from projections.database import Db, fetch, fetch_one
from projections.view import HeadView

view = HeadView("accounts", Account)


async def every(db: Db) -> list[tuple[int, str]]:
    """Return number and name of all accounts, by name."""
    return [(number, name) for number, name in await fetch(db, view.sql["all"])]


async def one(db: Db, number: int) -> tuple[int, str] | None:
    """Return number and name of the account with this number."""
    return await fetch_one(db, view.sql["one"], {"number": number})
