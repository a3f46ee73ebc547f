"""Segments: events of the log in files, to be kept elsewhere.

A segment is a gzip file of events one after the other, in order of position. Each is the header,
as the leaf that it is (domain/evidence/leaf.py), after its length in 2 bytes; the salt after its
length in 1; the state after its length in 4, big-endian. An erased event has no salt, and FFFFFFFF
in place of the length of a state. So whoever reads leaves reads a backup, without Muniment too.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from domain.errors import Damaged
from domain.evidence import leaf
from domain.evidence.leaf import Header

LEVEL = 1  # of compression: the disk is waited for, not the processor
GONE = b"\xff\xff\xff\xff"
PIECE = 1 << 20  # bytes in memory at once


class Stored(NamedTuple):
    """An event as its row in the log has it. `state` None: it was erased."""

    header: Header
    salt: bytes | None
    state: bytes | None

    @property
    def sound(self) -> bool:
        """Whether it says what its digest says, or nothing."""
        if self.state is None:
            return True
        return sha256((self.salt or b"") + self.state).digest() == self.header.digest


class Writer:
    """A segment that is being written. `size` is in bytes before compression."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.events = 0
        self.said = 0  # of these, how many are not erased
        self._mark = sha256()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._packed = gzip.GzipFile("", "wb", LEVEL, self._file, mtime=0)

    def add(self, event: Stored) -> None:
        """Write an event. Raises OSError."""
        header, salt, state = event
        encoded = leaf.encode(header)
        self._mark.update(encoded)
        self._packed.write(len(encoded).to_bytes(2) + encoded)
        self._packed.write(len(salt or b"").to_bytes(1) + (salt or b""))
        self._packed.write(GONE if state is None else len(state).to_bytes(4))
        self._packed.write(state or b"")
        self.size += len(encoded) + len(state or b"")
        self.events += 1
        self.said += state is not None

    @property
    def mark(self) -> str:
        """SHA-256 of the leaves, one after the other."""
        return self._mark.hexdigest()

    def end(self) -> None:
        """Return once all of it is on the disk. Raises OSError."""
        self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


def read(path: Path, digest: str) -> Iterator[Stored]:
    """Give a segment's events, after it was read to its end: its bytes have this SHA-256.

    Raises Damaged.
    """
    try:
        with path.open("rb") as file:
            if digest_of(file) != digest:
                raise Damaged(f"{path} is damaged.")
            file.seek(0)
            with gzip.GzipFile(fileobj=file) as packed:
                yield from _events(cast("BinaryIO", packed))
    except (OSError, EOFError, ValueError) as error:
        raise Damaged(f"{path} cannot be read: {error}.") from error


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of what a file has from here on."""
    digest = sha256()
    while part := file.read(PIECE):
        digest.update(part)
    return digest.hexdigest()


def _events(file: BinaryIO) -> Iterator[Stored]:
    while length := file.read(2):
        header = leaf.decode(_exactly(file, int.from_bytes(length)))
        salt = _exactly(file, _exactly(file, 1)[0])
        size = _exactly(file, 4)
        if size == GONE:
            yield Stored(header, None, None)
        else:
            yield Stored(header, salt, _exactly(file, int.from_bytes(size)))


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise EOFError("it ends too early")
    return found
