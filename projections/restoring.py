"""Restoring: the log from a backup, up to a point of it, into a database that has none.

First the backup is read to that point, and every event compared with its digest: what is damaged or
missing is known before anything is made. The events then come in one transaction, at the positions
that they had, with what lifts those that follow over them: a database has all of them or none.
Views are made from them as by a rebuild, seals as by the service. Source: DESIGN.md "The log".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from domain.errors import Conflict, Damaged, Refusal
from domain.evidence import checkpoints
from domain.evidence.leaf import Header
from domain.instants import rfc3339
from domain.storage.archive import Archive, Contents
from domain.storage.blobs import Blobs
from domain.storage.segments import Stored
from projections import migrate, naming, owing, realign, rebuild, sealing
from projections.backing_up import copied
from projections.copying import SAVE, TYPES, Progress
from projections.database import connect, reaching, scalar, unbounded
from projections.registry import VIEWS

Until = int | datetime | None  # a position, or an instant

ERASURES = ("record.erased", "manifest.erased")
NAMING = frozenset({*naming.TOPICS, *ERASURES})
# A table that is none of an extension's.
FOREIGN = """
SELECT min(c.oid::regclass::text) FROM pg_class AS c
 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
   AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
   AND c.relnamespace::regnamespace::text !~ '^pg_toast'
   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
