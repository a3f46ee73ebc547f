"""What terms say, for answers that show them.

It is asked at every read, so that a changed title shows at once in everything that refers to it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.remembered import Remembered
from domain.storage.counters import Counters
from domain.term import Term
from projections import terms
from projections.database import Db

CAPACITY = 4 << 20  # bytes of terms that a worker remembers
WEIGHT = 1000  # bytes of a term beside its texts

Ref = tuple[str, str]  # as domain.term.Ref


class Vocabulary:
    """A worker's way to the terms, and what it remembers of them."""

    def __init__(self, db: Db, counters: Counters | None) -> None:
        self._db = db
        self._remembered: Remembered[Ref, Term] = Remembered(counters, CAPACITY)

    async def find(self, refs: Iterable[Ref]) -> dict[Ref, Term]:
        """Return those of these terms that there are, retired ones too; at most one look-up."""
        epoch = self._remembered.epoch()
        known = {ref: self._remembered.get(ref) for ref in refs}
        found = {ref: term for ref, term in known.items() if term is not None}
        missing = [ref for ref, term in known.items() if term is None]
        if missing:
            read = await terms.find(self._db, missing)
            for ref, term in read.items():
                weight = WEIGHT + 2 * len(msgspec.json.encode(term.content))
                self._remembered.put(ref, term, epoch, ("terms", term.id), weight=weight)
            found |= read
        return found
