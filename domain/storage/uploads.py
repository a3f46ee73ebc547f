"""Uploads that may be interrupted: bytes on their way in, kept until the last of them is here.

An upload is two files beside the blobs: `<id>`, its bytes, and `<id>.json`, what they are for and
how many of them are safe. What lies behind those is of no account and is cut off when the upload
goes on. An upload exists while its second file does, which is only ever replaced as a whole; so a
crash leaves an upload that can go on, or none. Who works on one holds flock(2) on its bytes. Any
process of the machine goes on where another stopped. Source: tus 1.0; DESIGN.md "Files".
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path
from secrets import token_hex

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Busy, NotFound, Refusal
from domain.storage.blobs import PIECE, Blob, Blobs
from domain.storage.durable import storing, sync_folder
from domain.storage.removal import Removal
from domain.storage.space import Space

EXPIRY = timedelta(days=7)  # since something of it last came
STEP = 32 << 20  # bytes, after which those that came are made safe while more come
NAME = re.compile(r"[0-9a-f]{32}")


class Upload(Struct, frozen=True):
    """An upload of the bytes of a draft's file; `offset` of its `length` bytes are safe."""

    id: str
    record: str  # the public id
    key: str
    started_at: datetime  # when the draft's file was started: another of the same key is not meant
    length: int
    offset: int
    expires_at: datetime
    is_received: bool = False  # whether the file has its bytes, so that they are here no more

    @property
    def is_complete(self) -> bool:
        """Whether all bytes are safe."""
        return self.offset == self.length


def new_id() -> str:
    """Return an id that no upload has and nobody guesses."""
    return token_hex(16)


