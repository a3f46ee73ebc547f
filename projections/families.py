"""families: every family as it stands. Its SQL is in families.sql."""

from __future__ import annotations

from domain.family import Family
from projections.view import HeadView

view = HeadView("families", Family)
