"""Every store of blobs: what goes in comes out, once, or is refused; it says what it has."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from threading import Thread

import pytest

from domain.errors import Damaged, OutOfSpace, Refusal
from domain.storage.blobs import GRACE, PIECE, Blob, Blobs, Held, intact
from domain.storage.local import LocalBlobs
from domain.storage.space import Space

CONTENT = b"tin" * PIECE  # more than a piece
ABSENT = "0" * 64


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """An empty store."""
    return LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0))


def put(blobs: Blobs, *parts: bytes) -> Blob:
    """Store bytes."""
    with blobs.upload(sum(map(len, parts))) as upload:
        for part in parts:
            upload.write(part)
        return upload.keep()


def files(blobs: LocalBlobs) -> set[str]:
    """The name of every file there is, but for the lock."""
    return {each.name for each in blobs.folder.rglob("*") if each.is_file()} - {"lock"}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to make a file any larger."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_goes_in_comes_out_under_its_digest(blobs: LocalBlobs) -> None:
    """Both digests and the size are those of the bytes, however they came in pieces."""
    stored = put(blobs, CONTENT[:7], CONTENT[7:])

    assert stored == Blob(
        sha256(CONTENT).hexdigest(), md5(CONTENT, usedforsecurity=False).hexdigest(), len(CONTENT)
    )
    assert b"".join(blobs.read(stored.sha256)) == CONTENT
    assert intact(blobs, stored.sha256)


def test_any_range_is_read_in_pieces(blobs: LocalBlobs) -> None:
    """Up to a byte before its end, and past the blob's end nothing."""
    name = put(blobs, CONTENT).sha256

    for start, stop in ((0, 5), (PIECE - 1, 2 * PIECE + 1), (7, 7), (len(CONTENT) - 2, 10**12)):
        parts = list(blobs.read(name, start, stop))
        assert b"".join(parts) == CONTENT[start:stop]
        assert all(len(part) <= PIECE for part in parts)


def test_no_bytes_are_a_blob_too(blobs: LocalBlobs) -> None:
    """A file may be empty."""
    stored = put(blobs)

    assert (stored.size, list(blobs.read(stored.sha256))) == (0, [])


def test_equal_bytes_are_kept_once_and_count_as_new(blobs: LocalBlobs) -> None:
    """The file is the first one; its age is that of the last upload."""
    name = put(blobs, CONTENT).sha256
    os.utime(blobs.path(name), (0, 0))
    before = blobs.path(name).stat()

    put(blobs, CONTENT)

    after = blobs.path(name).stat()
    found = blobs.find(name)
    assert (after.st_ino, files(blobs)) == (before.st_ino, {name})
    assert found is not None
    assert found.uploaded_at > datetime.now(UTC) - timedelta(minutes=1)


@pytest.mark.parametrize("damage", [b"tix", b"", b"tin" * 2 * PIECE])
def test_an_upload_mends_a_damaged_blob(blobs: LocalBlobs, damage: bytes) -> None:
    """What is acknowledged is there: bytes are compared, not names."""
    name = put(blobs, CONTENT).sha256
    blobs.path(name).write_bytes(damage + CONTENT[len(damage) :] if damage == b"tix" else damage)
    assert not intact(blobs, name)

    put(blobs, CONTENT)

    assert intact(blobs, name)


def test_an_upload_that_is_not_kept_leaves_nothing(blobs: LocalBlobs) -> None:
    """Whoever breaks off, and why."""
    with suppress(LookupError), blobs.upload(3) as upload:
        upload.write(b"tin")
        raise LookupError

    assert files(blobs) == set()


def test_what_a_killed_upload_left_is_removed_when_it_is_old(blobs: LocalBlobs) -> None:
    """A younger one may go on; blobs stay, whatever their age."""
    name = put(blobs, CONTENT).sha256
    incoming = blobs.folder / "incoming"
    for each in (incoming / "old", blobs.path(name)):
        each.write_bytes(CONTENT)
        os.utime(each, (0, 0))
    (incoming / "young").write_bytes(b"t")

    blobs.clean(datetime.now(UTC) - GRACE)

    assert files(blobs) == {name, "young"}


def test_an_old_blob_is_removed_a_young_one_is_not(blobs: LocalBlobs) -> None:
    """Nor one that was old and is uploaded again."""
    old, young, again = (put(blobs, each).sha256 for each in (b"old", b"young", b"again"))
    for each in (old, again):
        os.utime(blobs.path(each), (0, 0))
    put(blobs, b"again")
    before = datetime.now(UTC) - GRACE

    removed = [blobs.remove(each, before) for each in (old, young, again, ABSENT)]

    assert removed == [True, False, False, False]
    assert files(blobs) == {young, again}


