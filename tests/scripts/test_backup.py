"""`muniment backup` and `muniment restore`: what was there is there again, up to a point."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from subprocess import DEVNULL, CompletedProcess, Popen, TimeoutExpired
from threading import Event
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.storage.archive import Archive
from domain.storage.blobs import Blob
from domain.storage.local import LocalBlobs
from domain.storage.server import Server
from domain.storage.space import Space
from domain.values import Content
from projections import backing_up, restoring
from projections.restoring import Until
from tests.naming import receive
from tests.running import COMMAND, cli, environment
from tests.writing import actor, create, live, log_on, publish

EVENTS = "SELECT e::text FROM es.event e WHERE position <= %s ORDER BY position"
END = (1 << 63) - 1


class Place:
    """A data folder whose database is on the tests' server."""

    def __init__(self, data: Path, url: str) -> None:
        self.data = data
        self.url = url
        self.blobs = LocalBlobs(data / "blobs", Space(data.parent, 0))

    def run(self, *words: str) -> CompletedProcess[str]:
        """Run a verb."""
        return cli(*words, "--data", str(self.data), DATABASE_URL=self.url)

    def back_up(self, folder: Path, *words: str) -> dict[str, int]:
        """Back up, and return what that came to."""
        done = self.run("backup", str(folder), "--json", *words)
        assert done.returncode == 0, done.stderr
        came_to: dict[str, int] = json.loads(done.stdout)
        return came_to

    def killed(self, *words: str) -> None:
        """Run a verb, and kill it at some moment."""
        command = [*COMMAND, *words, "--data", str(self.data)]
        given = environment(DATABASE_URL=self.url)
        with Popen(command, stdout=DEVNULL, stderr=DEVNULL, env=given) as verb:
            try:
                verb.wait(random.uniform(0.3, 1.5))
            except TimeoutExpired:
                verb.kill()

    @property
    def restoring(self) -> bool:
        """Whether a restore broke off."""
        return (self.data / "restoring").exists()

    def store(self, content: bytes) -> Blob:
        """Have a record name a file of this content."""
        self.data.mkdir(exist_ok=True)
        with self.blobs.upload(len(content)) as upload:
            upload.write(content)
            kept = upload.keep()
        with log_on(self.url) as log:
            named = Content(kept.sha256, kept.md5, kept.size)
            log.run(actor(), receive, log.run(actor(), create).id, named)
        return kept

    def write(self, seed: int = 0, times: int = 20) -> None:
        """Have all kinds of events happen."""
        made: dict[str, list[UUID]] = {}
        with log_on(self.url) as log:
            for _ in range(times):
                log.run(actor(), live, Random(seed), made)

    def events(self, until: int = END) -> list[str]:
        """The log, every column of it, up to a position."""
        with psycopg.connect(self.url) as conn:
            return [row for (row,) in conn.execute(EVENTS, [until])]

    def last(self) -> tuple[int, datetime]:
        """The position of the last event, and when it was recorded."""
        with psycopg.connect(self.url) as conn:
            found = conn.execute("SELECT max(position), max(recorded_at) FROM es.event")
            position, at = found.fetchall()[0]
            return position, at.astimezone(UTC)


New = Callable[[], Place]


@pytest.fixture
def new(postgres: Server, template: str, tmp_path: Path) -> New:
    """What makes places, each with an empty database of its own."""

    def make() -> Place:
        name = f"place_{uuid4().hex}"
        with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as conn:
            conn.execute(f'CREATE DATABASE "{name}" OWNER muniment_owner TEMPLATE {template}')
        return Place(tmp_path / name, postgres.url(database=name))

    return make


@pytest.fixture
def nowhere(tmp_path: Path) -> Place:
    """Where no database is."""
    return Place(tmp_path / "nowhere", "postgresql:///?host=/nowhere")


