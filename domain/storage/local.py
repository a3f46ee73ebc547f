"""Blobs in a folder of this machine, closed to its other users.

`ab/cd/abcd…` is a blob, `incoming/` holds uploads. Bytes are flushed before they get their name,
and every folder above them before they count as kept: a power cut leaves all of a blob or none.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from filecmp import cmp
from hashlib import md5, sha256
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from domain.errors import Refusal
from domain.storage.blobs import PIECE, Blob, Stored, damaged
from domain.storage.durable import storing, sync_folder
from domain.storage.removal import Removal
from domain.storage.space import Space

log = logging.getLogger(__name__)

NAME = re.compile(r"[0-9a-f]{64}")
FOLDER = re.compile(r"[0-9a-f]{2}")
INCOMING = "incoming"


class LocalBlobs:
    """The store in `folder`, which need not be there yet. Foreign files in it are left alone."""

    def __init__(self, folder: Path, space: Space) -> None:
        self.folder = folder
        self.space = space
        self._removal = Removal(folder)

    @contextmanager
    def upload(self, size: int) -> Iterator[LocalUpload]:
        """Begin an upload; see Blobs."""
        with storing():
            self.space.require(size)
            incoming = self.folder / INCOMING
            for folder in (self.folder, incoming):
                folder.mkdir(mode=0o700, exist_ok=True)
            descriptor, name = mkstemp(dir=incoming)  # open to nobody else
        path = Path(name)
        try:
            with storing(), os.fdopen(descriptor, "wb") as file:
                yield LocalUpload(self, path, file)
        finally:
            with suppress(OSError):  # it was kept, or is left to `clean`
                path.unlink()

    def add(self, path: Path, blob: Blob) -> None:
        """Keep what a file has; see Blobs. It becomes a second name of the file."""
        with self.upload(0) as upload:
            upload.keep_linked(path, blob)

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

    def held(self) -> AbstractContextManager[None]:
        """Have nothing removed for the block; see Blobs."""
        return self._removal.held()

    def remove(self, sha256: str, before: datetime) -> bool:
        """Remove an old blob; see Blobs."""
        with self._removal.alone():
            return _removed(self.path(sha256), before)

    def clean(self, before: datetime) -> None:
        """Remove what broken uploads left; see Blobs."""
        incoming = self.folder / INCOMING
        try:
            uploads = list(incoming.iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            raise Refusal(f"The folder {incoming} cannot be read: {error.strerror}.") from error
        for each in uploads:
            with self._removal.alone():
                _removed(each, before)

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
        with storing():
            self._store.space.require(len(part))  # how many will come is not always known before
            self._file.write(part)
        self._sha256.update(part)
        self._md5.update(part)
        self._size += len(part)

    def keep(self) -> Blob:
        """Make it durable; see Upload."""
        blob = Blob(self._sha256.hexdigest(), self._md5.hexdigest(), self._size)
        with storing():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._name(blob)
        return blob

    def keep_linked(self, path: Path, blob: Blob) -> None:
        """Be what a durable file of the same file system is, and keep that."""
        with storing():
            self._path.unlink()
            self._path.hardlink_to(path)
            self._name(blob)

    def _name(self, blob: Blob) -> None:
        """Give durable bytes their name, unless a blob has it that is whole."""
        target = self._store.path(blob.sha256)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._store.held():
            is_there = _touched(target)  # it is as young as its newest upload: nobody removes it
        if not is_there or not _same(self._path, target):  # new, or damaged since
            with self._store.held():
                os.utime(self._path)  # its bytes may have come a while ago
                self._path.replace(target)
        # Also where all was there already: somebody else may have made it a moment ago.
        for folder in list(target.parents)[:4]:  # up to the data folder
            sync_folder(folder)


def _touched(path: Path) -> bool:
    """Make a file young; return whether there is one."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _removed(path: Path, before: datetime) -> bool:
    """Remove a file last changed before an instant; return whether there was one."""
    try:
        if path.stat().st_mtime >= before.timestamp():
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise Refusal(f"{path} cannot be removed: {error.strerror}.") from error
    return True


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
