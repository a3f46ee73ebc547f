"""What a worker remembers between requests, and how it is void at once when it must be.

Everything remembered carries the shared counters as they were before it was read; a revoke or a
change of permission raises a counter before it is acknowledged, and a differing counter voids the
entry in every worker. Source: DESIGN.md "What is remembered is void at once".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.storage.counters import Counters, Kind

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LIFETIME = 60.0  # seconds, whatever the counters say

Void = tuple[Kind, UUID]  # what voids an entry: a kind of counter, and of whom


class Held(Struct, Generic[V], frozen=True):
    """A value, its weight in bytes, when it ends and the counters it stands on."""

    value: V
    weight: int
    ends_at: float
    epoch: int
    stamp: tuple[tuple[Kind, UUID, int], ...]


class Remembered(Generic[K, V]):
    """A dictionary bounded in bytes that forgets the least used, the stale and the void."""

    def __init__(self, counters: Counters | None, capacity: int) -> None:
        """Remember nothing without counters: then nobody could say what is void."""
        self.counters = counters
        self.capacity = capacity  # bytes
        self._held: OrderedDict[K, Held[V]] = OrderedDict()
        self._weight = 0

    def get(self, key: K) -> V | None:
        """Return what is remembered under a key, if it still holds."""
        held = self._held.get(key)
        if held is None or self.counters is None:
            return None
        if self.counters.epoch() != held.epoch:  # else nothing was voided, and this neither
            read = self.counters.read
            for kind, of, value in held.stamp:
                if read(kind, of) != value:
                    self.forget(key)
                    return None
        if held.ends_at < monotonic():
            self.forget(key)
            return None
        self._held.move_to_end(key)
        return held.value

    def epoch(self) -> int:
        """Return the count of everything ever voided: to be taken before a value is read."""
        return 0 if self.counters is None else self.counters.epoch()

    def put(
        self,
        key: K,
        value: V,
        epoch: int,
        *voids: Void,
        weight: int = 1,
        lasts: float = LIFETIME,
    ) -> None:
        """Remember a value, unless something was voided since `epoch`; `lasts` is in seconds.

        Whose counters a value stands on is often known only when it has been read. A raise moves
        the epoch before its own counter, so a counter that moved in between shows in the epoch.
        """
        if self.counters is None or weight > self.capacity:
            return
        read = self.counters.read
        stamp = tuple((kind, of, read(kind, of)) for kind, of in voids)
        if self.counters.epoch() != epoch:
            return
        self.forget(key)
        self._held[key] = Held(value, weight, monotonic() + min(lasts, LIFETIME), epoch, stamp)
        self._weight += weight
        while self._weight > self.capacity:
            _, oldest = self._held.popitem(last=False)
            self._weight -= oldest.weight

    def forget(self, key: K) -> None:
        """Drop a key."""
        held = self._held.pop(key, None)
        if held is not None:
            self._weight -= held.weight
