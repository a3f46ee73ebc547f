"""listed: published records as they are found, counted and faceted. Its SQL is in listed.sql.

What the follower knows is read from its tables (projections/listing.py); what changed since is
evaluated as it stands. So a search sees every write at once, and what was closed no more. A walk by
a cursor sees records as they stood when it began: all that existed then, each once; and by their
datestamps as they stand now, those that changed meanwhile once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from projections import listing, search
from projections.composing import composed, parameters
from projections.cursor import Cursor
from projections.database import Db
from projections.shapes import Page
from projections.wanted import FACETS, Facet, Sort, Wanted

__all__ = ["FACETS", "Facet", "Found", "Sort", "Wanted", "datestamps", "find"]


class Found(Struct, frozen=True):
    """A page in order, and how many there are in all.

    `facets` are (value, count), the most frequent first; what is selected of a facet does not
    narrow its own counts. They are as of now, on a walk too. `next` is the cursor of what follows
    the page; None: nothing does.
    """

    records: tuple[UUID, ...]
    total: int
    facets: dict[Facet, list[tuple[str, int]]]
    next: Cursor | None


class _Answer(Struct, frozen=True, array_like=True):
    """The one row of the statement."""

    total: int
    full: bool | None  # whether the page is ranked by all words
    reached: int  # records on the walk along an index, or all wanted where it ended
    start: str  # the snapshot that this was read from
    facets: list[tuple[Facet, str, int]] | None
    records: list[UUID] | None
    keys: list[str] | None
    numbers: list[int] | None


async def find(db: Db, wanted: Wanted) -> Found:
    """Return a page of what is wanted. Raises Invalid: too slow, or no place to go on from."""
    if wanted.after is not None:
        wanted.after.require(wanted.sorted)
    begun = datetime.now(UTC)
    params = parameters(wanted)
    answer = await _ask(db, wanted, "page_near", params)
    # It went as far as it may, and others follow; from the first record on it may have met all.
    seen = params["needed"] if wanted.after is not None else min(params["needed"], answer.total)
    if wanted.condition is None and answer.reached < seen:
        answer = await _ask(db, wanted, "page_sought", params)
    return _found(wanted, answer, begun)


async def datestamps(db: Db, records: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return those of published records (Wanted), whoever may see them."""
    return dict(await search.ask(db, listing.SQL["datestamps"], {"records": list(records)}))


async def _ask(db: Db, wanted: Wanted, page: Page, params: dict[str, Any]) -> _Answer:
    (row,) = await search.ask(db, composed(wanted, page), params)
    return _Answer(*row)


def _found(wanted: Wanted, answer: _Answer, begun: datetime) -> Found:
    total, start = answer.total, answer.start
    if wanted.after is not None:
        total, start, begun = wanted.after.total, wanted.after.start, wanted.after.begun
    facets: dict[Facet, list[tuple[str, int]]] = {}
    if wanted.facets:
        facets = {facet: [] for facet in FACETS}
        for facet, value, count in answer.facets or ():
            facets[facet].append((value, count))
    records, more = answer.records or [], None
    if len(records) > wanted.limit > 0:
        assert answer.keys is not None  # noqa: S101 - they come with the records
        assert answer.numbers is not None  # noqa: S101 - so do these
        last = wanted.limit - 1
        more = Cursor(
            begun,
            start,
            wanted.sorted,
            answer.keys[last],
            answer.numbers[last],
            total,
            answer.full,
        )
    return Found(tuple(records[: wanted.limit]), total, facets, more)
