"""Clean-up: what no event names goes after the grace time, and nothing that one names, ever."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from random import Random
from threading import Barrier, Event, Thread
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from msgspec import inspect
from msgspec.structs import replace
from psycopg import Connection

from domain.commands import draft_files, drafts
from domain.contents import LISTING, RECEIVING
from domain.errors import Refusal
from domain.log import Log
from domain.storage.blobs import GRACE, Held, intact
from domain.storage.local import LocalBlobs
from domain.storage.looks import Look, Looks
from domain.storage.space import Space
from domain.storage.uploads import Uploads
from domain.topics import EVENTS
from domain.values import Content, FileEntry
from projections.cleaning import BATCH, LOCK, keep_clean, remove_unnamed
from projections.database import connect, serving
from tests.drafting import body, drafts_on, somebody
from tests.naming import attach, receive
from tests.projections.tables import owner
from tests.writing import actor, create, log_on

COMMITTERS = 2  # that send the same bytes at once


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """The store of a data folder."""
    return LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0))


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """A log that is older than whatever the tests store."""
    with drafts_on(database) as log:
        began(database, "2020-01-01")
        yield log


@pytest.fixture
def conn(database: str, log: Log) -> Iterator[Connection[Any]]:
    """A connection as the clean-up has it."""
    with connect(serving(database, "test")) as conn:
        yield conn


def began(database: str, at: str) -> None:
    """Have a log's first event be of another time."""
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(
            "UPDATE es.event SET recorded_at = %s"
            " WHERE position = (SELECT min(position) FROM es.event)",
            [at],
        )
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")


def store(blobs: LocalBlobs, data: bytes) -> Content:
    """Upload bytes."""
    with blobs.upload(len(data)) as upload:
        upload.write(data)
        kept = upload.keep()
    return Content(kept.sha256, kept.md5, kept.size)