@pytest.fixture(scope="module")
def old(database: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """What is backed up; every test adds to it."""
    place = Place(tmp_path_factory.mktemp("old") / "data", database)
    place.write()
    place.store(b"copper")
    return place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a backup may be made."""
    return tmp_path / "backup"


def test_a_restored_log_is_the_one_that_was_backed_up(old: Place, new: New, folder: Path) -> None:
    """Every event to the byte, files and keys; an audit finds nothing; it is backed up further."""
    kept, other = old.store(b"tin"), new()
    link_key = old.data / "link.key"
    link_key.write_bytes(b"k" * 32)
    old.back_up(folder, "--with-keys")

    done = other.run("restore", str(folder))

    assert done.returncode == 0, done.stderr
    assert other.events() == old.events()
    assert b"".join(other.blobs.read(kept.sha256)) == b"tin"
    assert (other.data / "link.key").read_bytes() == link_key.read_bytes()
    audited = other.run("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr
    other.store(b"lead")
    assert other.back_up(folder)["new_events"] == 4
    assert other.events()[: len(old.events())] == old.events()


def test_keys_go_along_where_that_is_asked_for(old: Place, folder: Path) -> None:
    """Else it is said at each backup that they do not, and where they are."""
    (old.data / "secrets.keys").write_bytes(b"secret of secrets")

    done = old.run("backup", str(folder))

    assert str(old.data / "secrets.keys") in done.stderr
    held = [each.read_bytes() for each in folder.rglob("*") if each.is_file()]
    assert not [each for each in held if b"secret of secrets" in each]


def test_what_is_there_is_not_copied_again(old: Place, folder: Path) -> None:
    """Neither files nor, where nothing happened, the log."""
    old.back_up(folder)
    before = _files(folder)
    nothing = old.back_up(folder)
    same = _files(folder)
    old.store(b"iron")
    more = old.back_up(folder)

    assert (nothing["new_events"], nothing["new_blobs"]) == (0, 0)
    assert _of(same, "log", "blobs") == _of(before, "log", "blobs")
    assert (more["new_events"], more["new_blobs"], more["new_size"]) == (4, 1, 4)
    assert _of(before, "blobs").items() <= _of(_files(folder), "blobs").items()


def test_however_the_log_is_cut_it_comes_back(
    old: Place, new: New, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In many segments, of several backups, some beside a transaction that is left open."""
    monkeypatch.setattr(backing_up, "SEGMENT", 2000)
    other = new()
    archive = Archive(folder)
    with psycopg.connect(old.url) as opened:
        for seed in range(6):
            if seed == 2:
                opened.execute("SELECT txid_current()")
            if seed == 4:
                opened.rollback()
            old.write(seed, 4)
            backing_up.back_up(old.url, old.blobs, archive, {})

    done = other.run("restore", str(folder))

    assert done.returncode == 0, done.stderr
    assert other.events() == old.events()
    found = archive.contents()
    assert found is not None
    assert len(found.segments) > 3
    assert found.segments[-1].stop is not None


def test_a_log_is_restored_up_to_a_position_or_an_instant(
    old: Place, new: New, folder: Path
) -> None:
    """With all that had happened by then, and nothing that came after it."""
    other = new()
    old.write(1)
    position, at = old.last()
    old.write(2)
    old.back_up(folder)

    done = other.run("restore", str(folder), "--until", str(position))
    moment = _point(folder, at + timedelta(microseconds=1))

    assert done.returncode == 0, done.stderr
    assert "Left out is what follows" in done.stderr
    assert other.events() == old.events(position)
    assert moment.last is not None
    assert (moment.events, moment.last.position) == (len(other.events()), position)
    audited = other.run("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr


def test_a_missing_file_is_named_and_nothing_restored_unless_it_is_given_up(
    old: Place, new: New, folder: Path
) -> None:
    """The refusal says with which words."""
    other = new()
    lost, kept = old.store(b"mercury"), old.store(b"lead")
    old.back_up(folder)
    LocalBlobs(folder / "blobs", old.blobs.space).path(lost.sha256).write_bytes(b"merc")

    refused = other.run("restore", str(folder))
    nothing = other.data.exists()
    done = other.run("restore", str(folder), "--partial", lost.sha256)

    assert refused.returncode == 1
    assert f"--partial {lost.sha256}" in refused.stderr
    assert not nothing
    assert done.returncode == 0, done.stderr
    assert other.blobs.find(lost.sha256) is None
    assert other.blobs.find(kept.sha256) is not None


def test_what_the_store_lost_is_named_and_all_else_backed_up(old: Place, folder: Path) -> None:
    """Missing or damaged; what an earlier backup has of it stays there."""
    first = old.store(b"nickel")
    old.back_up(folder)
    second, third = old.store(b"silver"), old.store(b"zinc")
    try:
        for each in (first, second):
            old.blobs.path(each.sha256).unlink()
        old.blobs.path(third.sha256).write_bytes(b"zing")
        done = old.run("backup", str(folder), "--json")
    finally:
        for content in (b"nickel", b"silver", b"zinc"):
            old.store(content)

    assert done.returncode == 1
    assert sorted(json.loads(done.stdout)["missing"]) == sorted((second.sha256, third.sha256))
    assert second.sha256 in done.stderr
    there = LocalBlobs(folder / "blobs", old.blobs.space)
    assert b"".join(there.read(first.sha256)) == b"nickel"
    assert there.find(third.sha256) is None


def test_a_damaged_backup_is_refused_before_anything_is_made(
    old: Place, nowhere: Place, folder: Path
) -> None:
    """One changed byte of the log."""
    old.back_up(folder)
    (segment,) = (folder / "log").iterdir()
    held = bytearray(segment.read_bytes())
    held[len(held) // 2] ^= 1
    segment.write_bytes(held)

    done = nowhere.run("restore", str(folder))

    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert not nowhere.data.exists()


def test_a_backup_is_never_mixed_with_something_else(
    old: Place, new: New, nowhere: Place, folder: Path
) -> None:
    """Another log, a folder of something else, a folder without a whole backup, another's key."""
    other = new()
    (old.data / "log.key").write_bytes(b"k" * 32)
    old.back_up(folder, "--with-keys")
    other.data.mkdir()
    (other.data / "log.key").write_bytes(b"l" * 32)
    before = _files(folder)

    key = other.run("restore", str(folder))
    other.write()
    another = other.run("backup", str(folder))
    full = other.run("restore", str(folder))
    foreign = other.run("backup", str(old.data))
    nothing = new().run("backup", str(folder.with_name("other")))
    (folder / "backup.json").rename(folder / "backup.json.new")
    broken = nowhere.run("restore", str(folder))

    assert "is a backup of another log" in another.stderr
    assert _of(before, "log") == _of(_files(folder), "log")
    assert "log.key is another than" in key.stderr
    assert "has a log already" in full.stderr
    assert "something that is not a backup" in foreign.stderr
    assert "no backup that was finished" in broken.stderr
    assert "the log is empty" in nothing.stderr


def test_what_was_erased_is_in_no_later_backup(old: Place, new: New, folder: Path) -> None:
    """Nor are its files; a point before the erasure is there no more, one before the event is."""
    other = new()
    before, _ = old.last()
    with log_on(old.url) as log:
        made = log.run(actor(), create, b'{"name":"Rosalind"}')
        log.run(actor(), publish, made.id)
    kept = old.store(b"Rosalind's")
    old.back_up(folder)
    position, _ = old.last()
    with psycopg.connect(old.url) as conn:
        rows = conn.execute("SELECT number FROM view.records ORDER BY number DESC LIMIT 2")
        numbers = [str(number) for (number,) in rows]
    for number in numbers:
        erased = old.run("erase", number, "--reason", "law", "--yes", "--no-scrub")
        assert erased.returncode == 0, erased.stderr

    old.back_up(folder)

    assert LocalBlobs(folder / "blobs", old.blobs.space).find(kept.sha256) is None
    archive = Archive(folder)
    found = archive.contents()
    assert found is not None
    said = [each.state or b"" for part in found.segments for each in archive.events(part)]
    assert not [each for each in said if b"Rosalind" in each]
    refused = other.run("restore", str(folder), "--until", str(position))
    assert "cannot be restored to this point" in refused.stderr
    assert _point(folder, before).events == len(old.events(before))
    assert other.run("restore", str(folder)).returncode == 0
    audited = other.run("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr


def test_beside_writers_and_after_kills_nothing_acknowledged_before_is_missing(
    old: Place, new: New, folder: Path
) -> None:
    """A backup and its restore, each killed at some moment and begun again."""
    other = new()
    journal: list[tuple[str, int]] = []
    done = Event()

    def write() -> None:
        with log_on(old.url) as log:
            record = log.run(actor(), create).id
            while not done.is_set():
                journal.append((str(record), log.run(actor(), publish, record).version))

    with ThreadPoolExecutor() as pool:
        writing = [pool.submit(write) for _ in range(2)]
        old.killed("backup", str(folder))
        acknowledged = journal[:]
        came_to = old.back_up(folder)
        done.set()
        for each in writing:
            each.result()
    other.killed("restore", str(folder))
    if other.restoring or not other.events():
        again = other.run("restore", str(folder))
        assert again.returncode == 0, again.stderr

    restored = other.events()
    with psycopg.connect(other.url) as conn:
        rows = conn.execute("SELECT stream::text, version FROM es.event").fetchall()
    assert len(acknowledged) > 10
    assert {*acknowledged} <= {*rows}
    assert len(restored) == came_to["events"]
    assert {*restored} <= {*old.events()}
    audited = other.run("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr


def test_nothing_works_on_what_is_half_restored(old: Place, new: New, folder: Path) -> None:
    """The refusal names the command that goes on; that one does."""
    other = new()
    old.back_up(folder)
    other.data.mkdir()
    (other.data / "restoring").write_text(str(folder))

    refused = other.run("audit")
    done = other.run("restore", str(folder))

    assert refused.returncode == 2
    assert f"muniment restore {folder}" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert other.run("audit").returncode == 0


def _point(folder: Path, until: Until) -> restoring.Point:
    """A backup up to a point."""
    archive = Archive(folder)
    with archive.read() as found:
        return restoring.Point(archive, found, until, backing_up.silent)


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """What files there are, and which and how old each is."""
    found = [each for each in folder.rglob("*") if each.is_file()]
    return {
        str(each.relative_to(folder)): (each.stat().st_ino, each.stat().st_mtime_ns)
        for each in found
    }


def _of(files: dict[str, tuple[int, int]], *below: str) -> dict[str, tuple[int, int]]:
    return {name: each for name, each in files.items() if name.split("/")[0] in below}
