"""The file outside the data folder to which every checkpoint is appended before anybody sees it.

It is what shows that a database was put back to an earlier state. Nothing is ever taken from it:
after a crash in the midst of an append the next stands below what that left.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from domain.evidence import checkpoints
from domain.storage.durable import sync_folder

TAIL = 64 << 10  # bytes from the end in which the last checkpoint is sought first
BATCH = 1 << 20  # bytes in memory at once


class CheckpointFile:
    """Signed checkpoints, the oldest first; of several logs where one came after another."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def last(self, origin: str) -> str | None:
        """Return the last whole checkpoint of a log; None where there is none. Raises OSError."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - TAIL))
                found, _ = checkpoints.in_file(file.read())
                found = _of(origin, found)
        except FileNotFoundError:
            return None
        if not found and size > TAIL:
            found = [*self.all(origin)]
        return found[-1] if found else None

    def all(self, origin: str) -> Iterator[str]:
        """Return every whole checkpoint of a log that is there now. Raises OSError."""
        return self._read(self.path.open("rb"), origin)

    def _read(self, file: BinaryIO, origin: str) -> Iterator[str]:
        left, rest = os.fstat(file.fileno()).st_size, b""

        def notes() -> Iterator[str]:
            nonlocal left, rest
            with file:
                while read := file.read(min(BATCH, left)):
                    left -= len(read)
                    found, rest = checkpoints.in_file(rest[-TAIL:] + read)
                    yield from _of(origin, found)

        return notes()

    def append(self, note: str) -> None:
        """Return once a checkpoint is on the disk. Raises OSError."""
        new = not self.path.exists()
        with self.path.open("ab") as file:
            file.write(f"\n{note}".encode())
            file.flush()
            os.fsync(file.fileno())
        if new:
            sync_folder(self.path.parent)


def _of(origin: str, notes: list[str]) -> list[str]:
    return [each for each in notes if each.startswith(f"{origin}\n")]
