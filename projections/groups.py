"""groups: every group as it stands. Its SQL is in groups.sql."""

from __future__ import annotations

from domain.group import Group
from projections.view import HeadView

view = HeadView("groups", Group)
