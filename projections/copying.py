"""The log of a snapshot on its way into a backup: segments, of which those that are there stay.

Segments below the horizon never change but for erasures; those above it are written again the next
time. What was copied before must be what the log has now, header by header, or the log is another
one. Nothing damaged is copied: it would take the place of what an earlier backup has of it.
SQL: copying.sql. Source: DESIGN.md "The log".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Protocol

from psycopg import Connection
from psycopg.sql import SQL as COMPOSED
from psycopg.sql import Composed, Literal

from domain.errors import Conflict, Damaged
from domain.evidence.leaf import Header
from domain.storage.archive import Archive, Segment
from domain.storage.segments import Stored, Writer
from projections import sql
from projections.database import scalar

SQL = sql.load("copying")

SEGMENT = 64 << 20  # bytes of events, before compression
MOST = 200_000  # events of a segment: the mark of one is made in memory
END = (1 << 63) - 1  # after every position
SAVE = 20  # bits of a position within its save
TYPES = ("uuid", "int4", "int8", "text", "timestamptz", "bytea", "bytea", "bytea")


class Progress(Protocol):
    """What is told how many of how many are done."""

    def __call__(self, done: int, total: int, /, what: str = "Events") -> None:
        """Be told."""


def silent(_done: int, _total: int, /, what: str = "Events") -> None:
    """Tell nobody."""


def of_topics(conn: Connection[Any], topics: Collection[str]) -> Iterator[Stored]:
    """Give the events of some topics that are not erased, in no order."""
    return _stored(conn, COMPOSED(SQL["of_topics"]).format(topics=Literal(sorted(topics))))


def _stored(conn: Connection[Any], statement: Composed) -> Iterator[Stored]:
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(TYPES)
        for *header, salt, state in copy.rows():
            yield Stored(Header(*header), salt, state)


class Copying:
    """The log of a snapshot, which `conn` has open, and an archive.

    `last` is the header of its last event; `damaged` are the files of the archive that were found
    damaged and are written again: missing ones always, those of other bytes with `verify`.
    """

    def __init__(
        self,
        conn: Connection[Any],
        archive: Archive,
        horizon: int,
        tell: Progress,
        *,
        verify: bool = False,
    ) -> None:
        self.last: Header | None = None
        self.damaged: list[str] = []
        self._conn = conn
        self._archive = archive
        self._horizon = horizon
        self._tell = tell
        self._verify = verify

    def segments(self, before: Iterable[Segment]) -> tuple[Segment, ...]:
        """Return the segments of the whole log, of which those `before` are there.

        Raises Conflict where these are of another log, Damaged where an event is that would be
        copied.
        """
        settled = [each for each in before if each.stop is not None]
        done = [self._kept(each, number, len(settled)) for number, each in enumerate(settled)]
        resume = settled[-1].stop or 0 if settled else 0
        new: int = scalar(self._conn, SQL["count"], {"start": resume})
        if new and done and done[-1].size < SEGMENT and done[-1].events < MOST:
            resume = done.pop().start  # small ones become one
        if new:
            total: int = scalar(self._conn, SQL["count"], {"start": resume})
            done += self._written(resume, END, total)
        elif done:
            self.last = Header(*self._conn.execute(SQL["last"]).fetchall()[0])
        found = sum(each.events for each in done)
        there = scalar(self._conn, SQL["count"], {"start": 0})
        if found != there:
            raise Conflict(
                f"{self._archive.folder} would have {found} events, and the log has {there}."
                " Nothing was changed. Name an empty folder."
            )
        return tuple(done)

    def _kept(self, segment: Segment, number: int, of: int) -> Segment:
        """Return a segment as it is to be: anew where it is damaged, or some of it was erased."""
        self._tell(number, of, "Segments")
        params = {"start": segment.start, "stop": segment.stop}
        events, said, mark = self._conn.execute(SQL["mark"], params).fetchall()[0]
        if (events, mark) != (segment.events, segment.mark):
            raise Conflict(
                f"{self._archive.folder} is a backup of another log than this one: what it has at"
                f" positions {segment.start} to {segment.stop} is not there, or other events are."
                " Name an empty folder; if the log was not restored, muniment audit says more."
            )
        sound = self._archive.has(segment, whole=self._verify)
        if not sound:
            self.damaged.append(str(self._archive.folder / segment.file))
        elif said == segment.said:
            return segment
        (again,) = self._written(segment.start, segment.stop or END, events, whole=True)
        return again

    def _written(
        self, start: int, stop: int, total: int, *, whole: bool = False
    ) -> Iterator[Segment]:
        """Write events from one position up to another; `whole`: as one segment."""
        writer: Writer | None = None
        for number, event in enumerate(self._events(start, stop)):
            position = event.header.position
            if not event.sound:
                raise Damaged(
                    f"The event at position {position} of the log is damaged: it does not give its"
                    f" digest. {self._archive.folder} is as it was; muniment audit says more."
                )
            save = position >> SAVE << SAVE
            if writer is not None and self.last is not None and save > self.last.position:
                full = writer.size >= SEGMENT or writer.events >= MOST
                passes = self.last.position < self._horizon <= position
                if not whole and (full or passes):
                    begins = self._horizon if passes else save
                    yield self._archive.end_segment(writer, start, self._stop(begins))
                    start, writer = begins, None
            writer = writer or self._archive.segment()
            writer.add(event)
            self.last = event.header
            if number % 1000 == 0:
                self._tell(number, total)
        if writer is not None:
            settled = self.last is not None and self.last.position < self._horizon
            last = self._stop(self._horizon if settled else END)
            yield self._archive.end_segment(writer, start, stop if whole else last)
        self._tell(total, total)

    def _stop(self, position: int) -> int | None:
        return position if position <= self._horizon else None

    def _events(self, start: int, stop: int) -> Iterator[Stored]:
        return _stored(
            self._conn, COMPOSED(SQL["events"]).format(start=Literal(start), stop=Literal(stop))
        )
