"""The life of an object: the events of its record and of its family, in order of position.

Versions rise with positions in each of the two streams, so a place in both is a place in the
life: what follows it is found by primary key, however long the life is. SQL: lives.sql, the same
for the command line and for coroutines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg import Connection

from domain.errors import Conflict, NotFound
from domain.event import Entry
from domain.mapper import UNREADABLE, read_entry
from projections import sql
from projections.objects import column_of

SQL = sql.load("lives")

PAGE = 500  # events in memory at once
LARGE = 64 << 10  # bytes of a state that is fetched on its own
EVERYTHING = (1 << 31) - 1  # no stream is longer

# stream, version, topic, recorded_at, position, state or None: it is large, digest
Row = tuple[UUID, int, str, datetime, int, bytes | None, bytes]


class Life(Struct, frozen=True):
    """The two streams of an object."""

    record: UUID
    family: UUID


class Place(Struct, frozen=True):
    """How many events of each stream lie behind."""

    record: int = 0
    family: int = 0

    def moved(self, life: Life, rows: Sequence[Row]) -> Place:
        """Return the place after a page."""
        record, family = self.record, self.family
        for stream, version, *_ in rows:
            if stream == life.record:
                record = version
            else:
                family = version
        return Place(record, family)


BEGINNING = Place()
END = Place(EVERYTHING, EVERYTHING)


def paging(
    life: Life, after: Place, *, last: Place = END, untold: Collection[str] = (), limit: int
) -> dict[str, Any]:
    """Return the parameters of SQL["page"]: at most `limit` events after a place, up to `last`.

    Those whose topic is `untold` are left out.
    """
    return {
        "record": life.record,
        "family": life.family,
        "record_after": after.record,
        "family_after": after.family,
        "record_last": last.record,
        "family_last": last.family,
        "untold": list(untold),
        "limit": limit,
        "large": LARGE,
    }


def find(conn: Connection[Any], object_id: str) -> Life:
    """Return the streams of the object that a number or a pid names. Raises NotFound."""
    by, key = column_of(object_id)
    row = conn.execute(SQL[f"by_{by}"], {"key": key}).fetchone()
    if row is None:
        raise NotFound(f"There is no object {object_id}.")
    return Life(*row)


def versions(conn: Connection[Any], life: Life) -> int:
    """Return how many versions the object has."""
    found: int = conn.execute(SQL["versions"], {"record": life.record}).fetchall()[0][0]
    return found


def reached(conn: Connection[Any], life: Life, until: datetime | None = None) -> Place:
    """Return the place after the last event so far, or after the last recorded until an instant."""
    params = {"record": life.record, "family": life.family, "until": until}
    return Place(*conn.execute(SQL["reached"], params).fetchall()[0])


def read(conn: Connection[Any], life: Life, last: Place) -> Iterator[tuple[int, Entry[Any]]]:
    """Give each event up to a place, with its position; memory does not grow with the life.

    Raises Conflict at an event that cannot be read.
    """
    after = BEGINNING
    while after != last:
        rows = conn.execute(
            SQL["page"], paging(life, after, last=last, limit=PAGE), binary=True
        ).fetchall()
        after = after.moved(life, rows)
        for stream, version, topic, recorded_at, position, small, _digest in rows:
            state = _state(conn, stream, version) if small is None else small
            try:
                entry = read_entry(stream, version, topic, recorded_at, state)
            except UNREADABLE as error:
                raise unreadable(stream, version, position) from error
            yield position, entry


def unreadable(stream: UUID, version: int, position: int) -> Conflict:
    """Return the refusal of an event that somebody has damaged."""
    where = f"Event {version} of the stream {stream}, at position {position},"
    return Conflict(f"{where} is damaged; see muniment audit.")


def _state(conn: Connection[Any], stream: UUID, version: int) -> bytes:
    params = {"stream": stream, "version": version}
    state: bytes = conn.execute(SQL["state"], params, binary=True).fetchall()[0][0]
    return state
