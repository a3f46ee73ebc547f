"""names: what something outside calls one of our things. Its SQL is in names.sql."""

from __future__ import annotations

from domain.name import Name
from projections.view import HeadView

view = HeadView("names", Name)
