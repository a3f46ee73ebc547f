"""Replay: an object's life event by event, with what it amounts to after each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Raw, Struct
from psycopg import Connection

from domain.access import Level
from domain.emptied import Emptied
from domain.erasure import Erased
from domain.errors import NotFound
from domain.event import Aggregate, Beginning, Entry, evolve
from domain.family import Family
from domain.record import Published, Record
from domain.topics import EVENTS, KINDS
from domain.values import Access, Body
from projections import lives
from projections.lives import Life, Place
from projections.narration import plain


class State(Struct, frozen=True, omit_defaults=True):
    """An object as its life so far leaves it: `versions` and `files` are how many it has.

    `locations` is how often it was put somewhere.
    """

    pid: str | None = None  # None: only its family began
    number: int | None = None
    action: UUID | None = None
    versions: int = 0
    schema_version: int | None = None
    access: dict[str, Any] | None = None
    owner: UUID | None = None
    grants: dict[UUID, str] = {}  # principal → rung
    document: Body | None = None  # of the latest version
    files: int = 0
    locations: int = 0


class Step(Struct, frozen=True):
    """One event of a life, between what was and what is."""

    position: int
    entry: Entry[Any]
    before: Aggregate | None  # of the event's stream
    document_before: Body | None
    state: State


def replay(conn: Connection[Any], life: Life, until: int | datetime | None) -> Iterator[Step]:
    """Return the steps: all, those until a version was published, or those until an instant.

    Raises NotFound when the object has no such version, or had not begun, and Conflict at an
    event that is damaged.
    """
    if isinstance(until, int) and until >= lives.versions(conn, life):
        raise NotFound(f"This object has no version {until}.")
    last = lives.reached(conn, life, until if isinstance(until, datetime) else None)
    if last == lives.BEGINNING:
        raise NotFound("This object had not begun by then.")
    return _steps(conn, life, last, until)


def _steps(
    conn: Connection[Any], life: Life, last: Place, until: int | datetime | None
) -> Iterator[Step]:
    record: Record | None = None
    family: Family | None = None
    document: Raw | None = None
    access: dict[str, Any] | None = None
    access_before: Access | None = None
    grants: dict[UUID, str] = {}
    for position, entry in lives.read(conn, life, last):
        event, document_before = entry.event, document
        of_record = entry.stream == life.record
        before: Record | Family | None = record if of_record else family
        kind = KINDS[EVENTS[event.topic] if isinstance(event, Emptied) else type(event)]
        begins = isinstance(event, Beginning)
        if begins != (before is None) or kind is not (Record if of_record else Family):
            raise lives.unreadable(entry.stream, entry.version, position)
        if of_record:
            record = evolve(record, entry)
            if record.access != access_before:
                access, access_before = plain(record.access), record.access
            if isinstance(event, Published):
                document = event.body
            elif isinstance(event, Erased) and event.newest:
                document = None
        else:
            family = evolve(family, entry)
            grants = {who: plain(Level(rung)) for who, rung in family.grants.items()}
        owner = None if family is None else family.owner
        state = _state(record, access, owner, grants, document)
        yield Step(position, entry, before, document_before, state)
        if isinstance(event, Published) and event.number == until:
            return


def _state(
    record: Record | None,
    access: dict[str, Any] | None,
    owner: UUID | None,
    grants: dict[UUID, str],
    document: Body | None,
) -> State:
    if record is None:
        return State(owner=owner, grants=grants)
    return State(
        record.pid,
        record.number,
        record.action,
        record.versions,
        record.schema_version,
        access,
        owner,
        grants,
        document,
        record.files,
        record.locations,
    )
