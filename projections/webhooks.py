"""Webhooks: addresses that are told of events, and the messages that are still to be sent.

They are settings of this installation, not events: whoever restores a copy of the log elsewhere
tells nobody of anything. A message names its event by position; what it says is read when it is
sent, so that nothing is told that was erased meanwhile. SQL: webhooks.sql.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID, uuid4

from msgspec import Struct
from psycopg import Connection

from domain.errors import Invalid, NotFound
from domain.topics import EVENTS
from projections import sql
from projections.feed import Row

SQL = sql.load("webhooks")

BATCH = 1000  # events that are looked at at once
MOST = 10_000  # messages that wait, above which no event is looked at
SHOWN = 1000  # dead letters that are listed


class Webhook(Struct, frozen=True):
    """An address, the kinds of events it is told of, and how many messages wait or are dead."""

    id: UUID
    url: str
    kinds: list[str]
    made_at: datetime
    waiting: int
    dead: int


class Listener(Struct, frozen=True):
    """A webhook as the delivery needs it: whether anything waits, not how much."""

    id: UUID
    url: str
    kinds: list[str]
    waits: bool


class Message(Struct, frozen=True):
    """A message that is due: its event, and how often it was tried."""

    row: Row
    tries: int


class Letter(Struct, frozen=True):
    """A dead letter: what could not be told, and why the last time."""

    position: int
    stream: UUID
    topic: str
    recorded_at: datetime
    tries: int
    problem: str


def topics(kinds: Sequence[str]) -> list[str]:
    """Return the topics that kinds stand for; `record.*` are all that begin so."""
    return [topic for topic in EVENTS if any(fnmatchcase(topic, kind) for kind in kinds)]


def add(conn: Connection[Any], url: str, kinds: Sequence[str], id_: UUID | None = None) -> UUID:
    """Tell an address of events from now on, and return its id. Raises Invalid.

    With an id that is there already nothing is made: what was begun twice is there once.
    """
    for kind in kinds:
        if not topics([kind]):
            raise Invalid(f"There is no kind of event {kind}.")
    id_ = id_ or uuid4()
    conn.execute(SQL["add"], {"id": id_, "url": url, "kinds": list(kinds)})
    return id_


def remove(conn: Connection[Any], id_: UUID) -> None:
    """Tell an address nothing any more, also what waits. Raises NotFound."""
    if conn.execute(SQL["remove"], {"id": id_}).fetchone() is None:
        raise NotFound(f"There is no webhook {id_}.")


def everyone(conn: Connection[Any]) -> list[Webhook]:
    """Return all webhooks, the oldest first."""
    return [Webhook(*row) for row in conn.execute(SQL["all"], {"id": None})]


def one(conn: Connection[Any], id_: UUID) -> Webhook:
    """Return a webhook. Raises NotFound."""
    row = conn.execute(SQL["all"], {"id": id_}).fetchone()
    if row is None:
        raise NotFound(f"There is no webhook {id_}.")
    return Webhook(*row)


def listening(conn: Connection[Any]) -> list[Listener]:
    """Return all webhooks for who delivers, and asks again and again: nothing is counted."""
    return [Listener(*row) for row in conn.execute(SQL["listening"])]


def queue(conn: Connection[Any], webhook: Listener) -> None:
    """Look at the next events for a webhook: keep those it is told of, durably, once each."""
    bounds = {"batch": BATCH, "most": MOST}
    conn.execute(SQL["queue"], {"id": webhook.id, "topics": topics(webhook.kinds)} | bounds)


def due(conn: Connection[Any], id_: UUID) -> Message | None:
    """Return what a webhook is to be sent next, if something is due.

    It is read right before it is sent: what was erased meanwhile is not told, and a webhook that
    was removed is told nothing.
    """
    row = conn.execute(SQL["due"], {"id": id_}, binary=True).fetchone()
    return None if row is None else Message(Row(row[0], *row[2:]), row[1])


def sent(conn: Connection[Any], id_: UUID, position: int) -> None:
    """Forget a message that arrived."""
    conn.execute(SQL["sent"], {"id": id_, "position": position})


def failed(
    conn: Connection[Any], id_: UUID, position: int, problem: str, pause: float | None
) -> None:
    """Note that a message did not arrive; it is tried again after a pause in seconds, or dead."""
    params = {"id": id_, "position": position, "problem": problem, "pause": pause}
    conn.execute(SQL["failed"], params)


def dead(conn: Connection[Any], id_: UUID) -> list[Letter]:
    """Return the dead letters of a webhook, the oldest first."""
    found = conn.execute(SQL["dead"], {"id": id_, "limit": SHOWN}).fetchall()
    return [Letter(*row) for row in found]


def revive(conn: Connection[Any], id_: UUID) -> int:
    """Have the dead letters of a webhook sent once more; return how many there are."""
    return len(conn.execute(SQL["revive"], {"id": id_}).fetchall())
