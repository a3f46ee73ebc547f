"""Events, the aggregates they make, and the entry of the log that holds each.

A decision is an `Event`: what happened and nothing else. The `Entry` around it says in which
stream, in which place, when, by whom and through which door. An aggregate is a frozen value;
`evolve` is the only way to a newer one, and every reader of history uses it.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

A = TypeVar("A", bound="Aggregate")
E = TypeVar("E", bound="Event")

TICK = timedelta(microseconds=1)


class Answer(Struct, frozen=True, omit_defaults=True):
    """What a request with an Idempotency-Key was answered, kept so that it is answered again.

    `digest` is the SHA-256 of the request's body in hex; `expires_at` None means never.
    """

    key: str
    method: str
    path: str
    digest: str
    status: int
    location: str | None = None
    etag: str | None = None
    expires_at: datetime | None = None


class Aggregate(Struct, frozen=True):
    """What a stream of events amounts to. `version` is that of its last event, from 1."""

    id: UUID
    version: int
    recorded_at: datetime

    def moved(self, entry: Entry[Any], **changes: Any) -> Self:
        """Return this aggregate as the entry leaves it."""
        return replace(self, version=entry.version, recorded_at=entry.recorded_at, **changes)


class Event(Struct, frozen=True, omit_defaults=True):
    """Something that happened to one aggregate. A stored event never changes.

    `TOPIC` names it for ever, wherever the class moves. A later shape raises `CLASS_VERSION`
    and brings an upcast (domain/topics.py). That an event says what it changes is for the type
    checker to see: ABCMeta would take its time of every isinstance.
    """

    TOPIC: ClassVar[str]
    CLASS_VERSION: ClassVar[int] = 1


class Beginning(Event, Generic[A], frozen=True, omit_defaults=True):
    """The first event of a stream."""

    @abstractmethod
    def begin(self, entry: Entry[Any]) -> A:
        """Return the aggregate that this event begins."""


class Change(Event, Generic[A], frozen=True, omit_defaults=True):
    """Any later event of a stream."""

    @abstractmethod
    def apply(self, aggregate: A, entry: Entry[Any]) -> A:
        """Return the aggregate after this event."""


class Entry(Struct, Generic[E], frozen=True):
    """One event in its place in the log."""

    stream: UUID
    version: int  # from 1, without a gap
    recorded_at: datetime  # UTC; rises strictly within a stream
    by: UUID  # the account that decided
    via: str  # the door, and the token's id where there was one
    event: E
    answer: Answer | None = None

    @property
    def place(self) -> tuple[UUID, int, datetime]:
        """The first three fields of the aggregate that this entry leaves."""
        return self.stream, self.version, self.recorded_at

    @property
    def originator_id(self) -> UUID:
        """The stream, in the words of the eventsourcing library."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The place in the stream, in the words of the eventsourcing library."""
        return self.version


def evolve(aggregate: A | None, entry: Entry[Any]) -> A:
    """Return the aggregate as the entry leaves it."""
    event = entry.event
    after: A = event.begin(entry) if aggregate is None else event.apply(aggregate, entry)
    return after


def next_instant(now: datetime, last: datetime | None) -> datetime:
    """Return the larger of now and one microsecond after the stream's last event."""
    return now if last is None else max(now, last + TICK)
