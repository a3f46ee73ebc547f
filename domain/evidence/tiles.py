"""Tiles: the tree's hashes in pieces of 256, and how a tile is named. Source: C2SP tlog-tiles.

Tile N of level 0 has the hashes of the leaves from 256 N on; hash I of a tile of the level above is
that of the complete tile I below it. The last tile of a level may be partial.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from domain.evidence.merkle import HASH, Node, node_hash

WIDTH = 256
BITS = 8  # levels of the tree that a tile spans
LEVELS = 8  # of tiles, for any number of leaves that 64 bits count

_NUMBER = re.compile(r"(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?")


class Tile(Struct, frozen=True):
    """A piece of a level: `hashes` are of 32 bytes each, one after the other."""

    level: int
    number: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes it has."""
        return len(self.hashes) // HASH


class Piece(Struct, frozen=True):
    """Which tile, or which bundle of 256 leaves, and how many of it from the beginning."""

    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The last part of its address."""
        digits = f"{self.number:d}"
        padded = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [padded[at : at + 3] for at in range(0, len(padded), 3)]
        name = "/".join([f"x{each}" for each in groups[:-1]] + groups[-1:])
        return name if self.width == WIDTH else f"{name}.p/{self.width}"


def piece(path: str) -> Piece | None:
    """Return the piece that the last part of an address names in the one way there is, or None."""
    if not _NUMBER.fullmatch(path):
        return None
    name, _, width = path.partition(".p/")
    found = Piece(int(re.sub(r"[x/]", "", name)), int(width) if width else WIDTH)
    return found if found.path == path else None


def count(size: int, level: int) -> int:
    """Return how many hashes a level of tiles has in a tree of `size` leaves."""
    return size >> (BITS * level)


def first(hashes: bytes, width: int) -> bytes:
    """Return the first `width` hashes, or nothing where there are fewer."""
    return hashes[: width * HASH] if len(hashes) >= width * HASH else b""


def last(size: int) -> list[tuple[int, int]]:
    """Return (level, number) of each tile that is partial in a tree of `size` leaves."""
    counts = [(level, count(size, level)) for level in range(LEVELS)]
    return [(level, each // WIDTH) for level, each in counts if each % WIDTH]


def grown(size: int, partial: Mapping[int, bytes], leaves: Sequence[bytes]) -> list[Tile]:
    """Return the tiles, new or longer, of a tree of `size` leaves to which leaves were added.

    `partial` has by level what the partial tiles held, `leaves` are hashes.
    """
    tiles: list[Tile] = []
    new: Sequence[bytes] = leaves
    for level in range(LEVELS):
        if not new:
            break
        number = count(size, level) // WIDTH
        hashes = partial.get(level, b"") + b"".join(new)
        new = []
        for at in range(0, len(hashes), WIDTH * HASH):
            tile = Tile(level, number + at // (WIDTH * HASH), hashes[at : at + WIDTH * HASH])
            tiles.append(tile)
            if tile.width == WIDTH:
                new.append(folded(tile.hashes))
    return tiles


def folded(hashes: bytes) -> bytes:
    """Return the hash over a power of two of hashes."""
    level = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(level) > 1:
        level = [node_hash(*pair) for pair in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def place(level: int, index: int) -> tuple[int, int, int]:
    """Return in which tile (level, number), and from which of its hashes on, a node is folded."""
    number, at = divmod(index << level % BITS, WIDTH)
    return level // BITS, number, at


def nodes(read: Callable[[int, int], bytes]) -> Node:
    """Return the tree's nodes from its tiles: `read` gives the hashes of (level, number).

    A node raises LookupError where a tile is too short for it.
    """

    def node(level: int, index: int) -> bytes:
        height, number, at = place(level, index)
        width = HASH << level % BITS
        hashes = read(height, number)[at * HASH : at * HASH + width]
        if len(hashes) != width:
            raise LookupError(f"The tile {number} of level {height} is too short.")
        return folded(hashes)

    return node


def wanted(ask: Callable[[Node], object]) -> set[tuple[int, int]]:
    """Return (level, number) of every tile whose hashes an answer is made of."""
    found: set[tuple[int, int]] = set()

    def node(level: int, index: int) -> bytes:
        found.add(place(level, index)[:2])
        return bytes(HASH)

    ask(node)
    return found
