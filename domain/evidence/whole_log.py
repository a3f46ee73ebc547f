"""A whole log checked by its leaves: what was signed of it, and that no stream has a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from domain.evidence import leaf, merkle
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.frontier import Frontier
from domain.evidence.leaf import Header


def check(leaves: Iterable[bytes], checkpoints: Iterable[Checkpoint]) -> Iterator[str]:
    """Give what contradicts the checkpoints, of rising sizes, or what no log of events has.

    Memory holds a line a stream.
    """
    order = _Order()
    said: list[str] = []

    def hashes() -> Iterator[bytes]:
        for each in leaves:
            said.extend(order.add(each))
            yield merkle.leaf_hash(each)

    for each in check_hashes(hashes(), checkpoints):
        yield from said
        said.clear()
        yield each
    yield from said


def check_hashes(hashes: Iterable[bytes], checkpoints: Iterable[Checkpoint]) -> Iterator[str]:
    """Give what contradicts the checkpoints, of rising sizes, in a log of leaves with these hashes.

    Nothing else is needed to see that a log only grew.
    """
    kept = iter(checkpoints)
    wanted = next(kept, None)
    tree = Frontier()
    for each in hashes:
        tree.add(each)
        while wanted is not None and wanted.size == tree.size:
            if wanted.root != tree.root():
                yield f"the first {tree.size} events are others than those that were signed"
            wanted = next(kept, None)
    if wanted is not None:
        yield f"{wanted.size} events were signed, {tree.size} are there"


class _Order:
    """Whether leaves are in order, and those of each stream without a gap."""

    def __init__(self) -> None:
        self._position = -1
        self._streams: dict[UUID, tuple[int, datetime]] = {}

    def add(self, bytes_: bytes) -> Iterator[str]:
        """Give what is wrong with the next leaf."""
        try:
            header: Header = leaf.decode(bytes_)
        except ValueError as error:
            yield f"the leaf after position {self._position} is none: {error}"
            return
        where = f"event {header.version} of the stream {header.stream}"
        if header.position <= self._position:
            yield f"{where} is not after the one before it, position {self._position}"
        self._position = header.position
        version, recorded_at = self._streams.get(header.stream, (0, None))
        if header.version != version + 1:
            yield f"{where} follows event {version} of it"
        if recorded_at is not None and header.recorded_at <= recorded_at:
            yield f"{where} was recorded no later than the one before it"
        self._streams[header.stream] = header.version, header.recorded_at
