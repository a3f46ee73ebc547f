"""Blobs: bytes by their SHA-256, and what every store of them does.

Equal bytes are kept once. An upload is durable, under its name, before `keep` returns: an event
that names it is decided after that, and within GRACE, for which bytes stay that nothing names yet.
Source: DESIGN.md "Files".
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from hashlib import sha256 as new_sha256
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from domain.errors import Conflict, Damaged

log = logging.getLogger(__name__)

GRACE = timedelta(days=1)  # that an upload may take until an event names it, if nothing is set
PIECE = 1 << 20  # bytes in memory at once


class Held(Conflict):
    """Nothing is removed now: somebody, a backup perhaps, needs all of a store to stay."""


class Blob(Struct, frozen=True):
    """Bytes that are durable; digests in hex, `size` in bytes."""

    sha256: str
    md5: str
    size: int


class Stored(Struct, frozen=True):
    """A blob as a store lists it: its name, its size in bytes, when it was last uploaded."""

    sha256: str
    size: int
    uploaded_at: datetime


class Upload(Protocol):
    """Bytes on their way in."""

    def write(self, part: bytes) -> None:
        """Take the next bytes. Raises OutOfSpace."""

    def keep(self) -> Blob:
        """Make durable what was written. Raises OutOfSpace."""


class Blobs(Protocol):
    """A store. Everything blocks: it is called on threads."""

    def upload(self, size: int) -> AbstractContextManager[Upload]:
        """Begin an upload of at most `size` bytes; the block's end drops it, unless it was kept.

        Raises OutOfSpace.
        """

    def add(self, path: Path, blob: Blob) -> None:
        """Keep the bytes of a durable file of this machine, which are this blob; it stays as it is.

        Raises OutOfSpace.
        """

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give a blob, or a range of its bytes, in pieces. Raises Damaged when it is missing."""

    def find(self, sha256: str) -> Stored | None:
        """Return a blob's size and age, or None when there is none."""

    def everything(self) -> Iterator[Stored]:
        """Give every blob there is, in order of the digests. Raises Refusal when it cannot."""

    def held(self) -> AbstractContextManager[None]:
        """Have nothing removed until the block's end, for a backup; uploads go on."""

    def remove(self, sha256: str, before: datetime) -> bool:
        """Remove a blob that was last uploaded before an instant; return whether there was one.

        Where an upload of the same bytes comes at the same time, either it finds the blob and the
        blob stays, or it brings its own. Raises Held, Refusal when it cannot.
        """

    def clean(self, before: datetime) -> None:
        """Remove what is left of uploads that broke off before an instant. Raises Held."""

    def where(self, sha256: str) -> str:
        """Return where a blob lies or would lie, for who mends it by hand."""


def intact(blobs: Blobs, sha256: str, passed: Callable[[int], None] = lambda _bytes: None) -> bool:
    """Whether a blob's bytes give its name. Raises Damaged when it is missing.

    `passed` is told of every piece how many bytes it has, before the next one is read.
    """
    digest = new_sha256()
    for part in blobs.read(sha256):
        digest.update(part)
        passed(len(part))
    return digest.hexdigest() == sha256


def require_intact(blobs: Blobs, sha256: str) -> None:
    """Pass when a blob is as it was stored. Raises Damaged."""
    if not intact(blobs, sha256):
        log.error("A blob is damaged: %s", blobs.where(sha256))
        raise damaged()


def damaged() -> Damaged:
    """Return the refusal of a blob that is damaged or missing."""
    return Damaged(
        "The stored bytes are damaged or missing, so they are not given; muniment audit names them."
    )
