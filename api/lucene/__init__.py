"""Search: what `q` asks for, a Lucene query string. Source: the InvenioRDM specification, 4."""

from __future__ import annotations

from collections.abc import Sequence

from api.service import Service
from projections import asking
from projections.asking import Compiled
from projections.conditions import All, Condition


def parsed(text: str) -> Condition | None:
    """Return what a query asks for; None: nothing. Raises Invalid for one that is too much."""
    from api.lucene import parser  # what it takes is loaded when somebody searches

    return parser.parsed(text)


async def compiled(
    service: Service, text: str | None, others: Sequence[Condition] = ()
) -> Compiled | None:
    """Return what a query asks for, and other conditions; None: nothing. Raises Invalid."""
    if not text and not others:
        return None

    def found() -> Compiled | None:
        condition = parsed(text) if text else None
        parts = (*others, *(() if condition is None else (condition,)))
        if not parts:
            return None
        return asking.compiled(parts[0] if len(parts) == 1 else All(parts))

    return await service.slow(found)
