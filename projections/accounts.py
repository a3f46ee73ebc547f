"""accounts: every account as it stands. Its SQL is in accounts.sql."""

from __future__ import annotations

from domain.account import Account
from projections.database import Db
from projections.view import HeadView

view = HeadView("accounts", Account)


async def every(db: Db) -> list[tuple[int, str]]:
    """Return number and name of all accounts, by name."""
    async with db.connection() as conn:
        return await (await conn.execute(view.sql["all"])).fetchall()


async def one(db: Db, number: int) -> tuple[int, str] | None:
    """Return number and name of the account with this number."""
    async with db.connection() as conn:
        return await (await conn.execute(view.sql["one"], {"number": number})).fetchone()
