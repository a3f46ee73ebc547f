"""Threads that run what blocks, and how they are used: told as a pool of connections tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import perf_counter
from typing import Any, TypeVar

R = TypeVar("R")


class Threads:
    """So many threads; what they are asked beyond that waits its turn."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._lock = Lock()
        self._asked = self._busy = self._waiting = 0
        self._waited = 0.0  # seconds

    async def run(self, function: Callable[..., R], *args: Any) -> R:
        """Run a function on one of them when its turn comes."""
        asked = perf_counter()
        with self._lock:
            self._asked += 1
            self._waiting += 1

        def counted() -> R:
            with self._lock:
                self._waiting -= 1
                self._busy += 1
                self._waited += perf_counter() - asked
            try:
                return function(*args)
            finally:
                with self._lock:
                    self._busy -= 1

        running = self._executor.submit(counted)
        running.add_done_callback(self._ended)
        return await asyncio.wrap_future(running)

    def pop_stats(self) -> dict[str, int]:
        """Return how they are used now and since the last call, named as psycopg_pool's."""
        with self._lock:
            told = {
                "pool_size": self._count,
                "pool_available": self._count - self._busy,
                "requests_waiting": self._waiting,
                "requests_num": self._asked,
                "requests_wait_ms": round(self._waited * 1000),
            }
            self._asked, self._waited = 0, 0.0
        return told

    def shutdown(self) -> None:
        """Return once all that was asked is done."""
        self._executor.shutdown()

    def _ended(self, running: Future[Any]) -> None:
        if running.cancelled():  # while it waited: nobody wants it any more
            with self._lock:
                self._waiting -= 1
