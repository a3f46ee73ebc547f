"""Where a walk through what was found has come to. Who hands it out signs it (api/cursors.py)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from domain.errors import Invalid

UNKNOWN = "There is no such place in this search; begin it anew."
AGE = timedelta(days=1)  # what changed since is evaluated on each page


class Cursor(Struct, frozen=True, array_like=True):
    """The place after a record, of a walk that began at `begun`, with the snapshot `start`."""

    begun: datetime
    start: str  # pg_snapshot, as PostgreSQL writes it
    sort: str
    key: str  # what the record was sorted by, likewise
    number: int
    total: int  # how many records the walk has
    full: bool | None = None  # whether they are ranked by all their words

    def require(self, sort: str) -> None:
        """Pass on a walk that is sorted so and may go on. Raises Invalid."""
        if self.sort != sort:
            raise Invalid(UNKNOWN)
        if datetime.now(UTC) - self.begun > AGE:
            hours = AGE // timedelta(hours=1)
            raise Invalid(f"This search began more than {hours} hours ago; begin it anew.")
