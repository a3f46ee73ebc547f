"""accounts: every account as it stands. Its SQL is in accounts.sql."""

from __future__ import annotations

from domain.account import Account
from projections.view import HeadView

view = HeadView("accounts", Account)
