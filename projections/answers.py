"""answers: what requests with an Idempotency-Key were told. Its SQL is in answers.sql."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct

from domain.event import Aggregate, Entry, Event
from domain.topics import EVENTS
from projections.view import Changes, Rows, View


class Row(Struct, frozen=True):
    """One account's key and the first answer; `expires_at` None means never."""

    account: UUID
    key: str
    method: str
    path: str
    digest: str
    status: int
    location: str | None
    etag: str | None
    expires_at: datetime | None


class Answers(View[Row]):
    """Rows follow from the entry around an event, whatever the event."""

    by_stream: ClassVar[bool] = False  # a key whose time is over may be used again elsewhere

    @property
    def kinds(self) -> Iterable[type[Event]]:
        """All there are: any event may have been the answer to a request."""
        return EVENTS.values()

    def changes(
        self, entries: Sequence[Entry[Any]], heads: Mapping[UUID, Aggregate]
    ) -> Changes[Row]:
        """Return the answer that a save carries, if any."""
        changed: Changes[Row] = {}
        for entry in entries:
            if entry.answer is not None:
                self.fold(changed, entry)
        return changed

    def fold(self, rows: Rows[Row], entry: Entry[Any]) -> None:
        """Remember an entry's answer, on rebuild."""
        said = entry.answer
        if said is not None:
            rows[entry.by, said.key] = Row(
                entry.by,
                said.key,
                said.method,
                said.path,
                said.digest,
                said.status,
                said.location,
                said.etag,
                said.expires_at,
            )

    def lasts(self, row: Row, now: datetime) -> bool:
        """Whether an answer has not expired (projections/follower.py removes those that have)."""
        return row.expires_at is None or row.expires_at > now


view = Answers("answers", Row, key=("account", "key"))
