"""Clients that read without end on kept-alive connections, while what they may is taken away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event, Thread
from typing import NamedTuple

from tests.running import Running

CONNECTIONS = 16
ANSWERED = (200, 304)
REFUSED = (401, 403, 429)
PATIENCE = 30  # seconds
ENOUGH = 3  # answers that each connection has had before something is taken away


class Read(NamedTuple):
    """When a read began, on the monotonic clock, of what, and how it was answered."""

    began: float
    path: str
    status: int


class Audience:
    """Kept-alive connections that read some paths without end, half of them with the ETag."""

    def __init__(self, running: Running, *paths: str, credential: str = "") -> None:
        self.credential = credential  # the header that they show; may be changed, as `query` may
        self.query = ""  # that they ask with: "" or "?…"
        self._host = running.url.removeprefix("http://")
        self._paths = paths
        self._stop = Event()
        self._reads: list[list[Read]] = [[] for _ in range(CONNECTIONS)]
        self._threads = [
            Thread(target=self._read, args=(number,), daemon=True) for number in range(CONNECTIONS)
        ]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Let them read for the block."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def let_in(self) -> None:
        """Wait until each connection was answered some times from now on, and so is remembered."""
        self._since_now(lambda reads: [each in ANSWERED for each in reads].count(True) > ENOUGH)

    def told(self) -> set[tuple[str, int]]:
        """Return the paths and statuses of reads that begin from now on, some on each connection.

        They are those of two reads or more on each.
        """
        return self._since_now(lambda reads: len(reads) > 1)

    def _since_now(self, enough: Callable[[list[int]], bool]) -> set[tuple[str, int]]:
        now = time.monotonic()
        until = now + PATIENCE
        while True:
            reads = [[each for each in one if each.began > now] for one in self._reads]
            if all(enough([each.status for each in one]) for one in reads):
                break
            assert all(thread.is_alive() for thread in self._threads)
            assert time.monotonic() < until, reads
            time.sleep(0.005)
        for one in self._reads:
            one.clear()
        return {(each.path, each.status) for one in reads for each in one}

    def _read(self, number: int) -> None:
        connection = HTTPConnection(self._host, timeout=PATIENCE)
        path = self._paths[number // 2 % len(self._paths)]
        tag = ""
        while not self._stop.is_set():
            shown = {"Authorization": self.credential} if self.credential else {}
            if tag and number % 2:
                shown["If-None-Match"] = tag
            began = time.monotonic()
            connection.request("GET", path + self.query, headers=shown)
            answer = connection.getresponse()
            answer.read()
            tag = answer.headers["ETag"] or tag
            self._reads[number].append(Read(began, path, answer.status))
        connection.close()
