"""Room on the data folder's file system, and the reserve that keeps reads alive without it.

PostgreSQL stops when it cannot extend its write-ahead log, and then nothing is read either. So
writes are refused while there is still room for one more segment of it. No file is set aside.
Source: DESIGN.md "Processes and growth".
"""

from __future__ import annotations

import os
from pathlib import Path

from domain.errors import OutOfSpace


class Space:
    """The file system that a folder lies on; `reserve` is in bytes."""

    def __init__(self, folder: Path, reserve: int) -> None:
        self.folder = folder
        self.reserve = reserve

    def free(self) -> int:
        """Return the bytes that are free to us."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def problem(self, size: int = 0) -> str | None:
        """Say that there is too little room for `size` more bytes, or None."""
        free = self.free()
        if free >= self.reserve + size:
            return None
        return f"The disk is full: {free} bytes are free, and {self.reserve} are kept in reserve."

    def require(self, size: int = 0) -> None:
        """Pass when there is room for `size` more bytes. Raises OutOfSpace."""
        problem = self.problem(size)
        if problem is not None:
            raise OutOfSpace(f"{problem} Nothing was stored; reading goes on.")

    def require_for_ending(self) -> None:
        """Pass while half of the reserve is left. Raises OutOfSpace.

        What ends a credential takes some of the reserve: it is little, and cannot wait.
        """
        if self.free() < self.reserve // 2:
            self.require()