"""
COLUMNS = "stream, version, position, topic, recorded_at, digest, salt, state"


class Point:
    """A backup as far as it is to be restored, read and found sound. Sizes are in bytes."""

    def __init__(self, archive: Archive, found: Contents, until: Until, tell: Progress) -> None:
        """Read it.

        Raises Damaged, Refusal, Conflict where what was erased since is gone, or which a newer
        Muniment has made.
        """
        migrate.require_known(found.migration, "backup")
        self.archive = archive
        self.contents = found
        self.until = until
        self.events = 0
        self.last: Header | None = None
        self.next: Header | None = None  # the first that is left out
        self.blobs: dict[str, int] = {}  # by SHA-256
        self._empty: dict[tuple[UUID, int], int] = {}  # positions of what no erasure here names
        for event in self.read():
            if self.events % 1000 == 0:
                tell(self.events, found.events, "Events read")
            self._check(event)
        tell(found.events, found.events, "Events read")
        for each in (*found.files.values(), *found.tables.values()):
            archive.kept(each)
        if self.last is None:
            raise Refusal("Nothing had been recorded by then.")
        if self._empty:
            raise Conflict(
                "What was erased since is gone, so the log cannot be restored to this point: the"
                f" event at position {min(self._empty.values())} is empty, and the erasure comes"
                " later. Choose a point before it, or after the erasure."
            )

    def read(self) -> Iterator[Stored]:
        """Give the events, in order of position. No save is halved. Raises Damaged."""
        save = -1
        for segment in self.contents.segments:
            for event in self.archive.events(segment):
                header = event.header
                if header.position >> SAVE != save:
                    save = header.position >> SAVE
                    if self._passes(header):
                        self.next = header
                        return
                yield event

    def missing(self) -> list[str]:
        """Return the blobs that the events name and the backup has not."""
        lacking = []
        for name, size in sorted(self.blobs.items()):
            stored = self.archive.blobs.find(name)
            if stored is None or stored.size != size:
                lacking.append(name)
        return lacking

    def signed(self) -> list[str]:
        """Return the checkpoints that were kept of these events, or of fewer; the oldest first."""
        kept = self.contents.files.get("checkpoints")
        if kept is None:
            return []
        notes, _ = checkpoints.in_file(self.archive.kept(kept))
        return [each for each in notes if checkpoints.read(each).size <= self.events]

    def _passes(self, header: Header) -> bool:
        """Whether a save, whose first event this is, is after the point."""
        if isinstance(self.until, datetime):
            return header.recorded_at > self.until
        return self.until is not None and header.position > self.until

    def _check(self, event: Stored) -> None:
        header = event.header
        where = f"The event at position {header.position}"
        if not event.sound:
            raise Damaged(f"{where} of the backup is damaged: it does not give its digest.")
        if self.last is not None and header.position <= self.last.position:
            raise Damaged(f"{where} of the backup stands in a wrong place.")
        self.events += 1
        self.last = header
        if event.state is None:
            self._empty[header.stream, header.version] = header.position
        elif header.topic in NAMING:
            self._note(event)

    def _note(self, event: Stored) -> None:
        """Take note of the blobs that an event names, and of the events that it erases."""
        try:
            entry = naming.entry_of(event)
        except Damaged as error:
            raise Damaged(f"In the backup {error.message}.") from error
        self.blobs.update(naming.sizes(entry))
        if event.header.topic in ERASURES:
            for each in entry.event.events:
                self._empty.pop((event.header.stream, each), None)


def copy_blobs(
    point: Point, blobs: Blobs, without: Collection[str], progress: Progress
) -> tuple[int, int]:
    """Have a store hold the blobs; return how many were copied, and of how many bytes.

    Raises Damaged, OutOfSpace.
    """
    done = size = 0
    for number, (name, expected) in enumerate(sorted(point.blobs.items())):
        progress(number, len(point.blobs), "Blobs")
        there = blobs.find(name)
        if name in without or (there is not None and there.size == expected):
            continue
        try:
            size += copied(point.archive.blobs, blobs, name, expected)
        except Damaged as error:
            where = point.archive.blobs.where(name)
            raise Damaged(
                f"{where} is damaged. Put it right, or restore without it: --partial {name}"
            ) from error
        done += 1
    progress(len(point.blobs), len(point.blobs), "Blobs")
    return done, size


def require_empty(database_url: str) -> None:
    """Pass where a database has nothing, or an empty log. Raises Conflict, psycopg.Error."""
    with psycopg.connect(reaching(database_url), autocommit=True) as conn:
        unbounded(conn)
        if scalar(conn, "SELECT to_regclass('es.event')") is not None:
            _require_empty(scalar(conn, "SELECT count(*) FROM es.event"))
        elif (foreign := scalar(conn, FOREIGN)) is not None:
            raise Conflict(
                f"The database holds something else, as the table {foreign}. Restore into an"
                " empty one."
            )


def _require_empty(events: int) -> None:
    if events:
        raise Conflict(
            f"The database has a log already, of {events} events. Restore into an empty one."
        )


def load(database_url: str, point: Point, progress: Progress) -> None:
    """Have a migrated database hold the log, its views and seals. Done again, it goes on.

    Raises Conflict where there is another log, psycopg.Error.
    """
    with psycopg.connect(reaching(database_url), autocommit=True) as conn:
        unbounded(conn)
        conn.autocommit = False
        conn.execute("LOCK TABLE es.event IN EXCLUSIVE MODE")
        there = conn.execute("SELECT count(*), max(position) FROM es.event").fetchall()[0]
        assert point.last is not None  # noqa: S101 - else it was refused
        if there != (point.events, point.last.position):
            _require_empty(there[0])
        if not there[0]:
            _copy(conn, point, progress)
            realign.lift(conn, max(point.last.position + 1, point.contents.horizon) >> SAVE)
            for name, kept in point.contents.tables.items():
                _copy_table(conn, name, point.archive.kept(kept))
            _note_signed(conn, point)
            owing.scrubbed(conn, point.last.position)
            for name in VIEWS:
                conn.execute(
                    "INSERT INTO muniment.unfilled VALUES (%s) ON CONFLICT DO NOTHING", [name]
                )
    with psycopg.connect(reaching(database_url), autocommit=True) as conn:
        unbounded(conn)
        if scalar(conn, "SELECT EXISTS (SELECT FROM muniment.unfilled)"):
            rebuild.rebuild(
                database_url, [*VIEWS], lambda done, all_: progress(done, all_, "Views")
            )
            conn.execute("DELETE FROM muniment.unfilled")
    with connect(sealing.owning(database_url)) as conn:
        unbounded(conn)
        while sealing.grow(conn):
            progress(sealing.sealed(conn).size, point.events, "Seals")


def _copy(conn: Connection[Any], point: Point, progress: Progress) -> None:
    statement = f"COPY es.event ({COLUMNS}) FROM STDIN (FORMAT binary)"
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(TYPES)
        for number, (header, salt, state) in enumerate(point.read()):
            copy.write_row((*header, salt, state))
            if number % 1000 == 0:
                progress(number, point.events)
    progress(point.events, point.events)


def _copy_table(conn: Connection[Any], name: str, said: bytes) -> None:
    """Fill a small table from CSV, by the names of its columns."""
    columns = SQL(", ").join(map(Identifier, said.partition(b"\n")[0].decode().split(",")))
    statement = SQL("COPY es.{} ({}) FROM STDIN (FORMAT csv, HEADER)")
    filling = statement.format(Identifier(name), columns)
    with conn.cursor() as cursor, cursor.copy(filling) as copy:
        copy.write(said)


def _note_signed(conn: Connection[Any], point: Point) -> None:
    """Say what was signed last of these events, and with which key: no other may go on."""
    last = point.contents.checkpoint
    if last is None:
        return
    found = checkpoints.read(last)
    # Of those that were kept outside, if any: that file was copied first, and may lack the last.
    signed = [each for each in point.signed() if each.startswith(f"{found.origin}\n")]
    if signed or found.size <= point.events:
        values = [signed[-1] if signed else last, point.contents.key]
        conn.execute("UPDATE es.seal SET checkpoint = %s, key = %s", values)


def said_of(header: Header) -> str:
    """Return an event's place and time for a person."""
    return f"position {header.position}, recorded at {rfc3339(header.recorded_at)}"
