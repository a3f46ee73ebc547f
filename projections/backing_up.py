"""Backing up: the log into segments, then the blobs that it names, while the service goes on.

Nearly all else in the database follows from the log, and is not copied. What one snapshot shows is:
all that was acknowledged before it began, whatever is open. Segments below the horizon never change
but for erasures; those above it are written again the next time. What was copied before must be
what the log has now, header by header, or the log is another one. Blobs come second, and none is
removed from before the snapshot until they are copied: what the log names then is there.
SQL: backing_up.sql. Source: DESIGN.md "The log", "Files".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import psycopg
from msgspec import Struct
from psycopg import Connection, IsolationLevel
from psycopg import sql as composing

from domain.errors import Conflict, Damaged, Refusal
from domain.evidence.leaf import Header
from domain.storage.archive import FORM, Archive, Contents, Kept, Segment
from domain.storage.blobs import Blobs, intact
from domain.storage.segments import Stored, Writer
from projections import data_keys, sql
from projections.database import reaching, scalar

SQL = sql.load("backing_up")

SEGMENT = 64 << 20  # bytes of events, before compression
MOST = 200_000  # events of a segment: the mark of one is made in memory
END = (1 << 63) - 1  # after every position
TABLES = ("data_key", "token_use")  # what does not follow from the log and is not made again
SAVE = 20  # bits of a position within its save
TYPES = ("uuid", "int4", "int8", "text", "timestamptz", "bytea", "bytea", "bytea")
AHEAD = datetime.max.replace(tzinfo=UTC)  # before which every blob was uploaded


class Progress(Protocol):
    """What is told how many of how many are done."""

    def __call__(self, done: int, total: int, /, what: str = "Events") -> None:
        """Be told."""


def silent(_done: int, _total: int, /, what: str = "Events") -> None:
    """Tell nobody."""


class Done(Struct, frozen=True):
    """What a backup came to. Sizes are in bytes."""

    events: int
    new_events: int
    position: int | None  # of the last event
    recorded_at: datetime | None  # when that was
    blobs: int
    new_blobs: int
    new_size: int  # of the blobs that are new
    missing: tuple[str, ...]  # blobs that the store has not, or damaged


def back_up(
    database_url: str,
    blobs: Blobs | None,
    archive: Archive,
    files: Mapping[str, Path | None],
    tell: Progress = silent,
    tables: Sequence[str] = TABLES,
) -> Done:
    """Bring an archive up to the log as it is now, and return what that came to.

    `files` go along by their names, but for None; without `blobs` the log goes alone; `tell` shows
    how far it is. Raises Conflict where the archive is of another log, or in use; OutOfSpace,
    Refusal, psycopg.Error.
    """
    with archive.written(), blobs.held() if blobs is not None else nullcontext():
        before = archive.contents()
        with psycopg.connect(reaching(database_url), autocommit=True) as conn:
            conn.execute("SET statement_timeout = 0")
            # No key is rotated between the copy of the files and that of what lies under it.
            conn.execute("SELECT pg_advisory_lock_shared(%s)", [data_keys.LOCK])
            # Before the log: no checkpoint is of more events than the log that is copied after it.
            kept = {name: archive.keep(name, path) for name, path in files.items() if path}
            conn.autocommit, conn.read_only = False, True
            conn.isolation_level = IsolationLevel.REPEATABLE_READ
            small = {name: _table(conn, archive, name) for name in tables if _is_there(conn, name)}
            horizon, migration = conn.execute(SQL["state"]).fetchall()[0]
            checkpoint, key = None, None
            if _is_there(conn, "seal"):
                checkpoint, key = conn.execute(SQL["signed"]).fetchall()[0]
            copying = Copying(conn, archive, horizon, tell)
            segments = copying.segments(before.segments if before is not None else ())
            names = [name for (name,) in conn.execute(SQL["blobs"])] if blobs is not None else []
        if not segments and blobs is not None:
            raise Refusal("There is nothing to back up: the log is empty. Is it the right one?")
        added, size, missing = 0, 0, tuple[str, ...]()
        if blobs is not None:
            added, size, missing = _copy_blobs(blobs, archive, names, tell)
        contents = Contents(
            form=FORM,
            muniment=version("muniment"),
            migration=migration,
            made_at=datetime.now(UTC),
            horizon=horizon,
            checkpoint=checkpoint,
            key=key,
            segments=segments,
            without=tuple(name for name, path in files.items() if path is None),
            files={name: each for name, each in kept.items() if each is not None},
            tables=small,
            missing=missing,
        )
        archive.replace(contents)
        _drop_unnamed(archive, names)
    last = copying.last
    return Done(
        events=contents.events,
        new_events=contents.events - (before.events if before is not None else 0),
        position=last.position if last is not None else None,
        recorded_at=last.recorded_at if last is not None else None,
        blobs=len(names) - len(missing),
        new_blobs=added,
        new_size=size,
        missing=missing,
    )


class Copying:
    """The log of a snapshot on its way into an archive. `last` is the header of its last event."""

    def __init__(
        self, conn: Connection[Any], archive: Archive, horizon: int, tell: Progress
    ) -> None:
        self.last: Header | None = None
        self._conn = conn
        self._archive = archive
        self._horizon = horizon
        self._tell = tell

    def segments(self, before: Iterable[Segment]) -> tuple[Segment, ...]:
        """Return the segments of the whole log, of which those `before` are there.

        Raises Conflict where these are of another log.
        """
        settled = [each for each in before if each.stop is not None]
        done = [self._kept(each) for each in settled]
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

    def _kept(self, segment: Segment) -> Segment:
        """Return a segment as it is to be: written anew where something of it was erased."""
        params = {"start": segment.start, "stop": segment.stop}
        events, said, mark = self._conn.execute(SQL["mark"], params).fetchall()[0]
        if (events, mark) != (segment.events, segment.mark):
            raise Conflict(
                f"{self._archive.folder} is a backup of another log than this one: what it has at"
                f" positions {segment.start} to {segment.stop} is not there, or other events are."
                " Name an empty folder; if the log was not restored, muniment audit says more."
            )
        if said == segment.said:
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
        statement = composing.SQL(SQL["events"]).format(
            start=composing.Literal(start), stop=composing.Literal(stop)
        )
        with self._conn.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(TYPES)
            for *header, salt, state in copy.rows():
                yield Stored(Header(*header), salt, state)


def _is_there(conn: Connection[Any], name: str) -> bool:
    """Whether there is a table: an earlier Muniment may not have it."""
    return scalar(conn, "SELECT to_regclass(%s)", [f"es.{name}"]) is not None


def _table(conn: Connection[Any], archive: Archive, name: str) -> Kept:
    """Keep a small table."""
    statement = f"COPY es.{name} TO STDOUT (FORMAT csv, HEADER)"
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        return archive.keep_parts(name, copy)


def _copy_blobs(
    blobs: Blobs, archive: Archive, names: list[str], tell: Progress
) -> tuple[int, int, tuple[str, ...]]:
    """Copy blobs that are not there; return how many, of how many bytes, and what is missing."""
    added = size = 0
    missing: list[str] = []
    for number, name in enumerate(names):
        tell(number, len(names), "Blobs")
        found = blobs.find(name)
        there = archive.blobs.find(name)
        if there is not None and (
            found is None or there.size == found.size or intact(archive.blobs, name)
        ):
            continue
        try:
            if found is None:
                raise Damaged(name)
            size += copied(blobs, archive.blobs, name, found.size)
            added += 1
        except Damaged:
            missing.append(name)
    tell(len(names), len(names), "Blobs")
    return added, size, tuple(missing)


def copied(source: Blobs, target: Blobs, name: str, size: int) -> int:
    """Copy a blob and return how many bytes it has. Raises Damaged, OutOfSpace."""
    with target.upload(size) as upload:
        for part in source.read(name):
            upload.write(part)
        kept = upload.keep()
    if kept.sha256 != name:
        raise Damaged(name)
    return kept.size


def _drop_unnamed(archive: Archive, names: list[str]) -> None:
    """Remove what no event names any more, or nothing named: it was erased, or was damaged."""
    wanted = set(names)
    for each in archive.blobs.everything():
        if each.sha256 not in wanted:
            archive.blobs.remove(each.sha256, AHEAD)
    archive.blobs.clean(AHEAD)
