"""`muniment backup` and `muniment restore`: what was there is there again, up to a point."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from subprocess import DEVNULL, CompletedProcess, Popen, TimeoutExpired
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from domain.storage.archive import Archive, Segment
from domain.storage.blobs import Blob
from domain.storage.local import LocalBlobs
from domain.storage.server import Server
from domain.storage.space import Space
from domain.values import Content
from projections import backing_up, copying, data_keys, restoring, sealing
from projections.database import Connections, connect, serving
from projections.restoring import Until
from scripts import wiring
from scripts.settings import Settings
from tests.naming import receive
from tests.running import COMMAND, cli, environment
from tests.writing import actor, create, live, log_on, publish

EVENTS = "SELECT e::text FROM es.event e WHERE position <= %s ORDER BY position"
END = (1 << 63) - 1

BOUNDS = (
    "statement_timeout",
    "transaction_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
)

File = tuple[int, int, int]  # inode, changed at, bytes


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

    @property
    def settings(self) -> Settings:
        """What its verbs are given."""
        return Settings(data=self.data, database_url=self.url)

    def sign(self) -> str:
        """Have the log sealed, and return the checkpoint that is signed of it."""
        (self.data / "log.key").write_bytes(b"k" * 32)
        key, file = wiring.log_key(self.settings), wiring.checkpoint_file(self.settings)
        with connect(sealing.owning(self.url)) as conn:
            sealing.seal(conn, key, file)
            signed = sealing.checkpoint(conn)
        assert signed is not None
        return signed

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
    """Every event to the byte, files and keys; the checkpoint that was signed of it holds.

    An audit finds nothing; it is backed up further.
    """
    kept, other = old.store(b"tin"), new()
    link_key = old.data / "link.key"
    link_key.write_bytes(b"k" * 32)
    signed = old.sign()
    old.back_up(folder, "--with-keys")

    done = other.run("restore", str(folder))

    assert done.returncode == 0, done.stderr
    assert other.events() == old.events()
    assert b"".join(other.blobs.read(kept.sha256)) == b"tin"
    assert (other.data / "link.key").read_bytes() == link_key.read_bytes()
    assert wiring.checkpoint_file(other.settings).path.read_text() == f"\n{signed}"
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


def test_keys_are_rotated_and_made_beside_a_backup(new: New, folder: Path) -> None:
    """Neither waits for the copy of the log; what the backup has of keys opens what it has."""
    place, other, record = new(), new(), uuid4()
    place.write(times=1)
    place.data.mkdir()
    keys, files = wiring.encryption_keys(place.settings), wiring.key_files(place.settings)
    with _connections(place, lock_timeout="5s") as connections:
        known = data_keys.DataKeys(connections, keys)
        sealed = known.of(record).seal("tin", b"place")
        rotated: list[str] = []

        def meanwhile(_number: int, _of: int, /, what: str = "") -> None:
            if not rotated:
                rotated.append(data_keys.rotate(connections.get(), keys)[0])
                known.of(uuid4())

        backing_up.back_up(place.url, place.blobs, Archive(folder), files, meanwhile)

        assert keys.ids() == set(rotated)
        assert known.of(record).open(sealed, b"place") == "tin"
    done = other.run("restore", str(folder))
    assert done.returncode == 0, done.stderr
    with _connections(other) as connections:
        restored = data_keys.DataKeys(connections, wiring.encryption_keys(other.settings))
        found = restored.find(record)
        assert found is not None
        assert found.open(sealed, b"place") == "tin"


def test_what_is_there_is_not_copied_again(old: Place, folder: Path) -> None:
    """Neither files nor, where nothing happened, the log."""
    old.back_up(folder)
    before = _files(folder)
    nothing = old.back_up(folder)
    same = _files(folder)
    iron = old.store(b"iron" * 1000)
    more = old.back_up(folder)
    after = _files(folder)

    assert (nothing["new_events"], nothing["new_blobs"]) == (0, 0)
    assert _of(same, "log", "blobs") == _of(before, "log", "blobs")
    assert (more["new_events"], more["new_blobs"], more["new_size"]) == (4, 1, iron.size)
    assert _of(before, "blobs").items() <= _of(after, "blobs").items()
    written = _of(after, "blobs").items() - _of(before, "blobs").items()
    assert sum(size for _, (_, _, size) in written if size) == iron.size


def test_however_the_log_is_cut_it_comes_back(
    old: Place, new: New, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In many segments, of several backups, some beside a transaction that is left open."""
    monkeypatch.setattr(copying, "SEGMENT", 2000)
    other = new()
    archive = Archive(folder)
    settled: list[Segment] = []
    with psycopg.connect(old.url) as opened:
        for seed in range(6):
            if seed == 2:
                opened.execute("SELECT txid_current()")
            if seed == 4:
                opened.rollback()
            old.write(seed, 4)
            before = _of(_files(folder), "log")
            backing_up.back_up(old.url, old.blobs, archive, {})
            untouched = dict(before.items() & _files(folder).items())
            assert {each.file for each in settled} <= untouched.keys()
            found = archive.contents()
            assert found is not None
            segments = found.segments
            settled = [each for each in segments if each.stop and each.size >= 2000]

    done = other.run("restore", str(folder))

    assert done.returncode == 0, done.stderr
    assert other.events() == old.events()
    assert len(settled) > 3
    assert segments[-1].stop is not None


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


