"""Removal: who removes files of a folder, and who needs all of them to stay.

Who removes holds flock(2) on `lock` in the folder alone, for one removal; who keeps a blob shares
it while the blob gets its name and its age, and a backup shares it as long as it copies.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.storage.blobs import Held

LOCK = "lock"
PATIENCE = 1.0  # seconds that a removal waits for who shares the lock: an upload needs it for less


class Removal:
    """The lock on the removal of files of `folder`, and of those below it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have nothing removed until the block's end."""
        with self._opened() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock alone, to remove something in the block. Raises Held."""
        until = time.monotonic() + PATIENCE
        with self._opened() as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise Held(f"Nothing is removed from {self.folder} now.") from None
                time.sleep(0.001)
            yield

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the lock, for the block. Its descriptor is never shared, not even with a fork."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield lock
        finally:
            os.close(lock)
