"""Blobs in a folder of this machine, closed to its other users.

`ab/cd/abcd…` is a blob, `incoming/` holds uploads. Bytes are flushed before they get their name,
and every folder above them before they count as kept: a power cut leaves all of a blob or none.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from filecmp import cmp
from hashlib import md5, sha256
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from domain.errors import OutOfSpace, Refusal
from domain.storage.blobs import PIECE, Blob, Stored, damaged
from domain.storage.durable import sync_folder
from domain.storage.space import Space

log = logging.getLogger(__name__)

NAME = re.compile(r"[0-9a-f]{64}")
FOLDER = re.compile(r"[0-9a-f]{2}")
INCOMING = "incoming"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class LocalBlobs:
    """The store in `folder`, which need not be there yet. Foreign files in it are left alone."""

    def __init__(self, folder: Path, space: Space) -> None:
        self.folder = folder
        self.space = space

    @contextmanager
    def upload(self, size: int) -> Iterator[LocalUpload]:
        """Begin an upload; see Blobs."""
        with _storing():
            self.space.require(size)
            incoming = self.folder / INCOMING
            for folder in (self.folder, incoming):
                folder.mkdir(mode=0o700, exist_ok=True)
            descriptor, name = mkstemp(dir=incoming)  # open to nobody else
        path = Path(name)
        try:
            with _storing(), os.fdopen(descriptor, "wb") as file:
                yield LocalUpload(self, path, file)
        finally:
            with suppress(OSError):  # it was kept, or is left to `clean`
                path.unlink()

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give bytes; see Blobs."""
        try:
            with self.path(sha256).open("rb") as file:
                file.seek(start)
                left = PIECE if stop is None else stop - start
                while left > 0 and (part := file.read(min(left, PIECE))):
                    left -= 0 if stop is None else len(part)
                    yield part
        except OSError as error:
            log.error("A blob cannot be read: %s", error)
            raise damaged() from error

    def find(self, sha256: str) -> Stored | None:
        """Return what is known of a blob; see Blobs."""
        try:
            found = self.path(sha256).stat()
        except OSError:
            return None
        return Stored(sha256, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def everything(self) -> Iterator[Stored]:
        """Give every blob; see Blobs. One small folder at a time is in memory."""
        for outer in _names(self.folder, FOLDER):
            for inner in _names(self.folder / outer, FOLDER):
                for name in _names(self.folder / outer / inner, NAME):
                    found = self.find(name) if name.startswith(outer + inner) else None
                    if found is not None:
                        yield found

    def clean(self, before: datetime) -> None:
        """Remove what broken uploads left; see Blobs."""
        with suppress(OSError):
            for each in (self.folder / INCOMING).iterdir():
                if each.stat().st_mtime < before.timestamp():
                    each.unlink()

    def where(self, sha256: str) -> str:
        """Return the path of a blob."""
        return str(self.path(sha256))

    def path(self, sha256: str) -> Path:
        """Return the path of a blob."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256


class LocalUpload:
    """One file on its way in."""

    def __init__(self, store: LocalBlobs, path: Path, file: BinaryIO) -> None:
        self._store = store
        self._path = path
        self._file = file
        self._sha256, self._md5 = sha256(), md5(usedforsecurity=False)
        self._size = 0

    def write(self, part: bytes) -> None:
        """Take the next bytes; see Upload."""
        with _storing():
            self._store.space.require(len(part))  # how many will come is not always known before
            self._file.write(part)
        self._sha256.update(part)
        self._md5.update(part)
        self._size += len(part)

    def keep(self) -> Blob:
        """Make it durable; see Upload."""
        blob = Blob(self._sha256.hexdigest(), self._md5.hexdigest(), self._size)
        with _storing():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._name(self._store.path(blob.sha256))
        return blob

    def _name(self, target: Path) -> None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _same(self._path, target):
            os.utime(target)  # it is as young as its newest upload
        else:  # new, or damaged since
            self._path.replace(target)
        # Also where all was there already: somebody else may have made it a moment ago.
        for folder in list(target.parents)[:4]:  # up to the data folder
            sync_folder(folder)


@contextmanager
def _storing() -> Iterator[None]:
    """Turn what the disk refuses into OutOfSpace."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise OutOfSpace("The disk is full: nothing was stored.") from error
        log.error("A file cannot be stored: %s", error)
        raise OutOfSpace("The disk does not take the file: nothing was stored.") from error


def _same(one: Path, other: Path) -> bool:
    try:
        return cmp(one, other, shallow=False)
    except OSError:  # there is none, or it cannot be read
        return False


def _names(folder: Path, form: re.Pattern[str]) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir() if form.fullmatch(each.name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Refusal(f"The folder {folder} cannot be read: {error.strerror}.") from error
