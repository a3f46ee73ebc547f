"""listed: published records as they are found, counted and faceted. Its SQL is in listed.sql."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

from projections.asking import Compiled
from projections.database import Db

Sort = Literal["bestmatch", "newest", "oldest", "updated-desc", "updated-asc", "version"]
Facet = Literal["resource_type", "access_status", "languages", "publication_date", "file_type"]


class Wanted(Struct, frozen=True, kw_only=True):
    """Which published records, of those that the principals may view, and which page of them.

    SIGNED_IN is among the principals of who has signed in, EVERYONE among all. `after` is a cursor
    (Found.next): what follows is as it stood when its walk began, and `offset` counts from there.
    `selected` are values of facets, of each of which a record has one.
    """

    principals: tuple[UUID, ...]
    condition: Compiled | None = None  # None: all
    sort: Sort = "newest"  # bestmatch without words is newest
    limit: int = 10
    offset: int = 0
    after: str | None = None
    all_versions: bool = False  # or the latest record of each family alone
    selected: dict[Facet, tuple[str, ...]] = {}
    facets: bool = True  # whether they are counted


class Found(Struct, frozen=True):
    """A page in order, and how many there are in all: `exact`, or at least.

    `facets` are (value, count), the most frequent first; what is selected of a facet does not
    narrow its own counts. `next` is the cursor of what follows the page; None: nothing does.
    """

    records: tuple[UUID, ...]
    total: int
    exact: bool
    facets: dict[Facet, list[tuple[str, int]]]
    next: str | None


async def find(db: Db, wanted: Wanted) -> Found:
    """Return a page of what is wanted. Raises Invalid: too slow, or no such cursor."""
    raise NotImplementedError  # the next step makes it
