"""What terms say, for answers that show them.

It is asked at every read, so that a changed title shows at once in everything that refers to it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from api.service import Service
from domain.term import Term
from projections import terms

WEIGHT = 1000  # bytes of a term beside its texts


async def find(service: Service, refs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Term]:
    """Return those of these terms that there are, retired ones too; at most one look-up."""
    remembered = service.terms
    epoch = remembered.epoch()
    found: dict[tuple[str, str], Term] = {}
    missing = []
    for ref in refs:
        known = remembered.get(ref)
        if known is None:
            missing.append(ref)
        else:
            found[ref] = known
    if missing:
        read = await terms.find(service.db, missing)
        for ref, term in read.items():
            weight = WEIGHT + 2 * len(msgspec.json.encode(term.content))
            remembered.put(ref, term, epoch, ("terms", term.id), weight=weight)
        found |= read
    return found
