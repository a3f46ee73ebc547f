"""Pools: how the connections that a worker reads and writes with are used, sampled every second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from prometheus_client import Counter, Gauge

from api.watching.shared import make_room

LABELS = ["pool"]
OPEN = Gauge(
    "muniment_pool_connections",
    "Connections that workers hold; writers are threads, each with one of its own.",
    LABELS,
    registry=None,
    multiprocess_mode="livesum",
)
BUSY = Gauge(
    "muniment_pool_busy",
    "Connections that are in use.",
    LABELS,
    registry=None,
    multiprocess_mode="livesum",
)
WAITING = Gauge(
    "muniment_pool_waiting",
    "Reads and writes that wait for a connection.",
    LABELS,
    registry=None,
    multiprocess_mode="livesum",
)
TAKEN = Counter(
    "muniment_pool_taken_total", "Times that a connection was asked for.", LABELS, registry=None
)
WAITED = Counter(
    "muniment_pool_waited_seconds_total",
    "Time that reads and writes waited for a connection.",
    LABELS,
    registry=None,
)


class Pool(Protocol):
    """What says how it is used, as psycopg_pool does."""

    def pop_stats(self) -> dict[str, int]:
        """Return how it is used now, and since the last call."""
        ...


class Pools:
    """The pools of one worker, by name."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = pools

    def tell(self) -> None:
        """Say how they are used now. Raises OSError where there is no room for it."""
        make_room("counter")
        make_room("gauge_livesum")
        for name, pool in self._pools.items():
            now = pool.pop_stats()
            OPEN.labels(name).set(now["pool_size"])
            BUSY.labels(name).set(now["pool_size"] - now["pool_available"])
            WAITING.labels(name).set(now["requests_waiting"])
            TAKEN.labels(name).inc(now.get("requests_num", 0))
            WAITED.labels(name).inc(now.get("requests_wait_ms", 0) / 1000)
