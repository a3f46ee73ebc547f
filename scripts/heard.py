"""A child of the supervisor that says when it has come up."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from scripts.children import Child

Say = Callable[[], None]


class Heard(Child):
    """A child whose work is told how to say it: a byte into a pipe, `times` of them in all.

    `heard` closes it: what is started again later says nothing.
    """

    def __init__(
        self, name: str, work: Callable[[Say], None], leave: Callable[[], None], times: int = 1
    ) -> None:
        super().__init__(name, lambda: work(self._say), leave)
        self._silent = times  # that have not been said yet
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._hears = True

    def is_up(self) -> bool:
        """Whether it has said so as often as it is to."""
        with suppress(BlockingIOError):
            self._silent -= len(os.read(self._reading, 4096))
        return self._silent <= 0

    def heard(self) -> None:
        """Listen no longer."""
        self._hears = False
        os.close(self._reading)
        os.close(self._writing)

    def _say(self) -> None:
        if self._hears:
            with suppress(BlockingIOError):  # said often enough
                os.write(self._writing, b".")
