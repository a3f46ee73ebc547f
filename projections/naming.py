"""The blobs that the log names: read from its events, whatever a view of them says."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from psycopg import Connection

from domain import contents
from domain.contents import LISTING, RECEIVING
from domain.errors import Damaged
from domain.event import Entry
from domain.mapper import UNREADABLE, read_entry
from domain.storage.segments import Stored
from domain.topics import topics_of
from projections import copying

TOPICS = frozenset(topics_of(*RECEIVING, *LISTING))


class Named(Struct):
    """The blobs that events name, by SHA-256: how many bytes each has.

    `unread`: positions of events that are damaged and may name more.
    """

    sizes: dict[str, int]
    unread: list[int]


def named(conn: Connection[Any]) -> Named:
    """Return the blobs that the log of the open transaction names. Raises psycopg.Error."""
    found = Named({}, [])
    for event in copying.of_topics(conn, TOPICS):
        try:
            entry = entry_of(event)
        except Damaged:
            found.unread.append(event.header.position)
            continue
        found.sizes.update(sizes(entry))
    return found


def sizes(entry: Entry[Any]) -> dict[str, int]:
    """Return the sizes in bytes of the blobs that an event names, by SHA-256."""
    return {content.sha256: content.size for content, _ in contents.named(entry)}


def entry_of(event: Stored) -> Entry[Any]:
    """Read an event, which is not erased. Raises Damaged."""
    stream, version, position, topic, recorded_at, _ = event.header
    if not event.sound:
        raise Damaged(f"the event at position {position} is damaged: it does not give its digest")
    try:
        return read_entry(stream, version, topic, recorded_at, event.state or b"")
    except UNREADABLE as error:
        raise Damaged(f"the event at position {position} cannot be read: {error}") from error
