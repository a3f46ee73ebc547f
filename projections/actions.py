"""actions: every action as it stands. Its SQL is in actions.sql."""

from __future__ import annotations

from domain.action import Action
from projections.view import HeadView

view = HeadView("actions", Action)
