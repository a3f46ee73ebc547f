"""Entries of the log as the bytes that are stored, and back.

The state is UTF-8 JSON: who, through which door, the event's own fields. A user's document stands
in it byte for byte as it came. Types are never written inside the data, so no document can name
one. Each state has 16 random bytes beside it, and SHA-256(salt ‖ state) as its digest: an erased
event keeps a digest that gives nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from os import urandom
from typing import Any, Generic
from uuid import UUID

import msgspec
from eventsourcing.persistence import Mapper, Notification, StoredEvent
from msgspec import Raw, Struct

from domain.emptied import NOBODY, emptied
from domain.event import Answer, E, Entry, Event
from domain.topics import EVENTS, upcast

SALT_BYTES = 16


class State(Struct, Generic[E], frozen=True, omit_defaults=True):
    """The JSON that is stored. `class_version` is the shape of `event`."""

    by: UUID
    via: str
    event: E
    answer: Answer | None = None
    class_version: int = 1


class Shape(Struct, frozen=True):
    """What is read first when an event has had more than one shape."""

    by: UUID
    via: str
    event: dict[str, Raw]
    answer: Answer | None = None
    class_version: int = 1


@dataclass(frozen=True, slots=True)
class Stored(StoredEvent):
    """A row of the log before it has a position."""

    recorded_at: datetime
    salt: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Positioned(Notification):
    """A row of the log; `id` is its position."""

    recorded_at: datetime


UNREADABLE = (msgspec.MsgspecError, LookupError, ValueError, TypeError)  # what a bad state raises

encode = msgspec.json.Encoder().encode


@cache
def state_decoder(topic: str) -> msgspec.json.Decoder[State[Any]]:
    """Return the decoder of an event's newest shape."""
    kind: Any = EVENTS[topic]
    return msgspec.json.Decoder(State[kind])


def read_state(topic: str, state: bytes) -> State[Any]:
    """Return who, how and what of a stored state, brought to the newest shape."""
    kind: type[Event] = EVENTS[topic]
    if kind.CLASS_VERSION > 1:
        stored = msgspec.json.decode(state, type=Shape)
        if stored.class_version < kind.CLASS_VERSION:
            fields = upcast(topic, stored.class_version, stored.event)
            event = msgspec.json.decode(encode(fields), type=kind)
            return State(stored.by, stored.via, event, stored.answer, kind.CLASS_VERSION)
    return state_decoder(topic).decode(state)


def read_entry(
    stream: UUID, version: int, topic: str, recorded_at: datetime, state: bytes
) -> Entry[Any]:
    """Return the entry that a row of the log holds; an empty state is that of an erased event."""
    if state == b"":
        return Entry(stream, version, recorded_at, NOBODY, "", emptied(topic))
    held = read_state(topic, state)
    return Entry(stream, version, recorded_at, held.by, held.via, held.event, held.answer)


class EntryMapper(Mapper[UUID]):
    """The eventsourcing library's way to our bytes and back."""

    def __init__(self) -> None:
        """Need no transcoder: msgspec reads and writes an event's class as it is declared."""

    def to_stored_event(self, domain_event: Any) -> Stored:
        """Return the row for an entry, salted and digested."""
        entry: Entry[Event] = domain_event
        kind = type(entry.event)
        state = encode(State(entry.by, entry.via, entry.event, entry.answer, kind.CLASS_VERSION))
        salt = urandom(SALT_BYTES)
        return Stored(
            originator_id=entry.stream,
            originator_version=entry.version,
            topic=kind.TOPIC,
            state=state,
            recorded_at=entry.recorded_at,
            salt=salt,
            digest=sha256(salt + state).digest(),
        )

    def to_domain_event(self, stored_event: Any) -> Entry[Any]:
        """Return the entry that a row holds."""
        row: Stored | Positioned = stored_event
        return read_entry(
            UUID(str(row.originator_id))
            if isinstance(row.originator_id, str)
            else row.originator_id,
            row.originator_version,
            row.topic,
            row.recorded_at,
            row.state,
        )