def test_nothing_is_removed_while_a_backup_is_made(blobs: LocalBlobs) -> None:
    """Uploads go on, and what is to go goes afterwards."""
    name = put(blobs, CONTENT).sha256
    broken = blobs.folder / "incoming" / "broken"
    broken.write_bytes(b"t")
    for each in (blobs.path(name), broken):
        os.utime(each, (0, 0))
    before = datetime.now(UTC) - GRACE

    with blobs.held():
        with pytest.raises(Held):
            blobs.remove(name, before)
        with pytest.raises(Held):
            blobs.clean(before)
        other = put(blobs, b"tin").sha256

    assert files(blobs) == {name, other, "broken"}
    assert blobs.remove(name, before)
    blobs.clean(before)
    assert files(blobs) == {other}


def test_what_a_durable_file_has_is_kept_and_the_file_stays(
    blobs: LocalBlobs, tmp_path: Path
) -> None:
    """Also where the blob is there, or damaged, and the second time; it is as young as that."""
    file = tmp_path / "file"
    blob = Blob(sha256(b"tin").hexdigest(), "", 3)
    for there in (b"tin", b"tin", b"tix"):
        file.unlink(missing_ok=True)
        file.write_bytes(b"tin")
        os.utime(file, (0, 0))
        if blobs.find(blob.sha256):
            damaged = blobs.path(blob.sha256)
            damaged.unlink()
            damaged.write_bytes(there)

        for _ in range(2):
            blobs.add(file, blob)

        found = blobs.find(blob.sha256)
        assert found is not None
        assert found.uploaded_at > datetime.now(UTC) - timedelta(minutes=1)
        assert intact(blobs, blob.sha256)
        assert file.read_bytes() == b"tin"
    assert files(blobs) == {blob.sha256}


def test_all_blobs_are_given_in_order_and_foreign_files_are_not(blobs: LocalBlobs) -> None:
    """With their sizes."""
    assert list(blobs.everything()) == []
    names = {put(blobs, b"%d" % each).sha256: len(str(each)) for each in range(300)}
    (blobs.folder / "README").write_text("not ours")
    (blobs.path(min(names)).parent / ABSENT).write_text("elsewhere")

    found = list(blobs.everything())

    assert [each.sha256 for each in found] == sorted(names)
    assert {each.sha256: each.size for each in found} == names


def test_a_folder_that_cannot_be_read_is_named(blobs: LocalBlobs) -> None:
    """To take it for an empty one would be to say that all is lost."""
    blobs.folder.write_text("no folder")

    with pytest.raises(Refusal, match=str(blobs.folder)):
        list(blobs.everything())


def test_a_missing_blob_is_said_to_be(blobs: LocalBlobs) -> None:
    """Found by nobody, and refused to who reads it."""
    assert blobs.find(ABSENT) is None
    with pytest.raises(Damaged):
        list(blobs.read(ABSENT))


def test_an_upload_that_would_touch_the_reserve_is_refused(tmp_path: Path) -> None:
    """Before the first byte."""
    space = Space(tmp_path, 0)
    blobs = LocalBlobs(tmp_path / "blobs", Space(tmp_path, space.free() // 2))

    with pytest.raises(OutOfSpace), blobs.upload(space.free()):
        pass

    assert not blobs.folder.exists()


def test_a_disk_that_takes_no_more_is_said_to_be_full(blobs: LocalBlobs) -> None:
    """Wherever in the upload that shows; nothing is left."""
    put(blobs, b"tin")
    kept = files(blobs)

    with largest_file(PIECE), pytest.raises(OutOfSpace, match="disk is full"):
        put(blobs, CONTENT)

    assert files(blobs) == kept


def test_nobody_else_on_the_machine_reads_them(blobs: LocalBlobs) -> None:
    """The folder is closed, and each file in it."""
    name = put(blobs, CONTENT).sha256

    assert blobs.folder.stat().st_mode & 0o077 == 0
    assert blobs.path(name).stat().st_mode & 0o077 == 0


def test_many_upload_the_same_at_once(blobs: LocalBlobs) -> None:
    """Each is told the same, and it is there once."""
    told: list[Blob] = []
    threads = [Thread(target=lambda: told.append(put(blobs, CONTENT))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 8
    assert files(blobs) == {told[0].sha256}
    assert intact(blobs, told[0].sha256)
