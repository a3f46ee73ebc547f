"""Looks: what the clean-up last did, in a file, so that every process of the machine can say it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct


class Look(Struct, frozen=True):
    """What the last look that was finished removed, and what stands in the way of one since."""

    finished_at: datetime | None = None
    blobs: int = 0
    size: int = 0  # of the blobs, in bytes
    uploads: int = 0
    waits_for: Literal["backup", "repair"] | None = None  # repair: it failed, the log says why


class Looks:
    """The file that says it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Look:
        """Return what was noted last."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Look)
        except (OSError, msgspec.MsgspecError):
            return Look()

    def note(self, look: Look) -> None:
        """Have the file say this. Raises OSError."""
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_bytes(msgspec.json.encode(look))
        new.replace(self.path)
