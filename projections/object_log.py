"""The object log, straight from the event log: what happened to objects, as far as one may see it.

It has no table of its own. Its SQL is in object_log.sql. An entry's number follows from the
position of its event: the transaction, four bits for the event's place in its save, ten for the
entry's place in the event. So numbers rise with the log, and stay below 2^53, where every client
reads them exactly, for 2^39 transactions: at a thousand writes a second, seventeen years. Of a save
of more than sixteen events, or an event of more than 1,024 entries, some have the same number.
Everything of one save appears at once and below the horizon, so who asks again after the highest
number seen misses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access import EVERYONE, Level
from domain.action import Type
from domain.record import CommentPosted, FileLinked, FileReceived, LocationAssigned, Published
from domain.values import Access, Visibility
from projections import sql
from projections.database import Db, fetch
from projections.objects import array

SQL = sql.load("object_log")
WALK = 500  # events that are looked at a query
SMALL = 16 << 10  # bytes of a document that comes with its event
LARGE = 64 << 10  # bytes of a document that is not searched for references in the database
END: Final = 1 << 62  # after all positions
LAST: Final = 1 << 53  # after all numbers of entries

_STATED = (FileReceived.TOPIC, FileLinked.TOPIC, CommentPosted.TOPIC, LocationAssigned.TOPIC)
_TOPICS = (Published.TOPIC, *_STATED)
_ORDINAL_BITS, _PLACE_BITS, _SAVE_BITS = 20, 10, 14
_access = msgspec.json.Decoder(Access)


class Version(Struct, frozen=True):
    """What an event published; `refers`: its document may refer to other objects."""

    number: int
    by: UUID
    visibility: Visibility  # its own, now
    restored_from: int | None
    type: Type  # of its object's action
    refers: bool
    body: bytes | None  # None: it does not refer to any, or `documents` gives it
    before: bytes | None  # that of the version before; None: there is none, or so too


class Happened(Struct, frozen=True):
    """An event of an object's record; of a version, or one whose state says all."""

    position: int
    topic: str
    recorded_at: datetime
    state: bytes | None
    record: UUID
    number: int  # of the object
    access: Access  # now
    level: Level  # that the asker holds
    own: Level  # that the asker holds otherwise than with everyone
    version: Version | None


class Page(Struct, frozen=True):
    """Some events, newest first; the position before which there are more, or None."""

    happened: list[Happened]
    before: int | None


def entry_id(position: int, place: int = 0) -> int:
    """Return the number of an entry: `place` counts those of one event."""
    ordinal = position & ((1 << _ORDINAL_BITS) - 1)
    within = min(ordinal, 15) << _PLACE_BITS | min(place, 1023)
    return position >> _ORDINAL_BITS << _SAVE_BITS | within


def save_of(entry: int) -> int:
    """Return the first position of the save that an entry's number is from."""
    return min(entry, LAST) >> _SAVE_BITS << _ORDINAL_BITS


async def page(db: Db, principals: Sequence[UUID], since: int, before: int = END) -> Page:
    """Return the last events from a position on, and before another, that may be told something of.

    Also those that somebody may not see whose documents refer to objects: these may be seen.
    """
    asked = {
        "since": since,
        "before": before,
        "walk": WALK,
        "small": SMALL,
        "large": LARGE,
        "principals": array(principals),
        "everyone": EVERYONE,
        "topics": list(_TOPICS),
        "stated": list(_STATED),
        "published": Published.TOPIC,
    }
    rows = await fetch(db, SQL["page"], asked)
    happened = []
    now = datetime.now(UTC)
    for _events, _position, *found in rows:
        if found[0] is None:
            break
        position, topic, recorded_at, state, record, number, access, level, own, *version = found
        happened.append(
            Happened(
                position,
                topic,
                recorded_at,
                state,
                record,
                number,
                _access.decode(access).at(now),
                Level(level),
                Level(own),
                None if version[0] is None else Version(*version),
            )
        )
    return Page(happened, rows[0][1] if rows and rows[0][0] == WALK else None)


async def documents(db: Db, record: UUID, versions: Collection[int]) -> dict[int, bytes]:
    """Return the exact bytes of versions, by their numbers."""
    params = {"record": record, "numbers": list(versions)}
    return dict(await fetch(db, SQL["documents"], params))


async def viewed(db: Db, principals: Sequence[UUID], numbers: Collection[int]) -> set[int]:
    """Return which of some objects may be viewed."""
    params = {"numbers": list(numbers), "principals": array(principals)}
    return {number for (number,) in await fetch(db, SQL["viewed"], params)}