class Uploads:
    """The uploads in `folder`, which need not be there yet; it lies in the blobs' own."""

    def __init__(self, folder: Path, space: Space) -> None:
        self.folder = folder
        self.space = space
        self._removal = Removal(folder.parent)

    def create(self, id_: str, record: str, key: str, started_at: datetime, length: int) -> Upload:
        """Begin an upload, or begin it again, and return it once it is durable. Raises OutOfSpace.

        `id_` is one of `new_id`.
        """
        expires_at = datetime.now(UTC) + EXPIRY
        upload = Upload(id_, record, key, started_at, length, 0, expires_at)
        with storing():
            self.space.require(length)
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(mode=0o700, exist_ok=True)
            os.close(os.open(self.path(id_), os.O_CREAT | os.O_CLOEXEC, 0o600))
            self.save(upload)
        return upload

    def find(self, id_: str) -> Upload | None:
        """Return an upload as it stands, whoever works on it; or None."""
        if NAME.fullmatch(id_) is None:
            return None
        try:
            return msgspec.json.decode(self._state(id_).read_bytes(), type=Upload)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    @contextmanager
    def open(self, id_: str) -> Iterator[Work]:
        """Work on an upload, which nobody else does until the block's end.

        Raises Busy, NotFound, OutOfSpace.
        """
        try:
            file = os.open(self.path(id_), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            if self.find(id_) is None:
                raise NotFound("There is no such upload.") from None
            raise Busy("The upload has just ended.") from None
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy("Another request is at work on this upload.") from None
            found = self.find(id_)
            if found is None:
                raise NotFound("There is no such upload.")
            with storing():
                work = Work(self, found, file)
            yield work
        finally:
            os.close(file)

    def clean(self, now: datetime) -> int:
        """Remove what has expired, but for what is worked on, and return how many there were.

        Raises Held while a backup is made, Refusal when it cannot be found.
        """
        removed = 0
        for path in _listed(self.folder):
            try:
                removed += self._expired(path, now)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Refusal(f"{path} cannot be removed: {error.strerror}.") from error
        return removed

    def forget(self, record: str) -> None:
        """Remove the uploads for a record's draft, worked on or not. Raises Held, Refusal."""
        for path in _listed(self.folder):
            upload = self.find(path.stem) if path.suffix == ".json" else None
            if upload is not None and upload.record == record:
                with self._removal.alone():
                    self.drop(upload.id)

    def save(self, upload: Upload) -> None:
        """Make durable how an upload stands."""
        path = self._state(upload.id)
        new = path.with_name(f"{path.name}.new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(upload))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(self.folder)

    def drop(self, id_: str) -> None:
        """Remove an upload: from the first step on there is none."""
        self._state(id_).unlink(missing_ok=True)
        sync_folder(self.folder)
        self.path(id_).unlink(missing_ok=True)

    def path(self, id_: str) -> Path:
        """Return the path of an upload's bytes."""
        return self.folder / id_

    def _state(self, id_: str) -> Path:
        return self.folder / f"{id_}.json"

    def _expired(self, path: Path, now: datetime) -> bool:
        """Remove what a file belongs to, if that has expired, and return whether it was."""
        upload = self.find(path.name.partition(".")[0])
        if upload is None:  # left by a crash
            if path.stat().st_mtime < (now - EXPIRY).timestamp():
                with self._removal.alone():
                    path.unlink()
            return False
        if path.suffix != ".json" or upload.expires_at > now:
            return False
        with self._removal.alone():
            return self._dropped(upload, now)

    def _dropped(self, upload: Upload, now: datetime) -> bool:
        """Remove an upload that had expired; return whether nobody was at work on it."""
        try:
            with self.open(upload.id) as work:
                if work.upload.expires_at > now:  # it has gone on meanwhile
                    return False
                work.drop()
        except Busy:
            if not upload.is_received:
                return False
            self.drop(upload.id)
        return True


class Work:
    """Work on an upload. Everything blocks: it is called on threads."""

    def __init__(self, uploads: Uploads, upload: Upload, file: int) -> None:
        self.upload = upload
        self._uploads = uploads
        self._file = file
        self._size = upload.offset  # of what was written
        self._sha256, self._md5 = sha256(), md5(usedforsecurity=False)
        self._hashed = 0
        # The bytes of a complete upload may be a blob's already: they are written no more.
        if not upload.is_complete:
            os.ftruncate(file, upload.offset)
            os.lseek(file, upload.offset, os.SEEK_SET)

    def write(self, part: bytes) -> None:
        """Take the next bytes, which are not safe yet. Raises OutOfSpace."""
        with storing():
            self._uploads.space.require(len(part))
            left = memoryview(part)
            while left:
                left = left[os.write(self._file, left) :]
        self._size += len(part)

    def write_and_save(self, part: bytes) -> None:
        """Take the next bytes, and make safe what came now and then. Raises OutOfSpace."""
        self.write(part)
        if self._size - self.upload.offset >= STEP:
            self.save()

    def save(self) -> None:
        """Make safe what was written. Raises OutOfSpace."""
        with storing():
            os.fsync(self._file)
            expires_at = datetime.now(UTC) + EXPIRY
            saved = replace(self.upload, offset=self._size, expires_at=expires_at)
            self._uploads.save(saved)
        self.upload = saved

    def digest(self) -> Blob | None:
        """Hash the next piece of what is safe; at its end return what the bytes are."""
        part = os.pread(self._file, PIECE, self._hashed)
        self._sha256.update(part)
        self._md5.update(part)
        self._hashed += len(part)
        if part:
            return None
        return Blob(self._sha256.hexdigest(), self._md5.hexdigest(), self._hashed)

    def keep(self, blobs: Blobs, blob: Blob) -> None:
        """Have the bytes be a blob, which they still are here. Raises OutOfSpace."""
        blobs.add(self._uploads.path(self.upload.id), blob)

    def end(self) -> None:
        """Note that the file has its bytes: nobody needs them here any more."""
        ended = replace(self.upload, is_received=True)
        with storing():
            self._uploads.save(ended)
            self._uploads.path(ended.id).unlink()
        self.upload = ended

    def drop(self) -> None:
        """Have there be no such upload any more."""
        self._uploads.drop(self.upload.id)


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refusal(f"The folder {folder} cannot be read: {error.strerror}.") from error
