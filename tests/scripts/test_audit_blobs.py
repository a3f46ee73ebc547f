"""Audit of blobs: what is missing, damaged or named by nothing is found, and nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

import pytest

from domain.log import Log
from domain.storage.blobs import GRACE, Blobs
from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from domain.values import Content
from projections import listing
from projections.audit import audit
from projections.findings import Finding
from projections.keeping import KEEP, Keeping
from projections.registry import VIEWS
from tests.naming import attach, receive
from tests.projections.tables import owner
from tests.running import cli
from tests.writing import actor, create, link, log_on

WRITERS = 4


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """The store of a data folder."""
    return LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0))


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """A log without a file: those of other tests lie in folders that are gone."""
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        views = ", ".join(f"view.{name}" for name in (*VIEWS, *listing.TABLES))
        conn.execute(f"TRUNCATE es.event, {views}".encode())
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    with log_on(database) as log:
        yield log


def store(blobs: Blobs, content: bytes) -> Content:
    """Make bytes durable."""
    with blobs.upload(len(content)) as upload:
        upload.write(content)
        kept = upload.keep()
    return Content(kept.sha256, kept.md5, kept.size)


def send(log: Log, blobs: Blobs, record: UUID, content: bytes) -> Content:
    """Store a file and name it."""
    stored = store(blobs, content)
    log.run(actor(), receive, record, stored)
    return stored


def grown_old(blobs: LocalBlobs, content: Content) -> Path:
    """Let an upload lie longer than one may take."""
    path = blobs.path(content.sha256)
    then = path.stat().st_mtime - GRACE.total_seconds() - 1
    os.utime(path, (then, then))
    return path


def findings(database: str, blobs: Blobs) -> list[Finding]:
    """All findings."""
    keeping = Keeping(blobs, lambda _done, _total: None)
    try:
        return list(audit(database, keeping=keeping))
    finally:
        keeping.close()


def test_nothing_is_found_where_all_is_there(database: str, log: Log, blobs: LocalBlobs) -> None:
    """Named twice, as a preview, a linked file, one of no bytes; each blob is read once."""
    record = log.run(actor(), create).id
    for content in (b"tin", b"tin", b"", b"x" * 3_000_000):
        grown_old(blobs, send(log, blobs, record, content))
    log.run(actor(), receive, record, store(blobs, b"lead"), store(blobs, b"a picture"))
    log.run(actor(), link, record, "https://tin.example/")
    told: list[tuple[int, int]] = []
    keeping = Keeping(blobs, lambda done, total: told.append((done, total)))

    found = list(audit(database, keeping=keeping))

    keeping.close()
    assert (found, keeping.named) == ([], 5)
    assert told == [(done, 5) for done in range(1, 6)]


def test_a_missing_blob_is_named_with_what_it_was(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """Once, by the first file of it, with the place to which a backup puts it back."""
    record = log.run(actor(), create).id
    for content in (b"tin", b"lead", b"lead"):
        lost = send(log, blobs, record, content)
    path = blobs.path(lost.sha256)
    path.unlink()

    (found,) = findings(database, blobs)

    assert (found.what, found.blob) == ("blob-missing", lost.sha256)
    assert f"file 1 of the record {record}" in found.message
    assert str(path) in found.mend
    assert found.line.startswith(f"blob-missing: blob {lost.sha256}: ")


def test_what_is_attached_to_a_log_entry_is_missed_too(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """As long as it is there, an event names it."""
    content = store(blobs, b"log")
    path = grown_old(blobs, content)
    entry = log.run(actor(), attach, content)
    assert findings(database, blobs) == []
    path.unlink()

    (found,) = findings(database, blobs)

    assert (found.what, found.blob) == ("blob-missing", content.sha256)
    assert f"file 1 of the log entry {entry}" in found.message


def test_blobs_that_were_exchanged_are_both_found_with_their_objects(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """By the number and pid of the object, the file in it, and the event that named it."""
    records = [log.run(actor(), create) for _ in range(2)]
    paths = [
        blobs.path(send(log, blobs, each.id, content).sha256)
        for each, content in zip(records, (b"tin", b"led"), strict=True)
    ]
    one, other = (each.read_bytes() for each in paths)
    paths[0].write_bytes(other)
    paths[1].write_bytes(one)

    found = {each.blob: each for each in findings(database, blobs)}

    assert found.keys() == {each.name for each in paths}
    for record, path in zip(records, paths, strict=True):
        each = found[path.name]
        event = record.version + 1
        assert (each.what, each.stream, each.version) == ("blob-changed", record.id, event)
        assert f"event {event} of object {record.number} ({record.pid})" in each.message
        assert f"of the record {record.id}" in each.message


@pytest.mark.parametrize("at", [0, 1, 1_500_000, -1])
def test_a_flipped_byte_in_a_blob_is_found(
    database: str, log: Log, blobs: LocalBlobs, at: int
) -> None:
    """Wherever it is; sent again, the blob is whole."""
    record = log.run(actor(), create).id
    content = b"tin" * 1_000_000
    path = blobs.path(send(log, blobs, record, content).sha256)
    damaged = bytearray(content)
    damaged[at] ^= 1
    path.write_bytes(damaged)

    (found,) = findings(database, blobs)

    assert (found.what, found.blob) == ("blob-changed", path.name)
    send(log, blobs, record, content)
    assert findings(database, blobs) == []


@pytest.mark.parametrize("left", [b"", b"ti", b"tin "])
def test_a_blob_of_another_length_is_found(
    database: str, log: Log, blobs: LocalBlobs, left: bytes
) -> None:
    """Cut off or grown."""
    record = log.run(actor(), create).id
    path = blobs.path(send(log, blobs, record, b"tin").sha256)
    path.write_bytes(left)

    assert [each.what for each in findings(database, blobs)] == ["blob-changed"]


def test_a_blob_that_cannot_be_read_is_found(database: str, log: Log, blobs: LocalBlobs) -> None:
    """The audit goes on behind it."""
    record = log.run(actor(), create).id
    unreadable, lost = sorted(
        blobs.path(send(log, blobs, record, each).sha256) for each in (b"a", b"b")
    )
    for each in (unreadable, lost):
        each.unlink()
    unreadable.mkdir()

    found = findings(database, blobs)

    assert [(each.what, each.blob) for each in found] == [
        ("blob-changed", unreadable.name),
        ("blob-missing", lost.name),
    ]


def test_an_old_blob_that_nothing_names_is_found_and_removed_as_it_says(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """First, last or between; a young one may be an upload under way."""
    record = log.run(actor(), create).id
    contents = {blobs.path(store(blobs, b"%d" % each).sha256): each for each in range(6)}
    for path in sorted(contents)[1::2]:
        send(log, blobs, record, b"%d" % contents[path])
    unnamed = sorted(contents)[::2]
    for path in unnamed:
        grown_old(blobs, Content(path.name, "", 0))
    store(blobs, b"under way")

    found = findings(database, blobs)

    assert [(each.what, each.blob) for each in found] == [
        ("blob-unnamed", path.name) for path in unnamed
    ]
    for each in found:
        subprocess.run(each.mend, shell=True, check=True)  # noqa: S602 - what an operator would do
    assert findings(database, blobs) == []


def test_a_blob_whose_event_is_gone_is_not_to_be_removed(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """The event comes back from a backup, and needs it."""
    record = log.run(actor(), create).id
    grown_old(blobs, send(log, blobs, record, b"tin"))
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute("DELETE FROM es.event WHERE topic = 'record.file-received'")
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")

    found = findings(database, blobs)

    assert found[-1].what == "blob-unnamed"
    assert found[-1].mend == KEEP
    assert not [each for each in found if each.mend.startswith("rm")]


def test_nothing_is_found_while_uploads_go_on(database: str, log: Log, blobs: LocalBlobs) -> None:
    """Of new bytes, and of some that are there already and old."""
    record = log.run(actor(), create).id
    for writer in range(WRITERS):
        grown_old(blobs, send(log, blobs, record, b"%d" % writer))
    stop = Event()
    sent = [0] * WRITERS

    def work(writer: int) -> None:
        with log_on(database) as own:
            while not stop.is_set():
                send(own, blobs, record, b"%d %d" % (writer, sent[writer]))
                grown_old(blobs, send(own, blobs, record, b"%d" % writer))
                sent[writer] += 1

    threads = [Thread(target=work, args=(each,)) for each in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        audits = 0
        while audits < 5 or min(sent) < 5:
            assert findings(database, blobs) == []
            audits += 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("sample", [0, 1, 4, 10])
def test_of_a_sample_so_many_blobs_are_read(
    database: str, log: Log, blobs: LocalBlobs, sample: int
) -> None:
    """Of the others it is seen whether they are there, and how long; each may be one of them."""
    record = log.run(actor(), create).id
    paths = [blobs.path(send(log, blobs, record, b"%d" % each).sha256) for each in range(10)]
    for path in paths:
        path.write_bytes(b"x")

    def found() -> list[str]:
        with closing(Keeping(blobs, lambda _done, _total: None, GRACE, lambda _: sample)) as each:
            said = [each.blob or "" for each in audit(database, keeping=each)]
            assert (each.named, each.read) == (10, sample)
        return said

    assert len(found()) == sample
    if sample == 4:
        assert len({*found()} | {*found()} | {*found()}) > 4  # chosen anew each time
    paths[3].unlink()
    paths[7].write_bytes(b"xx")
    assert {paths[3].name, paths[7].name} <= set(found())


def test_the_command_reads_a_sample(database: str, log: Log, blobs: LocalBlobs) -> None:
    """A number or a share; what is neither is a wrong use."""
    record = log.run(actor(), create).id
    for each in range(30):
        send(log, blobs, record, b"%d" % each)
    words = ("audit", "--data", str(blobs.folder.parent))

    for sample, read in (("7", 7), ("9.5%", 3), (None, 2)):
        done = cli(
            *words, *(["--sample", sample] if sample else ["--sample"]), DATABASE_URL=database
        )
        assert (done.returncode, done.stdout) == (0, "")
        assert f"30 blobs, of which {read} were read: nothing is wrong" in done.stderr
    assert cli(*words, "--sample", "101%", DATABASE_URL=database).returncode == 2


def test_the_command_checks_the_blobs_of_its_data_folder(
    database: str, log: Log, blobs: LocalBlobs
) -> None:
    """With a database elsewhere too; exit code 1 while there is a finding."""
    record = log.run(actor(), create).id
    path = blobs.path(send(log, blobs, record, b"tin").sha256)
    words = ("audit", "--data", str(blobs.folder.parent))
    clean = cli(*words, DATABASE_URL=database)
    path.write_bytes(b"tix")

    plain = cli(*words, DATABASE_URL=database)
    as_json = cli(*words, "--json", DATABASE_URL=database)

    assert (clean.returncode, clean.stdout) == (0, "")
    assert "1 blobs: nothing is wrong" in clean.stderr
    assert (plain.returncode, as_json.returncode) == (1, 1)
    assert plain.stdout.startswith(f"blob-changed: blob {path.name}: ")
    told = json.loads(as_json.stdout)
    assert (told["what"], told["blob"]) == ("blob-changed", path.name)
