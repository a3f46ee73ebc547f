"""Threads that do one thing over and over for the length of a block."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Crew:
    """As many threads of the same work; it ends when `_stop` is set, as the block's end does."""

    def __init__(self, work: Callable[[], None], many: int) -> None:
        self._stop = Event()
        self._threads = [Thread(target=work, daemon=True) for _ in range(many)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
