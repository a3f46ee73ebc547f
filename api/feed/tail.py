"""The newest events of the log, read once for all who listen at its head."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from api.feed.items import Item

CAPACITY = 4 << 20  # bytes of events that are kept, beside the last ones that came


class Tail:
    """Every event after `floor`, up to the last one that was added."""

    def __init__(self, position: int) -> None:
        self.floor = self.head = position
        self._items: list[Item] = []
        self._positions: list[int] = []

    def add(self, items: Sequence[Item]) -> None:
        """Append what follows the head; the oldest make room for it."""
        room = CAPACITY - sum(len(each.body) for each in items)
        kept = len(self._items)
        while kept and (room := room - len(self._items[kept - 1].body)) >= 0:
            kept -= 1
        if kept:
            self.floor = self._positions[kept - 1]
            del self._items[:kept], self._positions[:kept]
        self._items += items
        self._positions += [each.position for each in items]
        self.head = self._positions[-1]

    def forget(self) -> None:
        """Keep nothing of what there was: something of it was erased."""
        self.floor = self.head
        self._items.clear()
        self._positions.clear()

    def covers(self, position: int) -> bool:
        """Whether everything that follows a position, and is known here, is kept."""
        return position >= self.floor

    def after(self, position: int, limit: int, weight: int) -> list[Item]:
        """Return up to `limit` events after a position, with about `weight` bytes."""
        found: list[Item] = []
        for item in self._items[bisect_right(self._positions, position) :][:limit]:
            found.append(item)
            weight -= len(item.body)
            if weight <= 0:
                break
        return found
