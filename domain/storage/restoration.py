"""A restore under way, written down in the data folder: what is half there is not served.

Whoever finds the note after a crash is told to restore again, which goes on.
"""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

from domain.errors import Conflict
from domain.storage.durable import sync_folder


class Restoration:
    """The note in a data folder: where the backup is."""

    def __init__(self, data: Path) -> None:
        self._path = data.absolute() / "restoring"

    @property
    def under_way(self) -> bool:
        """Whether a restore has begun, and has not ended."""
        return self._path.exists()

    def begin(self, source: Path) -> None:
        """Write it down, durably. Raises OSError."""
        with self._path.open("wb") as file:
            file.write(os.fsencode(source))
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._path.parent)

    def end(self) -> None:
        """Everything is there, and durable."""
        self._path.unlink(missing_ok=True)
        sync_folder(self._path.parent)

    def require_none(self) -> None:
        """Pass when nothing is half restored. Raises Conflict, with the command that goes on."""
        try:
            source = os.fsdecode(self._path.read_bytes())
        except FileNotFoundError:
            return
        again = f" Run `muniment restore {quote(source)}` again, which goes on." if source else ""
        raise Conflict(
            f"A restore into {self._path.parent} broke off, or is under way.{again}"
            " It takes the same options."
        )
