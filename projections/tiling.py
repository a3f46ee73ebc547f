"""The tiles over headers of the log, made anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from domain.evidence import tiles
from domain.evidence.tiles import WIDTH, Tile
from projections.headers import BATCH, Read


class Made(NamedTuple):
    """A tile; `begins` is the position of its first leaf, None above the leaves."""

    tile: Tile
    begins: int | None


def made(read: Iterator[Read]) -> Iterator[Made]:
    """Give the tiles over leaves, from the first on, each once: those that are partial last."""
    size, partial = 0, dict[int, Made]()
    while batch := [*islice(read, BATCH)]:
        before = {level: each.tile.hashes for level, each in partial.items()}
        begun = partial.get(0)
        for tile in tiles.grown(size, before, [hash_ for _, hash_ in batch]):
            begins = None
            if tile.level == 0:
                first = tile.number * WIDTH - size  # of its leaves, among the new
                begins = batch[first][0].position if first >= 0 or begun is None else begun.begins
            partial[tile.level] = Made(tile, begins)
            if tile.width == WIDTH:
                yield partial.pop(tile.level)
        size += len(batch)
    yield from partial.values()
