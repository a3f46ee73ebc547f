"""records: every record as it stands now. Its SQL is in records.sql."""

from __future__ import annotations

from domain.record import Record
from projections.view import HeadView

view = HeadView("records", Record)
