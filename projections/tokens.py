"""tokens: what each token may do. Its SQL is in tokens.sql."""

from __future__ import annotations

from domain.account import Token
from projections.view import HeadView

view = HeadView("tokens", Token)
