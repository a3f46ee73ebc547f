"""A small file of 64-bit cells that all processes of a machine share."""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CELL = 8  # bytes


class Cells:
    """Cells by index, all 0 in a new file. Reading takes no lock: an aligned cell is whole."""

    def __init__(self, path: Path, count: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            # Room for every cell: writing to a hole of a full disk would kill the process.
            os.posix_fallocate(descriptor, 0, count * CELL)
            self._map = mmap.mmap(descriptor, count * CELL)
        finally:
            os.close(descriptor)
        self.path = path
        self.cells = memoryview(self._map).cast("Q")

    @contextmanager
    def locked(self) -> Iterator[memoryview]:
        """Give the cells to this process alone, to change them. Taken again on every use.

        The lock is on a descriptor of its own: one that a fork shared would lock nobody out.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield self.cells
        finally:
            os.close(descriptor)
