"""Backing up: the log into segments, then the blobs that it names, while the service goes on.

Nearly all else in the database follows from the log, and is not copied. What one snapshot shows is:
all that was acknowledged before it began, whatever is open. Blobs come second, and none is removed
from before the snapshot until they are copied: what the log names then is there.
SQL: backing_up.sql. Source: DESIGN.md "The log", "Files".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import Connection, IsolationLevel

from domain.errors import Damaged, Refusal
from domain.storage.archive import FORM, Archive, Contents, Kept
from domain.storage.blobs import Blobs, intact
from projections import data_keys, naming, sql
from projections.copying import Copying, Progress, silent
from projections.database import reaching, scalar, unbounded
from projections.naming import Named

SQL = sql.load("backing_up")

TABLES = ("data_key", "token_use")  # what does not follow from the log and is not made again
AHEAD = datetime.max.replace(tzinfo=UTC)  # before which every blob was uploaded


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
    unread: tuple[int, ...]  # positions of damaged events, which may name more of them
    mended: tuple[str, ...]  # files of the backup that were damaged, and are copied again


def back_up(
    database_url: str,
    blobs: Blobs | None,
    archive: Archive,
    files: Mapping[str, Path | None],
    tell: Progress = silent,
    tables: Sequence[str] = TABLES,
    *,
    verify: bool = False,
) -> Done:
    """Bring an archive up to the log as it is now, and return what that came to.

    `files` go along by their names, but for None; without `blobs` the log goes alone; `tell` shows
    how far it is. With `verify` what the archive has already is read, and what is damaged of it is
    copied again. Raises Conflict where the archive is of another log, or in use; Damaged where what
    is new in the log is; OutOfSpace, Refusal, psycopg.Error.
    """
    with archive.written(), blobs.held() if blobs is not None else nullcontext():
        before = archive.contents()
        with psycopg.connect(reaching(database_url), autocommit=True) as conn:
            unbounded(conn)
            # No key is rotated between the copy of the files and that of what lies under it.
            conn.execute("SELECT pg_advisory_lock_shared(%s)", [data_keys.LOCK])
            # Before the log: no checkpoint is of more events than the log that is copied after it.
            kept = {name: archive.keep(name, path) for name, path in files.items() if path}
            conn.autocommit, conn.read_only = False, True
            conn.isolation_level = IsolationLevel.REPEATABLE_READ
            small = {name: _table(conn, archive, name) for name in tables if _is_there(conn, name)}
            # Keys and what lies under them are copied: whoever waits to rotate need not wait for
            # the log too, and behind him all who make a key.
            conn.execute("SELECT pg_advisory_unlock_shared(%s)", [data_keys.LOCK])
            horizon, migration = conn.execute(SQL["state"]).fetchall()[0]
            checkpoint, key = None, None
            if _is_there(conn, "seal"):
                checkpoint, key = conn.execute(SQL["signed"]).fetchall()[0]
            copying = Copying(conn, archive, horizon, tell, verify=verify)
            segments = copying.segments(before.segments if before is not None else ())
            named = naming.named(conn) if blobs is not None else Named({}, [])
        if not segments and blobs is not None:
            raise Refusal("There is nothing to back up: the log is empty. Is it the right one?")
        copied_blobs = Copied()
        if blobs is not None:
            copied_blobs = _copy_blobs(blobs, archive, named.sizes, tell, verify=verify)
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
            missing=tuple(copied_blobs.missing),
        )
        archive.replace(contents)
        if not named.unread:
            _drop_unnamed(archive, named.sizes)
    last = copying.last
    return Done(
        events=contents.events,
        new_events=contents.events - (before.events if before is not None else 0),
        position=last.position if last is not None else None,
        recorded_at=last.recorded_at if last is not None else None,
        blobs=len(named.sizes) - len(copied_blobs.missing),
        new_blobs=copied_blobs.number,
        new_size=copied_blobs.size,
        missing=tuple(copied_blobs.missing),
        unread=tuple(named.unread),
        mended=(*copying.damaged, *copied_blobs.mended),
    )


def _is_there(conn: Connection[Any], name: str) -> bool:
    """Whether there is a table: an earlier Muniment may not have it."""
    return scalar(conn, "SELECT to_regclass(%s)", [f"es.{name}"]) is not None


def _table(conn: Connection[Any], archive: Archive, name: str) -> Kept:
    """Keep a small table."""
    statement = f"COPY es.{name} TO STDOUT (FORMAT csv, HEADER)"
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        return archive.keep_parts(name, copy)


class Copied(Struct):
    """What the copy of blobs came to: how many, of how many bytes, were not there."""

    number: int = 0
    size: int = 0
    missing: list[str] = []
    mended: list[str] = []


def _copy_blobs(
    blobs: Blobs, archive: Archive, sizes: Mapping[str, int], tell: Progress, *, verify: bool
) -> Copied:
    """Copy blobs that are not there, or damaged."""
    done = Copied()
    for number, (name, size) in enumerate(sorted(sizes.items())):
        tell(number, len(sizes), "Blobs")
        there = archive.blobs.find(name)
        if there is not None and there.size == size and not (verify and _rotten(archive, name)):
            continue
        try:
            copied(blobs, archive.blobs, name, size)
        except Damaged:
            done.missing.append(name)
        else:
            if there is None:
                done.number, done.size = done.number + 1, done.size + size
            else:
                done.mended.append(archive.blobs.where(name))
    tell(len(sizes), len(sizes), "Blobs")
    return done


def _rotten(archive: Archive, name: str) -> bool:
    try:
        return not intact(archive.blobs, name)
    except Damaged:  # it cannot be read
        return True


def copied(source: Blobs, target: Blobs, name: str, size: int) -> int:
    """Copy a blob and return how many bytes it has. Raises Damaged, OutOfSpace."""
    with target.upload(size) as upload:
        for part in source.read(name):
            upload.write(part)
        kept = upload.keep()
    if kept.sha256 != name:
        raise Damaged(name)
    return kept.size


def _drop_unnamed(archive: Archive, named: Collection[str]) -> None:
    """Remove what no event names any more, or nothing named: it was erased, or was damaged."""
    for each in archive.blobs.everything():
        if each.sha256 not in named:
            archive.blobs.remove(each.sha256, AHEAD)
    archive.blobs.clean(AHEAD)
