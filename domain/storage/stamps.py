"""Who wrote an aggregate last, as far as a machine's processes tell each other.

A mark is 64 random bits in a cell that many aggregates share. It is written after a save without a
lock: two writers at once may leave either mark, and whoever trusts the wrong one finds out when it
saves (domain/recent.py).
"""

from __future__ import annotations

from pathlib import Path
from random import getrandbits
from uuid import UUID

from domain.storage.shared import Cells

SLOTS = 1 << 16


class Stamps:
    """One file of marks in the data folder."""

    def __init__(self, path: Path) -> None:
        self._cells = Cells(path, SLOTS).cells

    def read(self, of: UUID) -> int:
        """Return the mark of an aggregate's last writer."""
        return self._cells[of.int % SLOTS]

    def mark(self, of: UUID) -> int:
        """Say that this process has written an aggregate, and return the mark."""
        made = getrandbits(64)
        self._cells[of.int % SLOTS] = made
        return made