def test_what_is_in_a_backup_the_log_says_and_no_view(old: Place, folder: Path) -> None:
    """Files that a damaged view names no more are copied, and none is removed for its sake."""
    before = old.store(b"cobalt")
    old.back_up(folder)
    since = old.store(b"bismuth")
    with psycopg.connect(old.url) as conn:
        conn.execute("CREATE TABLE public.whole AS TABLE view.contents")
        conn.execute("DELETE FROM view.contents")
    try:
        came_to = old.back_up(folder)
    finally:
        with psycopg.connect(old.url) as conn:
            conn.execute("INSERT INTO view.contents TABLE public.whole")
            conn.execute("DROP TABLE public.whole")

    assert came_to["new_blobs"] == 1
    there = LocalBlobs(folder / "blobs", old.blobs.space)
    for each in (before, since):
        assert there.find(each.sha256) is not None


def test_a_damaged_event_takes_nothing_out_of_a_backup(old: Place, folder: Path) -> None:
    """A new one is copied nowhere; of what an earlier one may name nothing is removed."""
    lost = old.store(b"antimony")
    position, _ = old.last()
    forged = "UPDATE es.event SET state = convert_to(replace(convert_from(state, 'UTF8'), %s, %s),"
    forged += " 'UTF8') WHERE position = (SELECT max(position) FROM es.event WHERE position <= %s)"
    words = [lost.sha256, "0" * 64]
    with _forging(old.url, forged, [*words, position], [*words[::-1], position]):
        new_one = old.run("backup", str(folder))
    old.back_up(folder)
    old.store(b"arsenic")  # the segment is an old one now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copying, "SEGMENT", 1)
        patch.setattr(copying, "MOST", 1)
        backing_up.back_up(old.url, old.blobs, Archive(folder), {})
        old.store(b"gallium")
        with _forging(old.url, forged, [*words, position], [*words[::-1], position]):
            done = backing_up.back_up(old.url, old.blobs, Archive(folder), {})

    assert new_one.returncode == 2
    assert f"The event at position {position} of the log is damaged" in new_one.stderr
    assert done.unread == (position,)
    assert LocalBlobs(folder / "blobs", old.blobs.space).find(lost.sha256) is not None


def test_what_rotted_in_a_backup_is_found_and_copied_again(old: Place, folder: Path) -> None:
    """A byte of a file, one of the log; without `--verify` nobody looks."""
    blob = LocalBlobs(folder / "blobs", old.blobs.space).path(old.store(b"vanadium").sha256)
    old.back_up(folder)
    old.write(3)
    old.back_up(folder)
    segment = min((folder / "log").iterdir())
    whole = blob.read_bytes(), segment.read_bytes()
    for each in (blob, segment):
        _flip(each)

    unseen = old.back_up(folder)
    found = old.run("backup", str(folder), "--verify", "--json")

    assert not unseen["mended"]
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout)["mended"] == [str(segment), str(blob)]
    assert f"copied again: {blob}" in found.stderr
    assert (blob.read_bytes(), segment.read_bytes()) == whole


