"""Fixity: all files are read over from time to time, whatever comes in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from domain.storage.local import LocalBlobs
from domain.storage.noted import Noted
from domain.storage.space import Space
from domain.values import Content
from projections import fixity
from projections.database import connect
from projections.fixity import Checking, Fixity, Pace, Pass, Stopped, keep_checking
from projections.registry import VIEWS
from tests.naming import receive
from tests.projections.tables import owner
from tests.writing import actor, create, log_on

FAST = 1 << 40  # bytes a second


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """The store of a data folder."""
    return LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0))


@pytest.fixture
def noted(tmp_path: Path) -> Noted[Fixity]:
    """Where it is noted how far the reading is."""
    return Noted(tmp_path / "fixity.json", Fixity())


@pytest.fixture
def record(database: str) -> Iterator[UUID]:
    """A record, in a log that names no file yet."""
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(f"TRUNCATE es.event, {', '.join(f'view.{name}' for name in VIEWS)}".encode())
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    with log_on(database) as log:
        yield log.run(actor(), create).id


def send(database: str, blobs: LocalBlobs, record: UUID, bytes_: bytes) -> Path:
    """Store a file, name it, and return where it lies."""
    with blobs.upload(len(bytes_)) as upload:
        upload.write(bytes_)
        kept = upload.keep()
    with log_on(database) as log:
        log.run(actor(), receive, record, Content(kept.sha256, kept.md5, kept.size))
    return blobs.path(kept.sha256)


def checking(database: str, blobs: LocalBlobs, noted: Noted[Fixity]) -> Checking:
    """What a process that has just begun does."""
    return Checking(database, blobs, noted, FAST, Event())


def overdue(noted: Noted[Fixity]) -> None:
    """Let the last pass be of 30 days ago."""
    last = noted.last().last
    assert last is not None
    began = last.began_at - fixity.EVERY
    noted.note(replace(noted.last(), last=replace(last, began_at=began)))


def test_every_file_is_read_once_and_again_after_thirty_days(
    database: str, record: UUID, blobs: LocalBlobs, noted: Noted[Fixity]
) -> None:
    """What came since is read the next time, in a process that begins then too."""
    for each in (b"tin", b"lead", b""):
        send(database, blobs, record, each)
    assert not checking(database, blobs, noted).step()
    first = noted.last()
    assert (first.now, first.damaged) == (None, ())
    assert first.last is not None
    assert (first.last.of, first.last.blobs, first.last.size) == (3, 3, 7)

    send(database, blobs, record, b"zinc")
    assert not checking(database, blobs, noted).step()
    assert noted.last() == first
    overdue(noted)
    checking(database, blobs, noted).step()

    second = noted.last().last
    assert second is not None
    assert second.finished_at is not None
    assert (second.blobs, second.size) == (4, 11)


@pytest.mark.parametrize("what", ["flipped", "cut off", "longer", "gone", "another", "unreadable"])
def test_whatever_is_done_to_a_file_is_found_and_said(
    database: str,
    record: UUID,
    blobs: LocalBlobs,
    noted: Noted[Fixity],
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    """It is named once in the log of the service; what is as it was is not named."""
    path, other = (send(database, blobs, record, each) for each in (b"tin", b"lead"))
    path.unlink()
    if what == "unreadable":
        path.mkdir()
    elif what != "gone":
        left = {"flipped": b"tim", "cut off": b"ti", "longer": b"tinn"}
        path.write_bytes(left.get(what, other.read_bytes()))

    for _ in range(2):
        checking(database, blobs, noted).step()

    assert noted.last().damaged == (path.name,)
    said = [each for each in caplog.messages if each.startswith("A blob is damaged")]
    assert len(said) == 1
    assert str(path) in said[0]


def test_a_file_that_was_put_back_is_no_longer_said_to_be_damaged(
    database: str, record: UUID, blobs: LocalBlobs, noted: Noted[Fixity]
) -> None:
    """It is looked at again before the next pass; as is one that no event names any more."""
    path = send(database, blobs, record, b"tin")
    path.write_bytes(b"tim")
    checking(database, blobs, noted).step()
    assert noted.last().damaged == (path.name,)

    path.write_bytes(b"tin")
    checking(database, blobs, noted).step()
    assert noted.last().damaged == ()

    path.unlink()
    noted.note(replace(noted.last(), damaged=(path.name,)))
    with owner(database) as conn:
        conn.execute("DELETE FROM view.contents")
    checking(database, blobs, noted).step()
    assert noted.last().damaged == ()


def test_after_a_restart_it_goes_on_where_it_was(
    database: str,
    record: UUID,
    blobs: LocalBlobs,
    noted: Noted[Fixity],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Wherever a process ended: each file is read once by those that came to its end."""
    monkeypatch.setattr(fixity, "BATCH", 2)
    for each in range(7):
        send(database, blobs, record, b"%d" % each)
    steps = 1
    while checking(database, blobs, noted).step():
        steps += 1
        now = noted.last().now
        assert now is not None
        assert (now.blobs, now.of) == (2 * (steps - 1), 7)

    last = noted.last().last
    assert last is not None
    assert (steps, last.blobs, last.size) == (4, 7, 7)


