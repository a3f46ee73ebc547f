"""Trees in memory: by the tiles, and by RFC 6962 word for word."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from domain.evidence import tiles
from domain.evidence.merkle import HASH, Node


def leaves(size: int) -> list[bytes]:
    """Return leaves, each another."""
    return [f"leaf {each}".encode() for each in range(size)]


class Grown:
    """A tree that grows tile by tile."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: dict[tuple[int, int], bytes] = {}

    def add(self, hashes: Sequence[bytes]) -> list[tiles.Tile]:
        """Add leaves and return the tiles that changed."""
        partial = {level: self.tiles[level, number] for level, number in tiles.last(self.size)}
        changed = tiles.grown(self.size, partial, hashes)
        for each in changed:
            before = self.tiles.get((each.level, each.number), b"")
            assert each.hashes.startswith(before)
            assert HASH <= len(each.hashes) <= HASH * tiles.WIDTH
            self.tiles[each.level, each.number] = each.hashes
        self.size += len(hashes)
        return changed

    @property
    def node(self) -> Node:
        """Its nodes."""
        return tiles.nodes(lambda level, number: self.tiles[level, number])


def mth(data: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1: MTH(D[n])."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = _below(len(data))
    return sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def path(m: int, data: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1: PATH(m, D[n])."""
    if len(data) == 1:
        return []
    k = _below(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def proof(m: int, data: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.2: PROOF(m, D[n])."""
    return _subproof(m, data, b=True)


def _subproof(m: int, data: Sequence[bytes], *, b: bool) -> list[bytes]:
    if m == len(data):
        return [] if b else [mth(data)]
    k = _below(len(data))
    if m <= k:
        return [*_subproof(m, data[:k], b=b), mth(data[k:])]
    return [*_subproof(m - k, data[k:], b=False), mth(data[:k])]


def _below(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k
