"""comments: what was said of every record. Its SQL is in comments.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.erasure import Erased
from domain.event import Entry
from domain.record import CommentPosted
from projections.database import Db, fetch, fetch_one
from projections.view import Key, View

PAGE = 100  # comments in memory at once


class Comment(Struct, frozen=True):
    """One comment; `number` counts among those of all records."""

    record: UUID
    number: int
    by: UUID  # who said it
    recorded_at: datetime
    content: str


view = View("comments", Comment, key=("record", "number"))


@view.on(CommentPosted)
def posted(entry: Entry[CommentPosted]) -> Iterator[tuple[Key, Comment]]:
    """Give the comment."""
    event = entry.event
    yield (
        (entry.stream, event.number),
        Comment(entry.stream, event.number, entry.by, entry.recorded_at, event.content),
    )


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Iterator[tuple[Key, None]]:
    """Take comments away."""
    for number in entry.event.comments:
        yield (entry.stream, number), None


async def page(db: Db, record: UUID, after: int) -> list[Comment]:
    """Return up to PAGE comments on a record after a number, as they were made."""
    params = {"record": record, "after": after, "limit": PAGE}
    return [Comment(*row) for row in await fetch(db, view.sql["page"], params)]


async def one(db: Db, record: UUID, number: int) -> Comment | None:
    """Return a comment on a record; None when there is no such."""
    row = await fetch_one(db, view.sql["one"], {"record": record, "number": number})
    return None if row is None else Comment(*row)
