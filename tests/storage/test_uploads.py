"""Uploads that may be interrupted: what is safe stays, what is not is as if it had never come."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from domain.errors import Busy, NotFound, OutOfSpace, Refusal
from domain.storage.blobs import Blob, Held
from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from domain.storage.uploads import EXPIRY, STEP, Upload, Uploads, Work, new_id

NOW = datetime.now(UTC)
ABSENT = "0" * 32


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    """An empty store."""
    return LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0))


@pytest.fixture
def uploads(blobs: LocalBlobs) -> Uploads:
    """Uploads beside it."""
    return Uploads(blobs.folder / "uploads", blobs.space)


def begun(uploads: Uploads, length: int = 6, sent: bytes = b"") -> str:
    """Begin an upload, of which something is safe."""
    made = uploads.create(new_id(), "4d0ns-ntd89", "a.bin", NOW, length)
    with uploads.open(made.id) as work:
        work.write(sent)
        work.save()
    return made.id


def found(uploads: Uploads, id_: str) -> Upload:
    """Look at an upload."""
    upload = uploads.find(id_)
    assert upload is not None
    return upload


def hashed(work: Work) -> Blob:
    """Hash what an upload has."""
    while (blob := work.digest()) is None:
        pass
    return blob


def test_pieces_become_a_blob(uploads: Uploads, blobs: LocalBlobs) -> None:
    """Sent in several goes; then nothing of them is left but that they came."""
    id_ = begun(uploads, 6, b"tin")
    with uploads.open(id_) as work:
        work.write(b"led")
        work.save()
        blob = hashed(work)
        work.keep(blobs, blob)
        work.end()

    assert blob.sha256 == sha256(b"tinled").hexdigest()
    assert b"".join(blobs.read(blob.sha256)) == b"tinled"
    assert found(uploads, id_).is_received
    assert [each.name for each in uploads.folder.iterdir()] == [f"{id_}.json"]


def test_what_was_not_saved_is_cut_off(uploads: Uploads) -> None:
    """Whatever a crash left behind what is safe; a later piece comes in its place."""
    id_ = begun(uploads, 6, b"tin")
    with uploads.open(id_) as work:
        work.write(b"xyz")
    assert found(uploads, id_).offset == 3

    with uploads.open(id_) as work:
        work.write(b"led")
        work.save()
        assert hashed(work).sha256 == sha256(b"tinled").hexdigest()


def test_what_comes_without_an_end_is_saved_on_the_way(uploads: Uploads) -> None:
    """So that a crash costs some megabytes at most."""
    id_ = begun(uploads, 10 * STEP)
    part = bytes(STEP // 2)
    with uploads.open(id_) as work:
        for _ in range(3):
            work.write_and_save(part)

        assert found(uploads, id_).offset == STEP


def test_a_complete_upload_is_never_written_again(uploads: Uploads, blobs: LocalBlobs) -> None:
    """A crash after its bytes became a blob leaves it so; it ends the second time."""
    id_ = begun(uploads, 3, b"tin")
    with uploads.open(id_) as work:
        blob = hashed(work)
        work.keep(blobs, blob)
    os.utime(blobs.path(blob.sha256), (0, 0))

    with uploads.open(id_) as work:
        work.keep(blobs, hashed(work))
        work.end()

    stored = blobs.find(blob.sha256)
    assert stored is not None
    assert stored.uploaded_at > NOW
    assert b"".join(blobs.read(blob.sha256)) == b"tin"


def test_a_blob_that_was_cleaned_up_comes_back_with_its_upload(
    uploads: Uploads, blobs: LocalBlobs
) -> None:
    """The upload has its bytes until an event names them."""
    id_ = begun(uploads, 3, b"tin")
    with uploads.open(id_) as work:
        work.keep(blobs, hashed(work))
    os.utime(blobs.path(sha256(b"tin").hexdigest()), (0, 0))
    assert blobs.remove(sha256(b"tin").hexdigest(), NOW)

    with uploads.open(id_) as work:
        work.keep(blobs, hashed(work))
    assert b"".join(blobs.read(sha256(b"tin").hexdigest())) == b"tin"


def test_one_works_on_an_upload_at_a_time(uploads: Uploads) -> None:
    """The second is refused; afterwards it is not."""
    id_ = begun(uploads)

    with uploads.open(id_), pytest.raises(Busy), uploads.open(id_):
        pass

    with uploads.open(id_):
        pass


def test_there_is_no_upload_of_another_name(uploads: Uploads) -> None:
    """Nor after it was dropped, nor where its state was never written."""
    id_ = begun(uploads)
    with uploads.open(id_) as work:
        work.drop()
    (uploads.folder / ABSENT).write_bytes(b"tin")

    for name in (id_, ABSENT, "x", "../../muniment.lock"):
        assert uploads.find(name) is None
    for name in (id_, ABSENT):
        with pytest.raises(NotFound), uploads.open(name):
            pass


def test_what_expired_is_removed(uploads: Uploads) -> None:
    """Seven days after something of it last came; not what somebody works on; nor a younger one."""
    old, busy, young = (begun(uploads) for _ in range(3))
    for name in (ABSENT, f"{ABSENT}.json.new"):
        (uploads.folder / name).write_bytes(b"left by a crash")
        os.utime(uploads.folder / name, (0, 0))
    later = max(found(uploads, each).expires_at for each in (old, busy)) + timedelta(seconds=1)
    with uploads.open(young) as work:
        work.upload = Upload(
            id=young,
            record="",
            key="",
            started_at=NOW,
            length=1,
            offset=0,
            expires_at=later + EXPIRY,
        )
        uploads.save(work.upload)

    with uploads.open(busy):
        assert uploads.clean(later) == 1

    assert uploads.find(old) is None
    assert {each.name.partition(".")[0] for each in uploads.folder.iterdir()} == {busy, young}
    assert uploads.clean(later) == 1
    assert uploads.find(busy) is None


def test_nothing_that_expired_goes_while_a_backup_is_made(
    uploads: Uploads, blobs: LocalBlobs
) -> None:
    """It copies the uploads with the blobs; what has not expired is no reason to wait."""
    id_ = begun(uploads)
    with blobs.held():
        assert uploads.clean(NOW) == 0
        with pytest.raises(Held):
            uploads.clean(NOW + 2 * EXPIRY)
        assert uploads.find(id_)

    assert uploads.clean(NOW + 2 * EXPIRY) == 1


def test_an_ended_upload_is_forgotten_too(uploads: Uploads, blobs: LocalBlobs) -> None:
    """Its blob stays."""
    id_ = begun(uploads, 3, b"tin")
    with uploads.open(id_) as work:
        blob = hashed(work)
        work.keep(blobs, blob)
        work.end()

    assert uploads.clean(datetime.now(UTC) + EXPIRY + timedelta(days=1)) == 1

    assert list(uploads.folder.iterdir()) == []
    assert blobs.find(blob.sha256)


def test_an_upload_that_there_is_no_room_for_is_refused(
    uploads: Uploads, blobs: LocalBlobs
) -> None:
    """Before the first byte, and when the room is gone since; what is safe stays."""
    with pytest.raises(OutOfSpace):
        uploads.create(new_id(), "4d0ns-ntd89", "a.bin", NOW, blobs.space.free() + 1)
    id_ = begun(uploads, 6, b"tin")
    uploads.space.reserve = uploads.space.free() * 2

    with uploads.open(id_) as work, pytest.raises(OutOfSpace):
        work.write(b"led")

    assert found(uploads, id_).offset == 3


def test_a_folder_that_cannot_be_read_is_named(uploads: Uploads) -> None:
    """It is not taken for an empty one."""
    assert uploads.clean(NOW) == 0
    uploads.folder.parent.mkdir()
    uploads.folder.write_text("no folder")

    with pytest.raises(Refusal, match=str(uploads.folder)):
        uploads.clean(NOW)


def test_nobody_else_on_the_machine_reads_them(uploads: Uploads) -> None:
    """The folder is closed, and each file in it."""
    begun(uploads, 6, b"tin")

    assert uploads.folder.stat().st_mode & 0o077 == 0
    assert all(each.stat().st_mode & 0o077 == 0 for each in uploads.folder.iterdir())
