"""Contents within JSON: base64, read piece by piece while they are sent."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import AsyncIterator, Sequence
from functools import partial

from api.service import Service
from domain.storage.blobs import Blobs, damaged
from domain.values import Content

PIECE = 3 * (256 << 10)  # bytes that are read at once: a multiple of three has no padding

Part = bytes | Content  # JSON as it is, or what stands in base64 between two of these


def keep(blobs: Blobs, content: bytes, media_type: str | None = None) -> Content:
    """Store bytes and return them by their digests, once they are durable. Raises OutOfSpace."""
    with blobs.upload(len(content)) as upload:
        upload.write(content)
        blob = upload.keep()
    return Content(blob.sha256, blob.md5, blob.size, media_type)


def length(parts: Sequence[Part]) -> int:
    """Return how many bytes these parts are sent as."""
    return sum(len(part) if isinstance(part, bytes) else (part.size + 2) // 3 * 4 for part in parts)


async def pieces(service: Service, parts: Sequence[Part]) -> AsyncIterator[bytes]:
    """Give the parts as they are sent. Raises Damaged where bytes were lost on the way."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        for start in range(0, part.size, PIECE):
            stop = min(start + PIECE, part.size)
            yield await service.slow(partial(_encoded, service.blobs, part.sha256, start, stop))


def _encoded(blobs: Blobs, sha256: str, start: int, stop: int) -> bytes:
    found = b"".join(blobs.read(sha256, start, stop))
    if len(found) != stop - start:
        raise damaged()
    return b2a_base64(found, newline=False)
