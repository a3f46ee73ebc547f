"""The size of an image in a store, from its header. Only bitmaps are looked at.

What is uploaded comes from anybody: a header is read within bounds of bytes and steps, and one that
makes no sense has no size.
"""

from __future__ import annotations

import io
import re
from collections import OrderedDict

import imagesize

from domain.errors import Damaged
from domain.storage.blobs import Blobs
from domain.values import Content

# PNG, JPEG, GIF, TIFF, WebP, BMP: what the library else reads is XML, or boxes within boxes.
BITMAP = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*|RIFF.{4}WEBP|BM.{12}[\x0c-\x7f]\0\0\0",
    re.DOTALL,
)
HEAD = 64  # bytes in which a format is recognised
BLOCK = 16 << 10  # bytes that are read at once
BLOCKS = 32  # that are read of one image
KEPT = 4  # blocks in memory
STEPS = 5_000  # reads that the library may make of one image: some ten milliseconds
LARGEST = (1 << 31) - 1  # pixels


def pixels(blobs: Blobs, content: Content) -> tuple[int, int] | None:
    """Return width and height of a stored image in pixels; None for what is none, or is broken."""
    file = _Bounded(blobs, content)
    try:
        if not BITMAP.match(file.read(HEAD)):
            return None
        width, height = imagesize.get(file, exif_rotation=False)
    except (Damaged, EOFError):
        return None
    if 0 < width <= LARGEST and 0 < height <= LARGEST:
        return int(width), int(height)
    return None


class _Bounded(io.RawIOBase):
    """A blob as a file of which only so much is read. Raises EOFError beyond."""

    def __init__(self, blobs: Blobs, content: Content) -> None:
        self._blobs, self._content = blobs, content
        self._at = self._steps = self._read = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = offset + (0, self._at, self._content.size)[whence]
        if self._at < 0:
            raise EOFError
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        self._steps += 1
        stop = self._content.size if size < 0 else min(self._at + size, self._content.size)
        if self._steps > STEPS or stop - self._at > BLOCKS * BLOCK:
            raise EOFError
        parts = []
        while self._at < stop:
            number, start = divmod(self._at, BLOCK)
            parts.append(self._block(number)[start : start + stop - self._at])
            self._at += len(parts[-1])
        return b"".join(parts)

    def _block(self, number: int) -> bytes:
        known = self._blocks.get(number)
        if known is None:
            self._read += 1
            if self._read > BLOCKS:
                raise EOFError
            start = number * BLOCK
            stop = min(start + BLOCK, self._content.size)
            known = b"".join(self._blobs.read(self._content.sha256, start, stop))
            if len(known) != stop - start:
                raise EOFError
            self._blocks[number] = known
            if len(self._blocks) > KEPT:
                self._blocks.popitem(last=False)
        return known
