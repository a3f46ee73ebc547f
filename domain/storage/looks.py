"""Looks: what the clean-up last did, in a file, so that every process of the machine can say it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from domain.storage.noted import Noted


class Look(Struct, frozen=True):
    """What the last look that was finished removed, and what stands in the way of one since."""

    finished_at: datetime | None = None
    blobs: int = 0
    size: int = 0  # of the blobs, in bytes
    uploads: int = 0
    waits_for: Literal["backup", "repair"] | None = None  # repair: it failed, the log says why
    kept_blobs: int = 0
    kept_size: int = 0  # of them, in bytes


class Looks(Noted[Look]):
    """The file that says it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, Look())
