"""Failed sign-ins of a name from an address, counted by all workers of a machine together.

Names that share a slot share its count: that only ever delays who fails, for the right password
passes whatever the count. Source: DESIGN.md "Who may do what".
"""

from __future__ import annotations

from hashlib import blake2b
from math import ceil
from pathlib import Path
from time import time

from domain.storage.shared import Cells

SLOTS = 16384
LIMIT = 10  # failures
WINDOW = 60  # seconds


class Failures:
    """One file of windows: in each slot, when its window began (seconds) and the count in it."""

    def __init__(self, path: Path) -> None:
        self._shared = Cells(path, 2 * SLOTS)

    def record(self, key: str) -> None:
        """Count a failure."""
        at = _slot(key)
        now = int(time())
        with self._shared.locked() as cells:
            if now - cells[at] >= WINDOW:
                cells[at], cells[at + 1] = now, 0
            cells[at + 1] += 1

    def retry_after(self, key: str) -> int | None:
        """Return the seconds to wait, or None while there were fewer failures than the limit."""
        at = _slot(key)
        began, count = self._shared.cells[at], self._shared.cells[at + 1]
        left = began + WINDOW - time()
        return ceil(left) if count >= LIMIT and left > 0 else None


def _slot(key: str) -> int:
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) % SLOTS * 2
