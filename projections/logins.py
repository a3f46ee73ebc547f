"""logins: the programs that act for each account. Its SQL is in logins.sql."""

from __future__ import annotations

from domain.login import Login
from projections.view import HeadView

view = HeadView("logins", Login)
