"""A leaf: the header of an event as the bytes that are hashed into the tree.

Six fields in this order, each after its length in bytes as an unsigned 16-bit number; numbers are
big-endian:

    stream       16 bytes of the UUID
    version       4 bytes, unsigned
    position      8 bytes, signed
    topic         UTF-8
    recorded_at   8 bytes, signed: microseconds since 1970-01-01T00:00:00Z
    digest       32 bytes: SHA-256(salt ‖ state)

What is in the event is not there, but for its digest: order and completeness are checked by leaves
alone, and an event that is emptied keeps its leaf. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from struct import Struct
from typing import NamedTuple
from uuid import UUID

from domain.event import TICK

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_BEFORE = Struct(">H16sHIHqH")  # stream, version, position, and the length of the topic
_AFTER = Struct(">HqH32s")  # recorded_at, digest
_LENGTHS = (16, 4, 8)


class Header(NamedTuple):
    """An event without what is in it. `recorded_at` is UTC."""

    stream: UUID
    version: int
    position: int
    topic: str
    recorded_at: datetime
    digest: bytes


def encode(header: Header) -> bytes:
    """Return a header's leaf."""
    stream, version, position, topic, recorded_at, digest = header
    name = topic.encode()
    since = (recorded_at - EPOCH) // TICK
    before = _BEFORE.pack(16, stream.bytes, 4, version, 8, position, len(name))
    return before + name + _AFTER.pack(8, since, 32, digest)


def bundle(headers: Iterable[Header]) -> bytes:
    """Return leaves one after the other, each after its length. Source: C2SP tlog-tiles."""
    leaves = [encode(each) for each in headers]
    return b"".join(len(each).to_bytes(2) + each for each in leaves)


def unbundled(bundle: bytes) -> list[bytes]:
    """Return the leaves of a bundle. Raises ValueError for what is none."""
    leaves: list[bytes] = []
    at = 0
    while at < len(bundle):
        begin = at + 2
        at = begin + int.from_bytes(bundle[at:begin])
        leaves.append(bundle[begin:at])
    if at != len(bundle):
        raise ValueError("a bundle is cut off")
    return leaves


def decode(leaf: bytes) -> Header:
    """Return the header that a leaf encodes. Raises ValueError for what is no leaf."""
    if len(leaf) < _BEFORE.size + _AFTER.size:
        raise ValueError("a leaf is longer")
    first, stream, second, version, third, position, length = _BEFORE.unpack_from(leaf)
    end = _BEFORE.size + length
    if (first, second, third) != _LENGTHS or len(leaf) != end + _AFTER.size:
        raise ValueError("a field has another length")
    fourth, since, fifth, digest = _AFTER.unpack_from(leaf, end)
    if (fourth, fifth) != (8, 32):
        raise ValueError("a field has another length")
    topic = leaf[_BEFORE.size : end].decode()
    try:
        recorded_at = EPOCH + since * TICK
    except OverflowError as error:
        raise ValueError("an instant out of all time") from error
    return Header(UUID(bytes=stream), version, position, topic, recorded_at, digest)
