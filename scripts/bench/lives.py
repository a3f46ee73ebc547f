"""A log of the corpus's records, as their drafts would have been saved and published one by one.

Events are the domain's own, as the commands on drafts decide them, stored by the log's mapper and
COPYed: a command each would take hours. Every save has a transaction id of its own, above those of
the cluster, which is realigned afterwards. Of 40 records two have two earlier versions, two are
restricted, two are or were under an embargo, one has restricted files and eight have none. Of the
restricted ones some are granted to a reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from mimetypes import guess_type
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Struct

from domain.access import Level
from domain.commands.builtin import RECORD_MODEL
from domain.draft_files import DraftFileCommitted, DraftFilesImported, DraftFilesStarted
from domain.drafting import DraftSaved
from domain.event import TICK, Entry, Event
from domain.family import FamilyCreated, PermissionGranted, VersionOpened, VersionPublished
from domain.identifiers import family_id, pid_of, record_id
from domain.manifest import ManifestStored, listed, manifest_id
from domain.mapper import EntryMapper
from domain.record import Published, RecordCreated
from domain.storage.blobs import Blobs
from domain.values import Access, Body, Content, Embargo, FileEntry, FileOptions, Manifest
from projections.database import connect, scalar
from projections.realign import realign
from scripts.bench.corpus import Corpus

GRANTED = 1000  # restricted records that the reader is granted, where there are so many
OTHERS = 300  # of whom one is granted each of these records too
VERSIONS = 3  # that a record has which has earlier ones

PROCESSES = 2
SAVED = 5_000  # records a transaction
SAVES = 8  # transaction ids that a record takes at most, its versions and a grant included
PIDS = 4  # so too public ids
SPREAD = 0x9E3779B97F  # odd: public ids look like drawn ones, and none comes twice
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
TOOK = timedelta(days=5 * 365)
LATER = timedelta(milliseconds=1)
OPEN = Access(record="public", files="public")
CLOSED = Access()
ACCESS = {  # by number modulo 40
    1: CLOSED,
    2: CLOSED,
    4: Access(embargo=Embargo(until=datetime(2099, 1, 1, tzinfo=UTC), reason="Under review.")),
    5: Access(embargo=Embargo(until=datetime(2025, 6, 1, tzinfo=UTC))),
    6: Access(record="public"),
}
COPY = (
    "COPY es.event (stream, version, position, topic, recorded_at, state, salt, digest)"
    " FROM STDIN (FORMAT BINARY)"
)
TYPES = ("uuid", "int4", "int8", "text", "timestamptz", "bytea", "bytea", "bytea")
NEXT = "SELECT txid_current() + es.txid_offset() + 1"

Life = tuple[UUID, int, datetime, Event]  # stream, version, when, what
Files = tuple[Manifest, list[FileEntry], Body]


class Asked(Struct, frozen=True):
    """What is made: so many records of an owner, of which a reader is granted some."""

    records: int
    owner: UUID
    reader: UUID


def write(database_url: str, asked: Asked, blobs: Blobs) -> None:
    """Write the whole log, and the files that its records have."""
    with connect(database_url) as conn:
        first: int = scalar(conn, NEXT)
        scribe = Scribe(asked, first)
        first += scribe.write_files(conn, blobs)
    starts = range(0, asked.records, SAVED)
    context = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context, _start, (database_url, asked, first)) as pool:
        list(pool.map(_write, starts))
    realign(database_url)
    with connect(database_url) as conn:
        conn.execute("VACUUM (ANALYZE) es.event")


_scribe: Scribe
_conn: psycopg.Connection[Any]


def _start(database_url: str, asked: Asked, first: int) -> None:
    global _scribe, _conn
    _scribe, _conn = Scribe(asked, first), connect(database_url)
    _conn.execute("SET synchronous_commit = off")


def _write(start: int) -> None:
    _scribe.write(_conn, range(start, min(start + SAVED, _scribe.asked.records)))


class Scribe:
    """What a process needs to write its share of the log."""

    def __init__(self, asked: Asked, first: int) -> None:
        """`first` is the transaction id of what is written first."""
        self.asked = asked
        self.first = first
        self.corpus = Corpus(asked.records)
        self.files = [_files(base.files) for base in self.corpus.bases]
        self._step = TOOK / asked.records
        self._granted = 40 * max(1, asked.records // (40 * GRANTED))  # the step between two
        self._mapper = EntryMapper()

    def write(self, conn: psycopg.Connection[Any], numbers: range) -> None:
        """Write the lives of some records in one transaction."""
        with conn.transaction(), conn.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for number in numbers:
                for place, save in enumerate(self.saves(number)):
                    self._save(copy, self.first + number * SAVES + place, save)

    def write_files(self, conn: psycopg.Connection[Any], blobs: Blobs) -> int:
        """Store all files, write their lists, and return how many transaction ids that took."""
        names = {name for base in self.corpus.bases for name in base.files}
        for data in sorted({_data(name) for name in names}):
            with blobs.upload(len(data)) as upload:
                upload.write(data)
                upload.keep()
        stored = {each[0].digest: each for each in self.files if each is not None}
        with conn.transaction(), conn.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for place, (manifest, _, page) in enumerate(stored.values()):
                event = ManifestStored(manifest=manifest, files=page)
                save: list[Life] = [(manifest_id(manifest.digest), 1, BEGAN, event)]
                self._save(copy, self.first + place, save)
        return len(stored)

    def _save(self, copy: psycopg.Copy, transaction: int, save: list[Life]) -> None:
        for ordinal, (stream, version, at, event) in enumerate(save):
            entry = Entry(stream, version, at, self.asked.owner, "bench", event)
            stored = self._mapper.to_stored_event(entry)
            row = (stream, version, transaction << 20 | ordinal, stored.topic, at)
            copy.write_row((*row, stored.state, stored.salt, stored.digest))

    def saves(self, number: int) -> Iterator[list[Life]]:
        """Give the saves of a record and its earlier versions, each as its events."""
        pid = _pid(number, 0)
        family = family_id(pid)
        at = BEGAN + self._step * number
        said: Event = FamilyCreated(owner=self.asked.owner, pid=pid)
        save: list[Life] = [(family, 1, at, said)]
        told = 1  # events of the family
        for index in range(1, (VERSIONS if number % 20 == 7 else 1) + 1):
            pid = _pid(number, index)
            record = record_id(pid)
            *drafted, published = self._events(number, index, family)
            save += [(record, nth + 1, at + TICK * nth, each) for nth, each in enumerate(drafted)]
            if index > 1:
                told += 1
                said = VersionOpened(record=record, pid=pid, index=index)
                save.append((family, told, at, said))
            yield save
            at += LATER
            save = [(record, len(drafted) + 1, at, published)]
            if index > 1:
                told += 1
                said = VersionPublished(record=record, pid=pid, index=index)
                save.append((family, told, at, said))
            yield save
            save, at = [], at + LATER
        nth, rest = divmod(number, self._granted)
        if rest == 1 and nth < GRANTED:
            others = (self.asked.reader, UUID(int=nth % OTHERS))
            granted = [PermissionGranted(principal=each, level=Level.VIEW) for each in others]
            yield [(family, told + 1 + n, at + TICK * n, each) for n, each in enumerate(granted)]

    def _events(self, number: int, index: int, family: UUID) -> Iterator[Event]:
        """Give what happens to one record, up to its being published."""
        access = ACCESS.get(number % 40, OPEN)
        document = self.corpus.document(number, index)
        files = None if number % 5 == 3 else self.files[number % len(self.files)]
        options = FileOptions(enabled=files is not None)
        yield RecordCreated(
            pid=_pid(number, index),
            number=number * PIDS + index,
            action=RECORD_MODEL,
            family=family,
            access=CLOSED,
            index=index,
        )
        yield DraftSaved(document=document, access=access, files=options)
        if files is not None and index > 1:
            yield DraftFilesImported(manifest=files[0])
        elif files is not None:
            yield DraftFilesStarted(keys=tuple(each.key for each in files[1]))
            at = BEGAN + self._step * number
            for each in files[1]:
                yield DraftFileCommitted(key=each.key, content=each.content, started_at=at)
        yield Published(
            number=0,
            body=document,
            schema_version=1,
            access=access,
            manifest=files[0] if files is not None else None,
            options=options,
            from_draft=True,
        )


def _pid(number: int, index: int) -> str:
    """Return the public id of a record's version, or with 0 of its family."""
    return pid_of(UUID(int=(number * PIDS + index) * SPREAD % (1 << 40) << 88))


def _files(names: list[str]) -> Files | None:
    """Return what names some files, the files, and the page that lists them."""
    if not names:
        return None
    files = [FileEntry.of(name, _content(name)) for name in names]
    manifest, (page,) = listed(files)
    return manifest, files, page


def _content(name: str) -> Content:
    data = _data(name)
    digests = sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest()
    return Content(*digests, len(data), guess_type(name)[0])


def _data(name: str) -> bytes:
    """Return the bytes of a file: those of its type are all the same."""
    return f"A file of the type {name.rpartition('.')[2]}.\n".encode()
