"""Pages of an object's life: all of it, or what of it the public may see.

A page ends at the position of the last event it shows, and leads on only where more is shown: what
counts hidden events is nobody's affair to whom they are hidden. Only where so many are hidden that
no request looks at them all, it ends among them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from api.feed import positions
from domain import access
from domain.access import Level
from domain.access_links import LinkChanged, LinkCreated, LinkRevoked
from domain.draft_files import (
    DraftFileCommitted,
    DraftFileReceived,
    DraftFileRemoved,
    DraftFilesImported,
    DraftFilesStarted,
)
from domain.drafting import DraftDiscarded, DraftReopened, DraftSaved
from domain.emptied import Emptied
from domain.erasure import Erased
from domain.errors import Invalid
from domain.event import Entry
from domain.family import VersionDiscarded, VersionOpened
from domain.inclusions import Excluded, Included
from domain.mapper import UNREADABLE, read_entry
from domain.record import (
    AccessChanged,
    CommentPosted,
    FileLinked,
    FileReceived,
    Published,
    RecordCreated,
)
from domain.topics import topics_of
from domain.values import visible
from projections import inclusions, lives
from projections.database import Db, fetch, fetch_one
from projections.lives import Life, Place, Row
from projections.objects import Head

WEIGHT = 4 << 20  # bytes of states that are read for a page; it may end early
WALK = 1000  # events that are looked at a query, and hidden ones of a page that has all of a life
TURN = 100  # events that are looked at a query after the first
NO_PLACE = "after must be taken from the link to the next page."
OF_RECORD = (RecordCreated, AccessChanged)
OF_FILE = (FileReceived, FileLinked)
OF_INCLUSIONS = topics_of(Included, Excluded)
OF_EDITORS = frozenset(  # shown from Level.PREVIEW on
    topics_of(
        CommentPosted,
        DraftSaved,
        DraftReopened,
        DraftDiscarded,
        DraftFilesStarted,
        DraftFileReceived,
        DraftFileCommitted,
        DraftFileRemoved,
        DraftFilesImported,
        VersionOpened,
        VersionDiscarded,
        LinkCreated,
        LinkChanged,
        LinkRevoked,
    )
)


class Happening(Struct, frozen=True):
    """An event in its place; `entry` is None when somebody has damaged it."""

    position: int
    stream: UUID
    version: int
    topic: str
    recorded_at: datetime
    digest: bytes
    entry: Entry[Any] | None
    size: int  # of its state, in bytes


class Page(Struct, frozen=True):
    """Some events, and what asks for those that follow; None: there are none."""

    happenings: list[Happening]
    after: str | None


async def every(
    db: Db, life: Life, held: Level, account: UUID, after: str | None, limit: int
) -> Page:
    """Return the events of a life that follow a place, for an account that holds a rung.

    Raises Invalid.
    """
    place = lives.BEGINNING
    if after:
        place = await _place(db, life, positions.parse(after))
    found: list[Happening] = []
    weight = hidden = 0
    # One more than fit: there is more.
    async for each, is_shown in _walked(db, life, held, account, place, limit + 1):
        if not is_shown:
            hidden += 1
            if hidden == WALK:
                return Page(found, positions.token(each.position))
        elif len(found) == limit or weight > WEIGHT:
            return Page(found, positions.token(found[-1].position))
        else:
            found.append(each)
            weight += each.size
    return Page(found, None)


async def _walked(
    db: Db, life: Life, held: Level, account: UUID, place: Place, limit: int
) -> AsyncIterator[tuple[Happening, bool]]:
    """Give the events after a place, each with whether an account with this rung is shown it.

    What is only for others by its topic is not looked at.
    """
    untold = () if held >= Level.PREVIEW else OF_EDITORS
    while rows := await fetch(
        db, lives.SQL["page"], lives.paging(life, place, untold=untold, limit=limit)
    ):
        place, limit = place.moved(life, rows), max(limit, TURN)
        hidden = await _hidden(db, rows, account)
        for row in rows:
            each = await _happening(db, row)
            yield each, _is_shown(each, held, hidden)


def _is_shown(each: Happening, held: Level, hidden: Collection[UUID]) -> bool:
    """Whether who holds a rung, and from whom some communities are hidden, is shown an event."""
    if each.entry is None and each.topic in OF_INCLUSIONS:
        return held >= Level.MANAGE  # nobody can tell of which community it is
    if held < Level.PREVIEW and _is_of_drafts(each):
        return False
    event = _inclusion(each)
    return event is None or event.community not in hidden


async def _hidden(db: Db, rows: list[Row], account: UUID) -> set[UUID]:
    """Return the communities that events are about and that an account may not see."""
    found = [_inclusion(await _happening(db, row)) for row in rows if row[2] in OF_INCLUSIONS]
    named = {event.community for event in found if event is not None}
    return named - await inclusions.seen(db, named, account) if named else set()


def _is_of_drafts(each: Happening) -> bool:
    """Whether no version went: drafts did, or bytes that nobody sees here."""
    event = None if each.entry is None else each.entry.event
    return isinstance(event, Erased) and not event.versions


def _inclusion(each: Happening) -> Included | Excluded | None:
    event = None if each.entry is None else each.entry.event
    return event if isinstance(event, Included | Excluded) else None


async def public(db: Db, life: Life, head: Head, after: str | None, limit: int) -> Page:
    """Return the events that the public may see and that follow a position. Raises Invalid."""
    last = None if not after else positions.parse(after)
    version = 0 if last is None else await _before(db, life, last)
    found: list[Happening] = []
    weight = 0
    async for each in _open(db, life, head, version, limit + 2):  # the last one shown, one more
        if last is not None:  # again, to know that it may be seen
            if each.position != last:
                raise Invalid(NO_PLACE)
            last = None
        elif len(found) == limit or weight > WEIGHT:
            return Page(found, positions.token(found[-1].position))
        else:
            found.append(each)
            weight += each.size
    if last is not None:
        raise Invalid(NO_PLACE)
    return Page(found, None)


async def _place(db: Db, life: Life, position: int) -> Place:
    """Return the place after all events up to a position, whether there is one there or not."""
    params = {"record": life.record, "family": life.family, "position": position}
    [(record, family)] = await fetch(db, lives.SQL["passed"], params)
    return Place(record, family)


async def _before(db: Db, life: Life, position: int) -> int:
    """Return how many events of the record lie before the one at a position. Raises Invalid."""
    row = await fetch_one(db, lives.SQL["placed"], {"record": life.record, "position": position})
    if row is None:
        raise Invalid(NO_PLACE)
    version: int = row[0]
    return version - 1


async def _open(
    db: Db, life: Life, head: Head, version: int, limit: int
) -> AsyncIterator[Happening]:
    """Give those of a record's events after a version that leave it as open as it is."""
    asked: dict[str, Any] = {
        "record": life.record,
        "walk": WALK,
        "limit": limit,
        "large": lives.LARGE,
        "topics": [kind.TOPIC for kind in OF_RECORD + OF_FILE],
        "published": Published.TOPIC,
        "granted": head.level >= Level.VIEW,
        "public": head.visibility == "public",
    }
    while rows := await fetch(db, lives.SQL["open"], asked | {"after": version}):
        events = [row[1:] for row in rows if row[1] is not None]
        version = events[-1][1] if len(events) == limit else rows[0][0]
        for row in events:
            each = await _happening(db, row)
            if _is_open(head, each):
                yield each


def _is_open(head: Head, each: Happening) -> bool:
    if each.entry is None:
        return each.topic == Published.TOPIC  # a version that may be viewed: it was found by it
    event, now = each.entry.event, datetime.now(UTC)
    if isinstance(event, Emptied):
        return False
    if isinstance(event, OF_FILE):
        then = visible(event.visibility, event.opens_at, now)
        return access.may_view_version(head.level, then, head.files)
    return access.may_view_version(head.level, event.access.at(now).record, head.visibility)


async def _happening(db: Db, row: Row) -> Happening:
    stream, version, topic, recorded_at, position, state, digest = row
    if state is None:
        [(state,)] = await fetch(db, lives.SQL["state"], {"stream": stream, "version": version})
    try:
        entry = read_entry(stream, version, topic, recorded_at, state)
    except UNREADABLE:
        entry = None
    return Happening(position, stream, version, topic, recorded_at, digest, entry, len(state))