@pytest.mark.parametrize("kind", ["backup.json", "log", "files"])
def test_a_damaged_backup_is_refused_before_anything_is_made(
    old: Place, nowhere: Place, folder: Path, kind: str
) -> None:
    """One changed byte, of whatever is read first; one line says so."""
    old.back_up(folder)
    of_kind = [name for name in _files(folder) if name.startswith(kind)]
    _flip(folder / max(of_kind, key=lambda name: (folder / name).stat().st_size))

    done = nowhere.run("restore", str(folder))

    assert done.returncode == 1
    assert re.fullmatch("muniment: .*(damaged|newer Muniment).*\n", done.stderr)
    assert not nowhere.data.exists()


def test_a_damaged_file_is_never_restored(old: Place, new: New, folder: Path) -> None:
    """The refusal names it, and with which words the rest is."""
    other, rotten = new(), old.store(b"osmium")
    old.back_up(folder)
    _flip(LocalBlobs(folder / "blobs", old.blobs.space).path(rotten.sha256))

    refused = other.run("restore", str(folder))
    half = other.run("audit")
    done = other.run("restore", str(folder), "--partial", rotten.sha256)

    assert refused.returncode == 1
    assert re.fullmatch(f"muniment: .*damaged.*--partial {rotten.sha256}\n", refused.stderr)
    assert f"muniment restore {folder}" in half.stderr
    assert done.returncode == 0, done.stderr
    assert other.blobs.find(rotten.sha256) is None


def test_a_database_of_something_else_is_not_restored_into(
    old: Place, postgres: Server, tmp_path: Path, folder: Path
) -> None:
    """However its tables are called; an empty one of the same server is."""
    old.back_up(folder)
    name = f"place_{uuid4().hex}"
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}" OWNER muniment_owner')
    place = Place(tmp_path / name, postgres.url(database=name))
    with psycopg.connect(place.url) as conn:
        conn.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (number int)")

    refused = place.run("restore", str(folder))
    nothing = place.data.exists()
    with psycopg.connect(place.url) as conn:
        conn.execute("DROP SCHEMA shop CASCADE")
    done = place.run("restore", str(folder))

    assert refused.returncode == 1
    assert "holds something else, as the table shop.orders" in refused.stderr
    assert not nothing
    assert done.returncode == 0, done.stderr
    assert place.events() == old.events()


def test_a_restore_lasts_as_long_as_it_lasts(old: Place, new: New, folder: Path) -> None:
    """Whatever the server bounds: a statement, a transaction, how long either stands still."""
    other = new()
    old.back_up(folder)
    phases: set[str] = set()
    with psycopg.connect(other.url) as conn:
        for each in BOUNDS:
            conn.execute(f"ALTER DATABASE {conn.info.dbname} SET {each} = '400ms'")

    def slow(_done: int, _total: int, /, what: str = "Events") -> None:
        if what not in phases:
            phases.add(what)
            time.sleep(0.6)

    restoring.load(other.url, _point(folder, None), slow)

    assert phases == {"Events", "Views", "Seals"}
    assert other.events() == old.events()


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


@contextmanager
def _forging(url: str, statement: str, there: list[Any], back: list[Any]) -> Iterator[None]:
    """Have somebody change the log, for the block."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(statement, there)
        try:
            yield
        finally:
            conn.execute(statement, back)
            conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")


def _flip(path: Path) -> None:
    """Change a bit in the middle of a file."""
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def _point(folder: Path, until: Until) -> restoring.Point:
    """A backup up to a point."""
    archive = Archive(folder)
    with archive.read() as found:
        return restoring.Point(archive, found, until, copying.silent)


@contextmanager
def _connections(place: Place, **more: str) -> Iterator[Connections]:
    connections = Connections(serving(place.url, "test", **more))
    try:
        yield connections
    finally:
        connections.close()


def _files(folder: Path) -> dict[str, File]:
    """What files there are, and which, how old and how long each is."""
    found = [each for each in folder.rglob("*") if each.is_file()]
    return {
        str(each.relative_to(folder)): (
            each.stat().st_ino,
            each.stat().st_mtime_ns,
            each.stat().st_size,
        )
        for each in found
    }


def _of(files: dict[str, File], *below: str) -> dict[str, File]:
    return {name: each for name, each in files.items() if name.split("/")[0] in below}
