"""A small file of 64-bit cells that all processes of a machine share."""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

CELL = 8  # bytes

_threads = Lock()  # of this process, whichever file they change


class Cells:
    """Cells by index, all 0 in a new file. Reading takes no lock: an aligned cell is whole."""

    def __init__(self, path: Path, count: int) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._descriptor)
        # Room for every cell: writing to a hole of a full disk would kill the process.
        os.posix_fallocate(self._descriptor, 0, count * CELL)
        self.cells = memoryview(mmap.mmap(self._descriptor, count * CELL)).cast("Q")

    @contextmanager
    def locked(self) -> Iterator[memoryview]:
        """Give the cells to this thread alone, to change them.

        Nothing is opened for it: it must not fail because the disk does, or for want of
        descriptors. The file's lock is of the kind that belongs to a process, so that forks that
        share the descriptor lock one another out.
        """
        with _threads:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
            try:
                yield self.cells
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN)
