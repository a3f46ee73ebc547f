"""Which published records somebody wants, and how they are sorted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from msgspec import Struct

from projections.asking import Compiled
from projections.cursor import Cursor

Sort = Literal["bestmatch", "newest", "oldest", "updated-desc", "updated-asc", "version"]
Order = Literal[Sort, "datestamp"]  # the last is for harvesters: ascending
Facet = Literal["resource_type", "access_status", "languages", "publication_date", "file_type"]

FACETS: tuple[Facet, ...] = get_args(Facet)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which published records, of those that the principals may view, and which page of them.

    SIGNED_IN is among the principals of who has signed in, EVERYONE among all. `after` is a place
    (Found.next): what follows is as it stood when its walk began, and `offset` counts from there.
    `selected` are values of facets, of each of which a record has one; a resource type stands for
    its subtypes too.

    A record's datestamp is when what everybody sees of it last changed: its newest version, its
    access since, a grant to EVERYONE, a community that everybody sees and it came into or left, or
    that was opened, closed, moved or ended with it; or it is when its embargo ended. On a walk by
    datestamps what changes has a new one: it comes once more, at its new place.
    """

    principals: tuple[UUID, ...]
    condition: Compiled | None = None  # None: all
    since: datetime | None = None  # of datestamps, the first
    before: datetime | None = None  # and the end, itself not among them
    sort: Order = "newest"
    limit: int = 10
    offset: int = 0
    after: Cursor | None = None
    all_versions: bool = False  # or the latest record of each family alone
    selected: dict[Facet, tuple[str, ...]] = {}
    facets: bool = True  # whether they are counted

    @property
    def sorted(self) -> Order:
        """How they are sorted: where no words are asked for, none match better than others."""
        ranked = self.condition is not None and self.condition.words is not None
        return "newest" if self.sort == "bestmatch" and not ranked else self.sort
