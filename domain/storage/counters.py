"""Shared counters: what any process remembers is void at once in all when it must be.

Whoever revokes, grants or changes what may be seen raises a counter after its commit and before
it is acknowledged. Source: DESIGN.md "What is remembered is void at once".
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args
from uuid import UUID

from domain.storage.shared import Cells

Kind = Literal["credentials", "permissions", "content", "terms"]

SLOTS = 4096  # a kind; two families in one slot void each other's entries, which does no harm
FIRST: dict[Kind, int] = {kind: 1 + at * SLOTS for at, kind in enumerate(get_args(Kind))}
EPOCH = 0  # the cell that counts every raise


class Counters:
    """One file of counters in the data folder."""

    def __init__(self, path: Path) -> None:
        self._shared = Cells(path, 1 + len(FIRST) * SLOTS)
        self._cells = self._shared.cells

    def read(self, kind: Kind, of: UUID) -> int:
        """Return the counter that stands for an account, a record, a family or a term."""
        return self._cells[FIRST[kind] + of.int % SLOTS]

    def epoch(self) -> int:
        """Return how many raises there ever were."""
        return self._cells[EPOCH]

    def raise_(self, *voids: tuple[Kind, UUID]) -> None:
        """Void what stands on these counters. The epoch goes first: see api/remembered.py."""
        with self._shared.locked() as cells:
            cells[EPOCH] += 1
            for kind, of in voids:
                cells[FIRST[kind] + of.int % SLOTS] += 1