def test_a_process_that_ends_in_the_midst_of_a_file_begins_with_it_again(
    database: str, record: UUID, blobs: LocalBlobs, noted: Noted[Fixity]
) -> None:
    """What it has read before that is not read again."""
    paths = sorted(send(database, blobs, record, b"%d" % each * 9) for each in range(4))
    stop = Event()

    class Blobs(LocalBlobs):
        def read(self, sha256: str, start: int = 0, stop_at: int | None = None) -> Iterator[bytes]:
            if sha256 == paths[2].name:
                stop.set()
            return super().read(sha256, start, stop_at)

    ending = Blobs(blobs.folder, blobs.space)
    with pytest.raises(Stopped):
        Checking(database, ending, noted, FAST, stop).step()
    now = noted.last().now
    assert now is not None
    assert (now.blobs, now.after) == (2, paths[1].name)

    checking(database, blobs, noted).step()
    last = noted.last().last
    assert last is not None
    assert (last.began_at, last.blobs, last.size) == (now.began_at, 4, 36)


def test_one_process_reads_at_a_time(
    database: str, record: UUID, blobs: LocalBlobs, noted: Noted[Fixity]
) -> None:
    """The second comes to it when the first is done, or gone."""
    with connect(database) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", [fixity.LOCK])
        assert not checking(database, blobs, noted).step()
        assert noted.last() == Fixity()
    checking(database, blobs, noted).step()
    assert noted.last().last is not None


class Waits(Event):
    """Never set; sums up how long it was waited for, and lets nobody wait."""

    waited = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        """Do not wait."""
        self.waited += timeout or 0
        return False


def test_no_more_is_read_than_the_rate_allows() -> None:
    """Of large files and small ones; time in which nothing was read is not made up for."""
    stop = Waits()
    pace = Pace(1 << 20, stop)
    began = time.monotonic()
    for _ in range(8):
        pace.passed(1 << 20)

    assert stop.waited >= sum(range(1, 9)) - 8 * (time.monotonic() - began)


def test_what_is_under_way_is_noted_in_a_form_that_is_read_back(noted: Noted[Fixity]) -> None:
    """And a file that a crash left of it is none."""
    then = datetime(2026, 11, 21, tzinfo=UTC)
    state = Fixity(Pass(then, 3), Pass(then + timedelta(30), 4, "ab", 1, 2, 3), ("cd",))
    noted.note(state)
    assert noted.last() == state

    noted.path.write_bytes(b"")
    assert noted.last() == Fixity()


def test_it_goes_on_until_it_is_told_to_stop(
    database: str, record: UUID, blobs: LocalBlobs, noted: Noted[Fixity]
) -> None:
    """Also where the database is away, and comes back."""

    class Stop(Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout == fixity.PAUSE:
                self.set()
            return self.is_set()

    def keep(url: str) -> None:
        thread = Thread(target=keep_checking, args=(url, blobs, noted, FAST, Stop()))
        thread.start()  # it stands back behind others, which this one should not
        thread.join()

    keep("host=/nowhere")
    assert noted.last() == Fixity()
    send(database, blobs, record, uuid4().bytes)
    keep(database)
    assert noted.last().last is not None
