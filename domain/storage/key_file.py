"""A file of keys beside the database: JSON that processes make once and rotate one at a time.

It is replaced as a whole, durably, and closed to other local users.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from domain.errors import Damaged
from domain.storage.durable import sync_folder

Stored = dict[str, Any]


class KeyFile:
    """A JSON object in a file. Whoever writes it, holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, first: Callable[[], Stored]) -> None:
        """Make the file, where there is none."""
        if self.path.exists():
            return
        with self.held():
            if not self.path.exists():
                self.write(first())

    def read(self) -> Stored:
        """Return what the file says. Raises Damaged, FileNotFoundError."""
        try:
            stored = orjson.loads(self.path.read_bytes())
        except ValueError as error:
            raise self.damaged from error
        if not isinstance(stored, dict):
            raise self.damaged
        return stored

    @property
    def damaged(self) -> Damaged:
        """What is said of a file that is none of keys."""
        return Damaged(f"{self.path} holds no keys.")

    def write(self, stored: Stored) -> None:
        """Put something in place of what the file says."""
        made = self._made
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(orjson.dumps(stored))
            file.flush()
            os.fsync(file.fileno())
        made.replace(self.path)
        sync_folder(self.path.parent)

    def tidy(self) -> None:
        """Remove what was written by somebody who ended before it took the file's place.

        Keys lie in it too.
        """
        if self._made.exists():
            with self.held():  # else it may be another's who is just writing
                self._made.unlink(missing_ok=True)

    @property
    def _made(self) -> Path:
        """Where a new file is written: whoever writes, holds the file."""
        return self.path.with_name(f"{self.path.name}.new")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let one process at a time write."""
        lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