def lying(blobs: LocalBlobs, data: bytes) -> str:
    """Have an old blob without the pains of an upload."""
    content = Content(sha256(data).hexdigest(), "", len(data))
    path = blobs.path(content.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return aged(blobs, content).sha256


def aged(blobs: LocalBlobs, content: Content) -> Content:
    """Let a blob be older than the grace time."""
    then = datetime.now(UTC).timestamp() - GRACE.total_seconds() - 1
    os.utime(blobs.path(content.sha256), (then, then))
    return content


def clean(conn: Connection[Any], blobs: LocalBlobs) -> set[str]:
    """Clean up once and return what went."""
    before = {each.sha256 for each in blobs.everything()}
    removed = remove_unnamed(conn, blobs, datetime.now(UTC) - GRACE)
    gone = before - {each.sha256 for each in blobs.everything()}
    assert removed.blobs == len(gone)
    return gone


def holders(kind: Any) -> bool:
    """Whether a value of a type may hold what names bytes."""
    if isinstance(kind, inspect.StructType):
        return kind.cls in (Content, FileEntry) or any(holders(each.type) for each in kind.fields)
    if isinstance(kind, inspect.UnionType):
        return any(holders(each) for each in kind.types)
    if isinstance(kind, inspect.TupleType):
        return any(holders(each) for each in kind.item_types)
    return isinstance(kind, inspect.CollectionType) and holders(kind.item_type)


def test_every_event_that_holds_contents_is_known_to_name_them() -> None:
    """A new one that is forgotten would lose its bytes; manifests hold theirs as exact bytes."""
    holding = {each for each in EVENTS.values() if holders(inspect.type_info(each))}

    assert holding == set(RECEIVING)
    assert not holding & set(LISTING)


def test_what_nothing_names_goes_when_it_is_old(
    conn: Connection[Any], log: Log, blobs: LocalBlobs
) -> None:
    """What an event names stays, whichever; what is young may be an upload under way."""
    record = log.run(actor(), create).id
    unnamed = {lying(blobs, b"%d" % each) for each in range(2 * BATCH)}
    kept = [store(blobs, each) for each in (b"file", b"preview", b"attached", b"young")]
    for each in kept[:3]:
        aged(blobs, each)
    log.run(actor(), receive, record, kept[0], kept[1])
    log.run(actor(), attach, kept[2])

    assert clean(conn, blobs) == unnamed
    assert clean(conn, blobs) == set()
    assert {each.sha256 for each in blobs.everything()} == {each.sha256 for each in kept}


def test_what_a_draft_once_had_stays(conn: Connection[Any], log: Log, blobs: LocalBlobs) -> None:
    """Replaced, removed or discarded with it, the log still tells of it; so with what is listed."""
    ada = somebody()
    pid = log.run(ada, drafts.create, body(enabled=True)).record.pid
    contents = [aged(blobs, store(blobs, each)) for each in (b"first", b"second", b"third")]
    log.run(ada, draft_files.start, pid, ["a", "b"])
    for content in contents[:2]:
        log.run(ada, draft_files.receive, pid, "a", content)
    log.run(ada, draft_files.remove, pid, "a")
    log.run(ada, draft_files.receive, pid, "b", contents[2])
    log.run(ada, draft_files.commit, pid, "b")
    record = log.run(ada, drafts.publish, pid).record
    assert record.manifest is not None

    other = log.run(ada, drafts.create, body(enabled=True)).record.pid
    contents.append(aged(blobs, store(blobs, b"discarded")))
    log.run(ada, draft_files.start, other, ["a"])
    log.run(ada, draft_files.receive, other, "a", contents[3])
    log.run(ada, drafts.discard, other)

    assert clean(conn, blobs) == set()


def test_what_is_named_above_the_horizon_stays(
    database: str, conn: Connection[Any], log: Log, blobs: LocalBlobs
) -> None:
    """An open transaction holds followers back, not this."""
    record = log.run(actor(), create).id
    content = aged(blobs, store(blobs, uuid4().bytes))
    with connect(serving(database, "test")) as other, other.transaction():
        other.execute("SELECT txid_current()")
        log.run(actor(), receive, record, content)

        assert clean(conn, blobs) == set()


def test_in_front_of_another_log_nothing_goes(
    database: str, conn: Connection[Any], log: Log, blobs: LocalBlobs
) -> None:
    """What was uploaded before a log began is not its own: a backup of it may come back yet."""
    content = aged(blobs, store(blobs, uuid4().bytes))

    began(database, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}+00")
    assert clean(conn, blobs) == set()

    began(database, "2020-01-01")
    assert clean(conn, blobs) == {content.sha256}


def test_a_store_that_cannot_be_listed_is_said_not_to_be(
    conn: Connection[Any], blobs: LocalBlobs
) -> None:
    """It is not taken for an empty one."""
    blobs.folder.write_text("no folder")

    with pytest.raises(Refusal, match=str(blobs.folder)):
        remove_unnamed(conn, blobs, datetime.now(UTC))


def test_nothing_goes_while_a_backup_is_made(
    conn: Connection[Any], log: Log, blobs: LocalBlobs
) -> None:
    """Its lock on the store is all it needs."""
    content = aged(blobs, store(blobs, uuid4().bytes))

    with blobs.held(), pytest.raises(Held):
        remove_unnamed(conn, blobs, datetime.now(UTC) - GRACE)

    assert clean(conn, blobs) == {content.sha256}


def look(database: str, blobs: LocalBlobs) -> None:
    """What the follower does, once."""
    uploads = Uploads(blobs.folder / "uploads", blobs.space)
    keep_clean(database, blobs, uploads, looks_of(blobs), GRACE, Stopping())


def looks_of(blobs: LocalBlobs) -> Looks:
    """Where the clean-up notes what it did."""
    return Looks(blobs.folder.parent / "clean-up.json")


class Stopping(Event):
    """Set as soon as somebody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        """Do not wait."""
        self.set()
        return True


def test_one_process_cleans_up_at_a_time(
    database: str, conn: Connection[Any], log: Log, blobs: LocalBlobs
) -> None:
    """The second does nothing; it comes to it when the first is done, or gone."""
    content = aged(blobs, store(blobs, uuid4().bytes))

    conn.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    look(database, blobs)
    assert blobs.find(content.sha256)

    conn.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    look(database, blobs)
    assert not blobs.find(content.sha256)


def test_one_line_says_what_went(
    database: str, log: Log, blobs: LocalBlobs, caplog: pytest.LogCaptureFixture
) -> None:
    """And why nothing could; where nothing was to go, nothing is said."""
    aged(blobs, store(blobs, uuid4().bytes))
    look(database, blobs)
    look(database, blobs)
    inner = blobs.path("ab" * 32).parent.parent
    inner.write_text("no folder")
    look(database, blobs)

    removed, failed = caplog.messages
    assert removed.startswith("Removed 1 blobs that nothing names, 16 bytes")
    assert str(inner) in failed


def test_what_was_done_and_what_it_waits_for_is_noted(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """A backup, or somebody to mend what is broken: the last look that was finished stays noted."""
    looks = looks_of(blobs)
    assert looks.last() == Look()
    aged(blobs, store(blobs, uuid4().bytes))
    look(database, blobs)
    done = looks.last()
    assert done.finished_at is not None
    assert (done.blobs, done.size, done.uploads, done.waits_for) == (1, 16, 0, None)

    aged(blobs, store(blobs, uuid4().bytes))
    with blobs.held():
        look(database, blobs)
    assert looks.last() == replace(done, waits_for="backup")
    blobs.path("ab" * 32).parent.parent.write_text("no folder")
    look(database, blobs)
    assert looks.last() == replace(done, waits_for="repair")


def clean_up_for_ever(database: str, folder: Path) -> None:
    """Be a process that does nothing else."""
    blobs = LocalBlobs(folder, Space(folder, 0))
    with connect(serving(database, "test")) as conn:
        while True:
            remove_unnamed(conn, blobs, datetime.now(UTC) - GRACE)


@contextmanager
def cleaners(database: str, blobs: LocalBlobs) -> Iterator[None]:
    """Two processes that clean up without a pause: more than there ever are."""
    spawn = get_context("spawn")
    args = (database, blobs.folder)
    processes = [spawn.Process(target=clean_up_for_ever, args=args, daemon=True) for _ in range(2)]
    first = aged(blobs, store(blobs, uuid4().bytes))
    for process in processes:
        process.start()
    try:
        while blobs.find(first.sha256):
            assert all(each.is_alive() for each in processes)
            sleep(0.01)
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


@pytest.mark.parametrize("rounds", [100, pytest.param(1000, marks=pytest.mark.soak)])
def test_no_commit_loses_its_bytes_to_a_clean_up(
    database: str, conn: Connection[Any], log: Log, blobs: LocalBlobs, rounds: int
) -> None:
    """Bytes that are old, and that nothing names, come again from two at the moment they may go."""
    record = log.run(actor(), create).id
    random = Random(5)
    begin = Barrier(COMMITTERS + 1, timeout=60)
    sent = [uuid4().bytes for _ in range(rounds)]
    contents: list[Content] = []

    def commit() -> None:
        with log_on(database) as own:
            for each in range(rounds):
                begin.wait()
                own.run(actor(), receive, record, store(blobs, sent[each]))
                begin.wait()

    threads = [Thread(target=commit, daemon=True) for _ in range(COMMITTERS)]
    for thread in threads:
        thread.start()
    with cleaners(database, blobs):
        for each in range(rounds):
            contents.append(aged(blobs, store(blobs, sent[each])))
            sleep(random.uniform(0, 0.01))
            begin.wait()
            begin.wait()
    for thread in threads:
        thread.join()

    for content in contents:
        aged(blobs, content)
    assert clean(conn, blobs) == set()
    assert all(intact(blobs, each.sha256) for each in contents)
